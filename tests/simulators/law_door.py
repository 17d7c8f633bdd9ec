"""
The law asked in two ways: of policy alone, and of a gateway through its one door over HTTP.

Whoever writes a scenario has a policy input. ``PolicyAlone`` decides it in process.
``DoorOverHTTP`` registers every fact that the input rests on in a gateway that listens, lets
the sender's system ask with a token of its own, and reads the answer off the wire. Both say
the same kind of thing, :class:`Judged`.

Before each question nothing registered is found any more, so that scenarios may share ids.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import sqlalchemy as sa

from gateway.crypto.jwt import sign_jwt
from gateway.crypto.keys import (
    SealingKey,
    SigningKey,
    generate_sealing_key,
    generate_signing_key,
)
from gateway.crypto.pseudonym import reference_digest
from gateway.domain.decisions import decision_from
from gateway.domain.ids import DecisionId
from gateway.domain.log import EntryDraft, EntryType, InsertRow, PutFact, RowChange
from gateway.policy.embedded import EmbeddedPolicy
from gateway.services.recording import Change, Recorder
from tests.simulators.clock import FixedClock
from tests.simulators.house import facts_of, keys_of_fact
from tests.simulators.policy_inputs import T0
from tests.simulators.served import ORIGIN, ServedGateway

__all__ = ["DoorOverHTTP", "Judged", "LawDoor", "PolicyAlone"]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = "application/x-www-form-urlencoded"
# What makes a fact found, a handle known and a habit counted. The facts themselves stay.
_TABLES: Final = ("register_key", "subject", "unit")
_ids: Final = itertools.count()


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What was decided, whoever was asked.

    Attributes:
        label: ``permit``, ``permit_partial``, ``deny`` or ``held``.
        permitted: Fields that pass.
        withheld: Fields that do not, with the codes against them.
        bases: Grounds that carry it.
        reasons: Code to the reason as told: rule, title, article, next step, side.
        duties: Duty codes.
        held_by: Who may lift it.
        alert: Whether an officer is told at once; ``None`` where the asker does not hear it.
    """

    label: str
    permitted: tuple[str, ...]
    withheld: Mapping[str, tuple[str, ...]]
    bases: tuple[str, ...]
    reasons: Mapping[str, Mapping[str, Any]]
    duties: frozenset[str]
    held_by: tuple[str, ...]
    alert: bool | None


class LawDoor(Protocol):
    """Whoever decides a policy input."""

    def ask(self, question: Mapping[str, Any]) -> Judged:
        """Decide it."""
        ...


class PolicyAlone:
    """The rules in force, asked in this process."""

    def __init__(self, policy: EmbeddedPolicy) -> None:
        self._policy = policy

    def ask(self, question: Mapping[str, Any]) -> Judged:
        """Decide a policy input."""
        answer = self._policy.decide_now(question)
        decision = decision_from(answer, DecisionId("decision-1"))
        said = answer.decision
        return Judged(
            label=str(decision.label),
            permitted=tuple(said["fields_permitted"]),
            withheld={w["field"]: tuple(w["codes"]) for w in said["fields_withheld"]},
            bases=tuple(g["basis"] for g in said["grounds"]),
            reasons={r["code"]: r for r in said["reasons"]},
            duties=frozenset(o["code"] for o in said["obligations"]),
            held_by=tuple(said["held_by"]),
            alert=said["alert"],
        )


class DoorOverHTTP:
    """
    A gateway that listens, asked by the sender's own system.

    Args:
        gateway: It listens, with ``clock``.
        url: Its database, to empty the registers between questions.
        clock: The gateway's time.
    """

    def __init__(self, gateway: ServedGateway, url: str, clock: FixedClock) -> None:
        self._gateway, self._clock = gateway, clock
        self._context = gateway.parts.context
        self._recorder = Recorder(self._context)
        self._engine = sa.create_engine(url)
        self._versions: dict[tuple[str, str], int] = {}
        self._client_key = generate_signing_key()
        self._seal_key, self._sign_key = generate_sealing_key(), generate_signing_key()
        self._http = gateway.http()

    @classmethod
    @contextmanager
    def on(cls, url: str, home: Path) -> Iterator["DoorOverHTTP"]:
        """Yield a door on a migrated database of its own."""
        clock = FixedClock(T0)
        with ServedGateway.on(url, home, clock=clock) as gateway:
            door = cls(gateway, url, clock)
            try:
                yield door
            finally:
                door.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._engine.dispose()

    def ask(self, question: Mapping[str, Any]) -> Judged:
        """Register what the input rests on and ask, as its sender."""
        self._clock.set(question["computed"]["now"])
        self._furnish(question)
        sender = question["request"]["sender"]
        answer = self._http.send(
            "POST",
            "/v1/disclosures",
            _json(_body(question)),
            {
                "Authorization": f"Bearer {self._token(sender['system'])}",
                "Tasuki-Actor": sender["actor"],
                "Idempotency-Key": f"law-{next(_ids)}",
                "Content-Type": "application/json",
            },
        )
        assert answer.status in {201, 403}, (answer.status, answer.body)
        (unit,) = answer.json()["units"]
        return Judged(
            label=unit["label"],
            permitted=tuple(unit["fields_permitted"]),
            withheld={w["field"]: tuple(w["codes"]) for w in unit["fields_withheld"]},
            bases=tuple(b["basis"] for b in unit["bases"]),
            reasons={r["code"]: r for r in unit["reasons"]},
            duties=frozenset(o["code"] for o in unit["obligations"]),
            held_by=tuple(unit["held_by"]),
            alert=None,
        )

    # --- arranging -------------------------------------------------------------------------

    def _furnish(self, question: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            for table in _TABLES:
                connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - a constant
        registered, request = question["registered"], question["request"]
        sender, recipient = request["sender"], request["recipient"]
        facts = {(kind, fact["id"]): fact for kind, fact in facts_of(registered)}
        rows = [self._put(kind, fact) for (kind, _), fact in facts.items()]
        rows += [self._put("system", _system(sender)), *self._keys(sender, recipient)]
        self._put_all(*rows, *(self._subject(s, sender["agency"]) for s in registered["subjects"]))

    def _put(self, kind: str, fact: Mapping[str, Any]) -> RowChange:
        version = self._versions.get((kind, fact["id"]), 0)
        self._versions[kind, fact["id"]] = version + 1
        return PutFact(kind, fact["id"], version, fact, keys_of_fact(kind, fact))

    def _keys(self, sender: Mapping[str, Any], recipient: Mapping[str, Any]) -> list[RowChange]:
        kept = (
            ("client", sender["agency"], sender["system"], self._client_key),
            ("sign", sender["agency"], "", self._sign_key),
            ("seal", recipient["agency"], "", self._seal_key),
        )
        return [self._put("agency_key", _key(use, *of, key)) for use, *of, key in kept]

    def _subject(self, subject: Mapping[str, Any], agency: str) -> RowChange:
        digest = reference_digest(self._context.keys.reference_key(), agency, subject["id"])
        values = {"agency_id": agency, "ref_digest": digest, "person_id": subject["person"]}
        return InsertRow("subject", {"id": subject["id"], **values, "created_at": 0})

    def _put_all(self, *rows: RowChange) -> None:
        draft = EntryDraft(self._context.ids.entry(), EntryType.PAD, self._clock.now(), {})
        self._recorder.record(Change((self._recorder.prepare(draft),), rows))

    def _token(self, system: str) -> str:
        now = self._clock.now() // 1000
        claims = {"iss": system, "sub": system, "aud": ORIGIN, "iat": now, "exp": now + 60}
        assertion = sign_jwt(
            {**claims, "jti": f"law-{next(_ids)}"},
            key=self._client_key,
            typ="client-authentication+jwt",
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        answer = self._http.send(
            "POST", "/oauth/token", urlencode(form).encode(), {"Content-Type": _FORM}
        )
        assert answer.status == 200, answer.body
        token: str = answer.json()["access_token"]
        return token


def _system(sender: Mapping[str, Any]) -> dict[str, Any]:
    names = {"id": sender["system"], "agency": sender["agency"], "name": "窓口"}
    return {
        **names,
        "status": "active",
        "scopes": ["member"],
        "valid_from": 0,
        "valid_to": None,
    }


def _key(use: str, agency: str, system: str, key: SigningKey | SealingKey) -> dict[str, Any]:
    return {
        "id": key.kid,
        "agency": agency,
        "use": use,
        "system": system,
        "jwk": key.public().jwk(),
        "valid_from": 0,
        "valid_to": None,
        "revoked_at": None,
    }


def _body(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request body that asks what a policy input asks."""
    request, registered = question["request"], question["registered"]
    told = request["direction"] in {"oral", "paper", "telephone"}
    return {
        "direction": request["direction"],
        "capacity": request["sender"]["capacity"],
        "recipients": [request["recipient"]],
        "subjects": [request["subject"]],
        "co_subjects": [
            {"subject": s["id"], "relation": s["relation"]}
            for s in registered["subjects"]
            if s["id"] != request["subject"]
        ],
        **{name: request[name] for name in ("purpose", "basis", "refs", "profile", "urgency")},
        "fields": request["fields"],
        "asserted": [
            {
                **{name: a[name] for name in ("subject", "fact", "value", "evidence")},
                "text": a["text"] or "語" * a["text_chars"],
            }
            for a in question["asserted"]
        ],
        **({"occurred_at": question["computed"]["law_at"]} if told else {}),
    }


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
