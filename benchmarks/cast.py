"""
The fictional cast of the measurements, registered through the services themselves.

NPO法人ひだまり hands cases to あおば市社協 with the persons' consent (the known case
``consent_private``). Each person has a handle and a consent of their own, so that no row is
hotter than in life. All dates stand around now, because the gateway reads the real clock.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.bootstrap import Gateway, open_gateway
from gateway.crypto.binding import ALG, ENC, RECORD_TYP, TYP, VERSION, Binding, fields_digest
from gateway.crypto.keys import (
    SealingKey,
    SigningKey,
    generate_sealing_key,
    generate_signing_key,
)
from gateway.crypto.sealing import SignedRecord, seal
from gateway.domain.disclosure import Caller
from gateway.domain.ids import ActorId, AgencyId, SystemId, TenantId
from gateway.policy.cases import read_cases
from gateway.services.acting import Acting
from gateway.services.registers.founding import Founding, found_tenant
from gateway.settings import Settings

__all__ = ["ACTOR", "FIELDS", "RECIPIENT", "RECORD", "SENDER", "SYSTEM", "Cast", "register_cast"]

SENDER: Final = "npo-hidamari"
RECIPIENT: Final = "aoba-shakyo"
SYSTEM: Final = "hidamari-desk"
ACTOR: Final = "hidamari-1"
FIELDS: Final = ("referral.urgency", "subject.name_original", "subject.phones")
RECORD: Final[Mapping[str, Any]] = {
    "referral.urgency": "today",
    "subject.name_original": "佐藤 架空",
    "subject.phones": ["000-0000-0000"],
}

_CASE: Final = "consent_private"
_CITY: Final = "aoba-city"
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Cast:
    """
    Who takes part, as the load generator and the verifier need it.

    Attributes:
        client_key: By which ひだまり authenticates.
        signing_key: By which ひだまり signs records.
        sealing_key: By which 社協 opens them.
        subjects: ひだまり's handles.
        question: A whole policy input of this cast, for who asks the engine directly.
    """

    client_key: SigningKey
    signing_key: SigningKey
    sealing_key: SealingKey
    subjects: tuple[str, ...]
    question: Mapping[str, Any]

    def bodies(self) -> list[str]:
        """Return the body of a request for each subject."""
        return [orjson.dumps(self._body(subject)).decode() for subject in self.subjects]

    def header(self, gateway: str) -> dict[str, Any]:
        """Return an envelope's header but for disclosure and leaf."""
        return {
            "alg": ALG,
            "enc": ENC,
            "typ": TYP,
            "cty": RECORD_TYP,
            "kid": self.sealing_key.kid,
            "v": VERSION,
            "gw": gateway,
            "recipient": RECIPIENT,
            "fields": fields_digest(FIELDS),
        }

    def envelope_beforehand(self, gateway: str) -> str:
        """Return a truly sealed envelope of another disclosure, to take its parts from."""
        binding = Binding(gateway, "beforehand", RECIPIENT, SENDER, bytes(32), frozenset(FIELDS))
        return seal(
            SignedRecord(RECORD),
            binding,
            recipient_key=self.sealing_key.public(),
            signer=self.signing_key,
        )

    def _body(self, subject: str) -> dict[str, Any]:
        request = self.question["request"]
        names = ("direction", "purpose", "basis", "profile", "urgency")
        return {
            **{name: request[name] for name in names},
            "capacity": request["sender"]["capacity"],
            "recipients": [request["recipient"]],
            "subjects": [subject],
            "fields": [{**field, "about": [subject]} for field in request["fields"]],
        }


def register_cast(settings: Settings, *, persons: int) -> Cast:
    """
    Register the cast in a migrated database while no gateway runs on it.

    Args:
        settings: Of the gateway to be measured.
        persons: How many persons consent.
    """
    since = time.time_ns() // 1_000_000 - 90 * _DAY_MS
    question = next(c for c in read_cases(settings.policies_dir) if c.id == _CASE).policy_input
    with open_gateway(settings) as gateway:
        office = _Office(gateway, since, question)
        client_key = office.found()
        signing_key, sealing_key = generate_signing_key(), generate_sealing_key()
        office.key(SENDER, "sign", signing_key.public().jwk())
        office.key(RECIPIENT, "seal", sealing_key.public().jwk())
        subjects = tuple(office.person(f"case-{number}") for number in range(persons))
        asked = office.question(subjects[0])
    return Cast(client_key, signing_key, sealing_key, subjects, asked)


class _Office:
    """Registers one after the other; every date begins at ``since``."""

    def __init__(self, gateway: Gateway, since: int, question: Mapping[str, Any]) -> None:
        self._registers = gateway.registers
        self._context = gateway.context
        self._tenant = TenantId(gateway.settings.tenant)
        self._since = since
        self._case = question
        caller = Caller(
            self._tenant, AgencyId(_CITY), SystemId("city-desk"), frozenset({"member", "operator"})
        )
        self._operator = Acting(caller, ActorId("city-1"))
        own = Caller(self._tenant, AgencyId(SENDER), SystemId(SYSTEM), frozenset({"member"}))
        self._sender = Acting(own, ActorId(ACTOR))

    def found(self) -> SigningKey:
        """Found the tenant, let both agencies join; return the sender's client key."""
        city = {"kind": "municipality", "regime": "public", "country": "JP", "name_ja": "あおば市"}
        found_tenant(
            self._registers.registrar,
            Founding(
                pack="default",
                agency=self._dated({"id": _CITY, "name_en": "Aoba City", **city}),
                system=self._system("city-desk", ["member", "operator"]),
                client_jwk=generate_signing_key().public().jwk(),
                actor=self._actor("city-1", ["municipal_caseworker"]),
            ),
        )
        directory = self._registers.directory
        client_key = generate_signing_key()
        for side, actor in (("sender", ACTOR), ("recipient", "shakyo-1")):
            party = self._case["registered"][side]
            agency = {n: v for n, v in party["agency"].items() if n != "status"}
            directory.register_agency(self._operator, None, terms=self._dated(agency))
            directory.register_actor(
                self._operator,
                None,
                agency["id"],
                terms=self._actor(actor, party["actor"]["roles"]),
            )
        directory.register_system(
            self._operator,
            None,
            SENDER,
            terms=self._system(SYSTEM, ["member"]),
            client_jwk=client_key.public().jwk(),
        )
        return client_key

    def key(self, agency: str, use: str, jwk: Mapping[str, Any]) -> None:
        """Register a key of an agency."""
        self._registers.keys.register(
            self._operator, None, agency, use=use, jwk=jwk, valid_from=self._since
        )

    def person(self, reference: str) -> str:
        """Return a handle for a person who has consented."""
        subject = self._registers.subjects.resolve(self._sender, reference)
        terms = {
            name: value
            for name, value in self._case["registered"]["consents"][0].items()
            if name not in {"id", "person", "taken_by", "withdrawn_at", "imported_at"}
        }
        dates = {"valid_from": self._since, "review_on": None}
        self._registers.consents.register(
            self._sender,
            None,
            subject=subject,
            imported=False,
            terms={**terms, **dates, "valid_to": self._since + 365 * _DAY_MS},
        )
        return subject

    def question(self, subject: str) -> dict[str, Any]:
        """Return the policy input of a request about this person, as the registers are now."""
        registers, case = self._context.registers, self._case
        person = registers.subject(self._tenant, subject)  # type: ignore[arg-type] # an id of ours
        assert person is not None
        consents = registers.facts_by_key(self._tenant, f"person:{person.person_id}")
        now = self._context.clock.now()
        request = {
            **case["request"],
            "sender": {**case["request"]["sender"], "actor": ACTOR, "system": SYSTEM},
            "recipient": {"agency": RECIPIENT, "actor": "shakyo-1"},
            "subject": subject,
            "fields": [{**f, "about": [subject]} for f in case["request"]["fields"]],
        }
        registered = {
            **case["registered"],
            "sender": self._party(SENDER, ACTOR),
            "recipient": self._party(RECIPIENT, "shakyo-1"),
            "subjects": [{"id": subject, "person": person.person_id, "relation": "main"}],
            "consents": [row.fact for row in consents],
        }
        computed = {**case["computed"], "now": now, "law_at": now}
        return {**case, "request": request, "registered": registered, "computed": computed}

    def _party(self, agency: str, actor: str) -> dict[str, Any]:
        facts = {"agency": agency, "actor": actor}
        found = {k: self._context.registers.fact(self._tenant, k, id_) for k, id_ in facts.items()}
        return {kind: None if row is None else row.fact for kind, row in found.items()}

    def _dated(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        return {**terms, "valid_from": self._since, "valid_to": None}

    def _system(self, id_: str, scopes: list[str]) -> dict[str, Any]:
        return self._dated({"id": id_, "name": "事例管理", "scopes": scopes})

    def _actor(self, id_: str, roles: list[str]) -> dict[str, Any]:
        return {
            "id": id_,
            "post_ja": "地域福祉係 係員",
            "roles": roles,
            "term_from": self._since,
            "term_to": self._since + 365 * _DAY_MS,
            "training_until": self._since + 365 * _DAY_MS,
            "department": "",
        }
