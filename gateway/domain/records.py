"""
Fact kinds, the keys they are found by, and the work tables of the door.

One place says how a fact is found, so that whoever registers it and whoever asks for it
cannot disagree. Facts are what policy sees (``$defs`` of ``schemas/policy-input.json``),
plus three kinds that only the gateway reads: ``system``, ``agency_key`` and ``link_offer``.
A ``unit`` row's ``question`` is the policy input without free text, its ``relied_on`` the
key epochs.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.domain.ids import ActorId, AgencyId, PersonId, TenantId

__all__ = [
    "DECLARED_KINDS",
    "DELIVERY_STATES",
    "FACT_KINDS",
    "TASK_STATES",
    "UNIT_STATES",
    "WORK_TABLES",
    "actor_key",
    "agency_key",
    "client_key",
    "conference_key",
    "fact_key",
    "item_key",
    "keys_of",
    "pair_key",
    "person_key",
    "seal_key",
    "sign_key",
    "tenant_key",
    "use_key",
]

# What agencies declare of themselves; see ``services.registers.declarations``.
DECLARED_KINDS = (
    "council_notice",
    "joint_use_notice",
    "use_purpose",
    "department",
    "designation",
    "mode_switch",
    "statutory_request",
    "list_entry",
    "rights_request",
    "rebasing",
    "stalker_notice",
    "flag_source",
)
FACT_KINDS = (
    "tenant",
    "agency",
    "actor",
    "undertaking",
    "consent",
    "protection_flag",
    "conference",
    "agenda_item",
    "participant",
    "information_request",
    "entrustment",
    "appointment",
    "approval",
    "verdict",
    "emergency_agreement",
    *DECLARED_KINDS,
    "system",
    "agency_key",
    "link_offer",
    "policy_in_force",
)

UNIT_STATES = ("refused", "permitted", "released", "told", "lapsed")
DELIVERY_STATES = ("waiting", "opened", "acknowledged", "recalled", "expired")
TASK_STATES = ("open", "done", "cancelled")

# Column name to SQL kind ("text", "int", "blob"); a trailing "?" allows null. The primary
# key is (tenant_id, id) in every table. None of these columns holds case content: field
# ids, codes, opaque ids, digests and ciphertext sealed to the recipient only.
WORK_TABLES: dict[str, dict[str, str]] = {
    "subject": {
        "agency_id": "text",
        "ref_digest": "text",
        "person_id": "text",
        "created_at": "int",
    },
    "disclosure": {
        "direction": "text",
        "sender_agency": "text",
        "sender_actor": "text",
        "sender_system": "text",
        "purpose": "text",
        "request_digest": "text",
        "requested_at": "int",
        "occurred_at": "int?",
        "answers_request": "text?",
    },
    "unit": {
        "disclosure_id": "text",
        "position": "int",
        "sender_agency": "text",
        "recipient_agency": "text",
        "recipient_actor": "text?",
        "asking_actor": "text?",
        "subject_id": "text",
        "person_id": "text",
        "state": "text",
        "label": "text",
        "basis": "text",
        "ad_hoc": "int",
        "question": "text",
        "decision": "text",
        "relied_on": "text",
        "entry_id": "text",
        "leaf_hash": "text",
        "seal_kid": "text?",
        "decided_at": "int",
        "expires_at": "int?",
    },
    "delivery": {
        "decision_id": "text",
        "disclosure_id": "text",
        "sender_agency": "text",
        "recipient_agency": "text",
        "person_id": "text",
        "state": "text",
        "envelope": "blob?",
        "envelope_digest": "text",
        "entry_id": "text",
        "released_at": "int",
        "expires_at": "int",
        "opened_at": "int?",
        "acknowledged_at": "int?",
        "opened_entry_id": "text?",
    },
    "task": {
        "decision_id": "text",
        "disclosure_id": "text",
        "code": "text",
        "bearer": "text",
        "agency_id": "text",
        "params": "text",
        "due_at": "int?",
        "state": "text",
        "done_at": "int?",
        "proof": "text?",
    },
    "request": {
        "asker_agency": "text",
        "asker_actor": "text",
        "controller_agency": "text",
        "purpose": "text",
        "profile": "text",
        "question": "text",
        "sealed_subject": "blob?",
        "state": "text",
        "requested_at": "int",
        "due_at": "int?",
    },
    "idempotency": {
        "request_digest": "text",
        "kind": "text",
        "resource_id": "text",
        "created_at": "int",
    },
    "notice": {
        "recipient_agency": "text",
        "kind": "text",
        "decision_id": "text?",
        "state": "text",
        "created_at": "int",
    },
}


def fact_key(kind: str, id_: str) -> str:
    """Key of one named fact, for example ``consent:…`` or ``approval:…``."""
    return f"{kind}:{id_}"


def tenant_key(tenant_id: TenantId) -> str:
    """Key of the tenant's own entry, which names its policy pack."""
    return f"tenant:{tenant_id}"


def agency_key(agency_id: AgencyId) -> str:
    """Key of an agency's own entry."""
    return f"agency:{agency_id}"


def actor_key(actor_id: ActorId) -> str:
    """Key of an actor, the actor's undertakings and appointments."""
    return f"actor:{actor_id}"


def person_key(person_id: PersonId) -> str:
    """Key of everything registered about a person, whoever registered it."""
    return f"person:{person_id}"


def item_key(item_id: str) -> str:
    """Key of an agenda item, its participants and its requests for information."""
    return f"item:{item_id}"


def conference_key(conference_id: str) -> str:
    """Key of a statutory meeting."""
    return f"conference:{conference_id}"


def pair_key(first: AgencyId, second: AgencyId) -> str:
    """Key of what stands between two agencies, in this direction."""
    return f"pair:{first}:{second}"


def seal_key(agency_id: AgencyId) -> str:
    """Key of the public keys to which one seals for an agency."""
    return f"seal:{agency_id}"


def sign_key(agency_id: AgencyId) -> str:
    """Key of the public keys with which an agency signs records."""
    return f"sign:{agency_id}"


def client_key(client_id: str) -> str:
    """Key of the system that authenticates with this client id."""
    return f"client:{client_id}"


def use_key(agency_id: AgencyId, purpose: str) -> str:
    """Key of the files that an agency uses for a purpose."""
    return f"use_purpose:{agency_id}:{purpose}"


def keys_of(kind: str, tenant_id: TenantId, fact: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Return the keys by which a standing arrangement or a case fact is found.

    Args:
        kind: One of the kinds that stand in ``_KEYS``.
        tenant_id: Whose registers they are.
        fact: Its members, as ``schemas/policy-input.json`` describes them.

    Raises:
        KeyError: The kind has no rule here, or the fact lacks a member.
    """
    return tuple(dict.fromkeys(_KEYS[kind](tenant_id, fact)))


_KEYS: Final[Mapping[str, Callable[[TenantId, Mapping[str, Any]], list[str]]]] = {
    "council_notice": lambda _, f: [conference_key(f["conference"])],
    "joint_use_notice": lambda _, f: [agency_key(a) for a in (f["publisher"], *f["members"])],
    # By purpose: under the agency, every file would enter every decision about its data.
    "use_purpose": lambda _, f: [use_key(f["agency"], p) for p in f["purposes"]],
    "department": lambda _, f: [fact_key("department", f["id"])],
    "designation": lambda _, f: [agency_key(f["agency"])],
    "mode_switch": lambda tenant, _: [tenant_key(tenant)],
    "statutory_request": lambda _, f: [pair_key(f["asked"], f["asked_by"])],
    "list_entry": lambda _, f: [person_key(f["person"])],
    "rights_request": lambda _, f: [person_key(f["person"])],
    "rebasing": lambda _, f: [person_key(f["person"])],
    # By the persons alone: under an agency it would enter decisions about everybody else.
    "stalker_notice": lambda _, f: [*map(person_key, (f["person"], *f["persons"]))],
    "flag_source": lambda tenant, _: [tenant_key(tenant)],
}
