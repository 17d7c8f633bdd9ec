"""
The registers of one tenant, furnished with a small cast through the services themselves.

あおば市 founds the tenant and is its operator; NPO法人ひだまり and あおば市社協 take part. Each has
a person who acts and one more. Nothing is put into the database beside the services.
"""

import itertools
from collections.abc import Mapping
from typing import Any, Final

from gateway.crypto.keys import generate_signing_key
from gateway.domain.disclosure import Caller
from gateway.domain.ids import ActorId, AgencyId, SystemId
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.founding import Founding, found_tenant
from gateway.services.registers.schemas import FactSchemas
from gateway.services.registers.services import RegisterServices
from tests.simulators.house import TENANT, House
from tests.simulators.policy_inputs import DAY, SCHEMAS, T0

__all__ = [
    "APRIL",
    "CITY",
    "HIDAMARI",
    "SHAKYO",
    "RegisterOffice",
    "actor_terms",
    "agency_terms",
    "consent_terms",
    "flag_terms",
    "system_terms",
]

CITY: Final = "aoba-city"
HIDAMARI: Final = "npo-hidamari"
SHAKYO: Final = "aoba-shakyo"
APRIL: Final = 1_806_505_200_000  # 1 April 2027, 00:00 in Japan
_SINCE: Final = T0 - 365 * DAY
_KINDS: Final = {CITY: ("municipality", "public"), HIDAMARI: ("npo", "private")}


class RegisterOffice:
    """The services of a house's tenant, and who may call them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.services = RegisterServices.of(
            house.context, FactSchemas(SCHEMAS / "policy-input.json")
        )
        self._count = itertools.count()
        self.found()
        for agency in (HIDAMARI, SHAKYO):
            self.join(agency)
        for agency in (CITY, HIDAMARI, SHAKYO):
            self.hire(agency, f"{agency}-2")

    def found(self) -> None:
        """Found the tenant with あおば市."""
        found_tenant(
            self.services.registrar,
            Founding(
                pack="default",
                agency=agency_terms(CITY),
                system=system_terms("city-desk", ["member", "operator", "officer"]),
                client_jwk=generate_signing_key().public().jwk(),
                actor=actor_terms(f"{CITY}-1", roles=["municipal_caseworker"]),
            ),
        )

    def join(self, agency: str) -> None:
        """Let an agency join, with a system and a first person."""
        operator, directory = self.operator, self.services.directory
        directory.register_agency(operator, self.key(), terms=agency_terms(agency))
        directory.register_system(
            operator,
            self.key(),
            agency,
            terms=system_terms(f"{agency}-desk", ["member"]),
            client_jwk=generate_signing_key().public().jwk(),
        )
        self.hire(agency, f"{agency}-1")

    def hire(self, agency: str, actor: str, **changes: Any) -> None:
        """Register a person who acts for an agency, or renew one."""
        terms = actor_terms(actor, **changes)
        self.services.directory.register_actor(self.operator, self.key(), agency, terms=terms)

    @property
    def operator(self) -> Acting:
        """The operator."""
        return self.acting(CITY, "operator")

    def acting(self, agency: str, *scopes: str, actor: str = "") -> Acting:
        """Return a person acting for an agency; the first one with the member's scope."""
        caller = Caller(
            TENANT,
            AgencyId(agency),
            SystemId(f"{agency}-desk"),
            frozenset(scopes or {"member"}),
        )
        return Acting(caller, ActorId(actor or f"{agency}-1"))

    def key(self, digest: str = "body", agency: str = CITY) -> IdempotencyKey:
        """Return a key that nobody has used."""
        return IdempotencyKey(AgencyId(agency), f"key-{next(self._count)}", digest)

    def subject(self, agency: str = HIDAMARI, ref: str = "case-1") -> str:
        """Return an agency's handle for one of its references."""
        return self.services.subjects.resolve(self.acting(agency), ref)

    def person(self, subject: str) -> str:
        """Return the person behind a handle, which no member ever sees."""
        found = self.house.context.registers.subject(TENANT, subject)  # type: ignore[arg-type]
        assert found is not None
        return found.person_id

    def fact(self, kind: str, id_: str) -> Mapping[str, Any]:
        """Return a fact as policy would see it."""
        found = self.house.context.registers.fact(TENANT, kind, id_)
        assert found is not None
        return found.fact

    def log_size(self) -> int:
        """Return how many entries the log has."""
        return self.house.context.log.checkpoint(self.house.context.log_id).size


def agency_terms(id_: str, **changes: Any) -> dict[str, Any]:
    """Return the terms of an agency."""
    kind, regime = _KINDS.get(id_, ("shakyo", "private"))
    names = {"name_ja": "架空の機関", "name_en": "A fictional agency"}
    return {
        "id": id_,
        "kind": kind,
        "regime": regime,
        "country": "JP",
        **names,
        "valid_from": _SINCE,
        "valid_to": None,
        **changes,
    }


def system_terms(id_: str, scopes: list[str]) -> dict[str, Any]:
    """Return the terms of a system."""
    return {
        "id": id_,
        "name": "事例管理",
        "scopes": scopes,
        "valid_from": _SINCE,
        "valid_to": None,
    }


def actor_terms(id_: str, **changes: Any) -> dict[str, Any]:
    """Return the terms of a person who acts, whose term ends with March 2027."""
    return {
        "id": id_,
        "post_ja": "地域福祉係 係員",
        "roles": [],
        "term_from": _SINCE,
        "term_to": APRIL,
        "training_until": None,
        "department": "",
        **changes,
    }


def consent_terms(**changes: Any) -> dict[str, Any]:
    """Return the terms of a consent that あおば市社協 may be told."""
    return {
        "capacity": "self",
        "method": "paper",
        "recipient_classes": ["shakyo"],
        "recipients_named": [],
        "recipients_refused": [],
        "purposes": ["refer"],
        "item_classes": ["IDN", "CON"],
        "items_refused": [],
        "valid_from": T0 - DAY,
        "valid_to": T0 + 90 * DAY,
        "review_on": None,
        "counterpart_present": False,
        "given_by": "",
        "given_by_actor": "",
        "interpreter": "none",
        "proof_seen": True,
        "text_version": "consent-2026-04",
        **changes,
    }


def flag_terms(**changes: Any) -> dict[str, Any]:
    """Return the terms of a protection flag."""
    return {
        "kind": "shien_sochi",
        "effective_from": T0 - DAY,
        "valid_to": T0 + 365 * DAY,
        "provisional": False,
        "counterpart_actors": [],
        "counterpart_agencies": [],
        **changes,
    }
