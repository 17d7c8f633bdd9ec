"""
Members of a served gateway, each with keys of its own, who speak to it over HTTP alone.

``Cast.furnish`` lets あおば市 found the tenant and register NPO法人ひだまり and
あおば市社会福祉協議会 the way an operator would.
"""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.verify import Evidence, decision_binding, verify_decision
from gateway.crypto.jwt import sign_jwt
from gateway.crypto.keys import generate_sealing_key, generate_signing_key, seal_to
from gateway.crypto.sealing import SignedRecord, seal
from gateway.services.registers.founding import Founding, found_tenant
from gateway.services.registers.services import RegisterServices
from tests.simulators.description import check_answer
from tests.simulators.served import ORIGIN, Answer, ServedGateway

__all__ = ["CITY", "HIDAMARI", "SHAKYO", "Cast", "Member", "found_by"]

CITY: Final = "aoba-city"
HIDAMARI: Final = "npo-hidamari"
SHAKYO: Final = "aoba-shakyo"

_DAY: Final = 86_400_000
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = "application/x-www-form-urlencoded"
_AGENCIES: Final[Mapping[str, Mapping[str, str]]] = {
    CITY: {
        "kind": "municipality",
        "regime": "public",
        "country": "JP",
        "name_ja": "あおば市",
        "name_en": "Aoba",
    },
    HIDAMARI: {
        "kind": "npo",
        "regime": "private",
        "country": "JP",
        "name_ja": "NPO法人ひだまり",
        "name_en": "Hidamari",
    },
    SHAKYO: {
        "kind": "shakyo",
        "regime": "private",
        "country": "JP",
        "name_ja": "あおば市社会福祉協議会",
        "name_en": "Aoba Council of Social Welfare",
    },
}
_ids: Final = itertools.count()


class Member:
    """
    One agency's system and a person who acts through it.

    Attributes:
        agency: The agency.
        system: Its system, which is also its client id.
        actor: The acting person.
    """

    def __init__(self, agency: str, system: str, actor: str) -> None:
        self.agency, self.system, self.actor = agency, system, actor
        self.client_key = generate_signing_key()
        self.sign_key = generate_signing_key()
        self.seal_key = generate_sealing_key()
        self._gateway: ServedGateway | None = None
        self._token = ""

    def at(self, gateway: ServedGateway) -> "Member":
        """Turn to a gateway, with a new connection and without a token."""
        self._gateway, self._http, self._token = gateway, gateway.http(), ""
        return self

    # --- speaking --------------------------------------------------------------------------

    def assertion(self, **changes: Any) -> str:
        """Return a client assertion, right unless changed."""
        now = int(time.time())
        claims = {
            "iss": self.system,
            "sub": self.system,
            "aud": ORIGIN,
            "iat": now,
            "exp": now + 120,
            "jti": f"assertion-{next(_ids)}-{time.time_ns()}",
        }
        return sign_jwt({**claims, **changes}, key=self.client_key, typ="client-authentication+jwt")

    def token_answer(self, **changes: str) -> Answer:
        """Ask for a token; members of the form may be changed."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self.assertion(),
            **changes,
        }
        body = urlencode(form).encode()
        return self._http.send("POST", "/oauth/token", body, {"Content-Type": _FORM})

    def token(self) -> str:
        """Return an access token, the same until :meth:`at` is called again."""
        if not self._token:
            self._token = self.token_answer().json()["access_token"]
        return self._token

    def headers(self, **changes: str | None) -> dict[str, str]:
        """Return the headers of an ordinary call; a change of ``None`` leaves one out."""
        ordinary = {
            "Authorization": f"Bearer {self.token()}",
            "Tasuki-Actor": self.actor,
            "Idempotency-Key": f"key-{next(_ids)}",
            "Content-Type": "application/json",
        }
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        return {n: v for n, v in {**ordinary, **named}.items() if v is not None}

    def send(self, method: str, path: str, body: bytes | None = None, **headers: Any) -> Answer:
        """Send bytes as they are; an answer in JSON has to be as the description says."""
        answer = self._http.send(method, path, body, self.headers(**headers))
        media = answer.headers.get("content-type", "")
        if media in {"application/json", "application/problem+json"} and answer.body:
            check_answer(method, path, answer.status, media, answer.json())
        return answer

    def get(self, path: str, **headers: Any) -> Answer:
        """Read."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Mapping[str, Any], **headers: Any) -> Answer:
        """Send JSON."""
        return self.send("POST", path, _json(body), **headers)

    def put(self, path: str, body: Mapping[str, Any], **headers: Any) -> Answer:
        """Put JSON."""
        return self.send("PUT", path, _json(body), **headers)

    def made(self, path: str, body: Mapping[str, Any], **headers: Any) -> dict[str, Any]:
        """Send JSON that has to make something; return it."""
        answer = self.post(path, body, **headers)
        assert answer.status == 201, (path, answer.status, answer.body)
        found: dict[str, Any] = answer.json()
        return found

    # --- acting ----------------------------------------------------------------------------

    def subject(self, local_ref: str) -> str:
        """Return the handle for one of the agency's references."""
        answer = self.post("/v1/subjects/resolve", {"local_ref": local_ref})
        assert answer.status in {200, 201}, answer.body
        subject: str = answer.json()["subject"]
        return subject

    def publish_keys(self, member: "Member") -> None:
        """Register, as the operator, the keys by which a member seals and signs."""
        for use, jwk in (
            ("seal", member.seal_key.public().jwk()),
            ("sign", member.sign_key.public().jwk()),
        ):
            self.made(f"/v1/agencies/{member.agency}/keys", {"use": use, "jwk": jwk})

    def disclosure(self, subject: str, recipient: str, **changes: Any) -> dict[str, Any]:
        """Return a request for a referral of one person to one agency."""
        fields = [
            {
                "id": id_,
                "classes": [class_],
                "about": [subject],
                "my_number": "clear",
                "screener": "screen-1",
                "origin": "own",
            }
            for id_, class_ in (("subject.name_original", "IDN"), ("subject.phones", "CON"))
        ]
        return {
            "direction": "push",
            "capacity": {"kind": "own_business", "ref": ""},
            "recipients": [{"agency": recipient}],
            "subjects": [subject],
            "purpose": "refer",
            "profile": "referral_basic",
            "fields": fields,
            **changes,
        }

    def payload(self, unit: Mapping[str, Any], trusted: TrustedLog) -> dict[str, Any]:
        """Return an upload sealed for a permitted unit, after verifying its evidence."""
        evidence = Evidence.from_json(unit["evidence"])
        verify_decision(evidence, trusted, expected={"recipient_agency": unit["recipient"]})
        envelope = seal(
            SignedRecord({f: f"値 {f}" for f in unit["fields_permitted"]}),
            decision_binding(evidence, gateway=ORIGIN),
            recipient_key=seal_to(unit["recipient_key"]["jwk"]),
            signer=self.sign_key,
        )
        return {
            "decision_id": unit["decision_id"],
            "fields": unit["fields_permitted"],
            "envelope": envelope,
        }


@dataclass(frozen=True, slots=True)
class Cast:
    """
    The members of a served gateway.

    Attributes:
        city: あおば市: operator, officer and member.
        hidamari: NPO法人ひだまり.
        shakyo: あおば市社会福祉協議会.
    """

    gateway: ServedGateway
    city: Member
    hidamari: Member
    shakyo: Member

    @classmethod
    @contextmanager
    def on(cls, url: str, home: Path, **settings: Any) -> Iterator["Cast"]:
        """Yield the members of a new gateway; see ``ServedGateway.on``."""
        city = Member(CITY, "city-desk", "city-1")
        with ServedGateway.on(url, home, before=found_by(city), **settings) as gateway:
            yield cls.furnish(gateway, city)

    @classmethod
    def furnish(cls, gateway: ServedGateway, city: Member) -> "Cast":
        """Register everybody over HTTP; ``city`` has founded the tenant before."""
        operator = city.at(gateway)
        others = [_joined(operator, gateway, agency) for agency in (HIDAMARI, SHAKYO)]
        for member in (city, *others):
            operator.publish_keys(member)
        return cls(gateway, city, *others)

    @property
    def trusted(self) -> TrustedLog:
        """The log, as a member knows it from elsewhere."""
        return TrustedLog.of(self.gateway.parts.published.log_vkeys)

    def consented(self, local_ref: str, **changes: Any) -> tuple[str, str]:
        """Return a handle of あおば市 and a consent to be referred to ひだまり."""
        subject = self.city.subject(local_ref)
        now = _now()
        consent = {
            "subject": subject,
            "capacity": "self",
            "method": "paper",
            "recipient_classes": ["npo"],
            "purposes": ["refer"],
            "item_classes": ["IDN", "CON"],
            "valid_from": now - _DAY,
            "valid_to": now + 90 * _DAY,
            "text_version": "2026-04",
            **changes,
        }
        return subject, self.city.made("/v1/consents", consent)["id"]


def found_by(city: Member) -> Any:
    """Return what founds the tenant before a gateway listens; see ``ServedGateway.on``."""

    def found(app: FastAPI) -> None:
        registers: RegisterServices = app.state.parts.service(RegisterServices)
        found_tenant(
            registers.registrar,
            Founding(
                pack="default",
                agency={"id": city.agency, **_AGENCIES[CITY], **_dated("valid")},
                system={
                    "id": city.system,
                    "name": "事例管理",
                    "scopes": ["member", "officer", "operator"],
                    **_dated("valid"),
                },
                client_jwk=city.client_key.public().jwk(),
                actor=_person(city.actor, ["municipal_caseworker", "privacy_officer"]),
            ),
        )

    return found


def _joined(operator: Member, gateway: ServedGateway, agency: str) -> Member:
    member = Member(agency, f"{agency}-desk", f"{agency}-1")
    operator.made("/v1/agencies", {"id": agency, **_AGENCIES[agency], **_dated("valid")})
    operator.made(
        f"/v1/agencies/{agency}/systems",
        {
            "id": member.system,
            "name": "窓口",
            "scopes": ["member"],
            **_dated("valid"),
            "client_jwk": member.client_key.public().jwk(),
        },
    )
    operator.made(f"/v1/agencies/{agency}/actors", _person(member.actor, ["npo_worker"]))
    return member.at(gateway)


def _person(actor: str, roles: list[str]) -> dict[str, Any]:
    dates = {**_dated("term"), "training_until": None, "department": ""}
    return {"id": actor, "post_ja": "相談支援員", "roles": roles, **dates}


def _dated(name: str) -> dict[str, int | None]:
    return {f"{name}_from": _now() - 365 * _DAY, f"{name}_to": None}


def _now() -> int:
    return time.time_ns() // 1_000_000


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
