"""
What the log says of the door: the readable body of each entry, before it is committed to.

Names and encodings are those of ``schemas/audit-body.json``. A body holds field ids, codes,
opaque ids and digests; never a value of a case.
"""

from collections.abc import Mapping
from typing import Any

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import b64u, digest_text
from gateway.crypto.pseudonym import register_entry_id
from gateway.domain.disclosure import Decision, Obligation
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DecisionId,
    EntryId,
    Millis,
    PersonId,
    SystemId,
)
from gateway.domain.log import EntryDraft, EntryType, JSONValue
from gateway.ports.registers import Row
from gateway.services.facts import words_of_the_day
from gateway.services.judging import Judgement
from gateway.services.units import KeptUnit

__all__ = [
    "DECISION_FIELDS",
    "DELIVERY_FIELDS",
    "SHOWN_TO_MEMBERS",
    "decision_draft",
    "delivery_draft",
    "dry_run_entry_id",
    "obligation_draft",
    "release_draft",
    "request_draft",
    "told_draft",
]

# Everything of a decision or release but the whole question, answer and facts, which are for
# officers and for replay, and but why it was refused: some reasons only officers may hear.
SHOWN_TO_MEMBERS = (
    "article",
    "asserted_facts",
    "basis",
    "decision_entry",
    "decision_id",
    "decision_leaf",
    "delivery_id",
    "direction",
    "disclosure_id",
    "dry_run",
    "envelope_digest",
    "expires_at",
    "field_ids",
    "fields_digest",
    "law_at",
    "obligations",
    "occurred_at",
    "outcome",
    "policy_revision",
    "profile",
    "purpose",
    "recipient_actor",
    "recipient_agency",
    "recipient_kid",
    "requested_at",
    "sealed_by",
    "sender_actor",
    "sender_agency",
    "subject",
    "urgency",
)
# What a recipient is shown of a release: nothing that names the sender's own handle.
DELIVERY_FIELDS = tuple(f for f in SHOWN_TO_MEMBERS if f not in {"subject", "sender_actor"})

# And of the decision behind it: enough to see that it permits what was released.
DECISION_FIELDS = (
    "article",
    "basis",
    "decision_id",
    "disclosure_id",
    "field_ids",
    "outcome",
    "policy_revision",
    "purpose",
    "recipient_agency",
    "sender_agency",
)


def decision_draft(
    judgement: Judgement,
    entry_id: EntryId,
    *,
    purpose_ja: str,
    expires_at: Millis | None,
    request_digest: str = "",
    dry_run: bool = False,
) -> EntryDraft:
    """
    Return the entry that says whether something may pass, permit and refusal alike.

    Args:
        judgement: What was asked and decided.
        entry_id: The entry's id.
        purpose_ja: The purpose's Japanese label of today.
        expires_at: Until when a permit can be used; ``None`` without one.
        request_digest: Digest of the request that came with a key; empty else.
        dry_run: Whether it was only asked, so that nothing can ever pass under it.
    """
    unit, decision = judgement.unit, judgement.decision
    request, answer = unit.request, judgement.answer
    body: dict[str, JSONValue] = {
        **_parties(judgement),
        "decision_id": decision.decision_id,
        "recipient_actor": unit.recipient.actor_id or "",
        "profile": request.profile,
        "urgency": request.urgency,
        "basis_named": request.basis,
        "basis": tuple(dict.fromkeys(decision.bases)),
        "article": tuple(dict.fromkeys(decision.articles)),
        "stops": decision.stops,
        "outcome": str(decision.outcome),
        "field_ids": decision.permitted,
        "withheld": [{"field": w.id, "codes": w.codes} for w in decision.withheld],
        "reasons": tuple(dict.fromkeys(r.code for r in decision.reasons)),
        "held_by": decision.held_by,
        "alert": decision.alert,
        "obligations": _duties(decision),
        "asserted_facts": decision.asserted,
        "policy_revision": decision.policy_revision,
        "engine": decision.engine,
        "policy_input": judgement.question,
        "policy_decision": {} if answer is None else answer.decision,
        "facts": [
            {"kind": f.kind, "id": f.id, "version": f.version} for f in judgement.facts.facts
        ],
        "law_at": request.law_at,
        "requested_at": request.requested_at,
        "expires_at": expires_at,
        "occurred_at": request.occurred_at,
        "recorded_late_reason": request.late_reason,
        "request_digest": request_digest,
        "labels_ja": words_of_the_day(unit, judgement.facts, purpose_ja),
        **({"dry_run": True} if dry_run else {}),
    }
    return EntryDraft(entry_id, EntryType.DECISION, judgement.at, body, judgement.persons)


def dry_run_entry_id(reference_key: bytes, decision_id: DecisionId) -> EntryId:
    """
    Return the id of the entry of a dry run, which has no row that could lead there.

    Random to the world, and found again from the decision by whoever keeps the keys.
    """
    return EntryId(register_entry_id(reference_key, "dry_run", decision_id, 1))


def told_draft(
    judgement: Judgement, entry_id: EntryId, *, decision_leaf: bytes, purpose_ja: str
) -> EntryDraft:
    """Return the entry that says that something permitted was told, outside the gateway."""
    request, decision = judgement.unit.request, judgement.decision
    body: dict[str, JSONValue] = {
        **_parties(judgement),
        **_release_of(decision, request.law_at),
        "decision_leaf": b64u(decision_leaf),
        "delivery_id": "",
        "recipient_actor": judgement.unit.recipient.actor_id or "",
        "field_ids": decision.permitted,
        "envelope_digest": "",
        "sealed_by": "nobody",
        "occurred_at": request.occurred_at,
        "recorded_late_reason": request.late_reason,
        "labels_ja": words_of_the_day(judgement.unit, judgement.facts, purpose_ja),
    }
    return EntryDraft(entry_id, EntryType.RELEASE, judgement.at, body, judgement.persons)


def release_draft(
    unit: KeptUnit,
    entry_id: EntryId,
    *,
    at: Millis,
    envelope: Mapping[str, JSONValue],
    expires_at: Millis,
    labels_ja: Mapping[str, JSONValue],
) -> EntryDraft:
    """
    Return the entry that says that an envelope passed.

    Args:
        unit: The permitted unit.
        entry_id: The entry's id.
        at: When.
        envelope: ``delivery_id``, ``field_ids``, ``envelope_digest``, ``fields_digest`` and
            ``recipient_kid``.
        expires_at: Until when it waits to be opened.
        labels_ja: Words of the day.
    """
    said: Mapping[str, Any] = unit.question["request"]
    sender = said["sender"]
    co_subjects = unit.question["co_subjects"]
    body: dict[str, JSONValue] = {
        **_release_of(unit.decision, at),
        **envelope,
        "disclosure_id": unit.disclosure_id,
        "decision_entry": unit.entry_id,
        "decision_leaf": unit.leaf_hash,
        "direction": said["direction"],
        "sender_agency": unit.sender,
        "sender_system": sender["system"],
        "sender_actor": sender["actor"],
        "sender_capacity": sender["capacity"],
        "recipient_agency": unit.recipient,
        "recipient_actor": unit.recipient_actor or "",
        "subject": unit.subject,
        "co_subjects": [{"subject": s, "relation": r} for s, r in sorted(co_subjects.items())],
        "purpose": said["purpose"],
        "refs": said["refs"],
        "sealed_by": "controller",
        "expires_at": expires_at,
        "occurred_at": None,
        "recorded_late_reason": "",
        "labels_ja": labels_ja,
    }
    return EntryDraft(entry_id, EntryType.RELEASE, at, body, unit.persons)


def delivery_draft(
    type_: EntryType,
    entry_id: EntryId,
    delivery: Row,
    *,
    at: Millis,
    by: tuple[str, ActorId] | None = None,
    more: Mapping[str, JSONValue] | None = None,
) -> EntryDraft:
    """
    Return an entry about what became of a delivery.

    Args:
        type_: ``opened``, ``acknowledged``, ``recalled`` or ``expired``.
        entry_id: The entry's id.
        delivery: The delivery's row.
        at: When.
        by: System and actor; ``None`` when time or the gateway did it.
        more: Further members of the body.
    """
    system, actor = by if by is not None else ("", "")
    body: dict[str, JSONValue] = {
        "disclosure_id": _text(delivery, "disclosure_id"),
        "decision_id": _text(delivery, "decision_id"),
        "delivery_id": _text(delivery, "id"),
        "release_entry": _text(delivery, "entry_id"),
        "sender_agency": _text(delivery, "sender_agency"),
        "recipient_agency": _text(delivery, "recipient_agency"),
        "system": system,
        "actor": actor,
        "envelope_digest": _text(delivery, "envelope_digest"),
        **(more or {}),
    }
    return EntryDraft(entry_id, type_, at, body, (PersonId(_text(delivery, "person_id")),))


def obligation_draft(
    task: Row,
    entry_id: EntryId,
    *,
    at: Millis,
    change: str,
    by: tuple[str, ActorId],
    proof: Mapping[str, JSONValue] | None = None,
) -> EntryDraft:
    """Return an entry about a duty: ``change`` is ``discharged``, ``cancelled``, …."""
    system, actor = by
    due_at = task["due_at"]
    body: dict[str, JSONValue] = {
        "task_id": _text(task, "id"),
        "disclosure_id": _text(task, "disclosure_id"),
        "decision_id": _text(task, "decision_id"),
        "code": _text(task, "code"),
        "bearer": _text(task, "bearer"),
        "change": change,
        "agency": _text(task, "agency_id"),
        "system": system,
        "actor": actor,
        "due_at": due_at if isinstance(due_at, int) else None,
        "done_at": at,
        **(proof or {}),
    }
    return EntryDraft(entry_id, EntryType.OBLIGATION, at, body)


def request_draft(
    request: Row,
    entry_id: EntryId,
    *,
    at: Millis,
    change: str,
    by: tuple[AgencyId, SystemId, ActorId],
) -> EntryDraft:
    """Return an entry about a request between agencies: ``change`` is ``asked`` or ``closed``."""
    agency, system, actor = by
    told = ("asker_agency", "controller_agency", "purpose", "profile", "due_at")
    fact: dict[str, JSONValue] = {
        name: value for name in told if not isinstance(value := request[name], bytes)
    }
    body: dict[str, JSONValue] = {
        "kind": "request",
        "record_id": _text(request, "id"),
        "version": 1 if change == "asked" else 2,
        "fact_digest": digest_text(canonical_json(fact)),
        "change": change,
        "agency": agency,
        "system": system,
        "actor": actor,
        "fact": fact,
    }
    return EntryDraft(entry_id, EntryType.REGISTER, at, body)


def _duty(obligation: Obligation) -> dict[str, JSONValue]:
    """Return a duty as a body holds it."""
    return {
        "code": obligation.code,
        "bearer": obligation.bearer,
        "due_at": obligation.due_at,
        "params": dict(obligation.params),
    }


def _parties(judgement: Judgement) -> dict[str, JSONValue]:
    unit = judgement.unit
    request = unit.request
    return {
        "disclosure_id": request.disclosure_id,
        "decision_id": judgement.decision.decision_id,
        "direction": str(request.direction),
        "sender_agency": request.sender_agency_id,
        "sender_system": request.sender_system_id,
        "sender_actor": request.sender_actor_id,
        "sender_capacity": {"kind": request.capacity.kind, "ref": request.capacity.ref},
        "recipient_agency": unit.recipient.agency_id,
        "subject": unit.subject,
        "co_subjects": [
            {"subject": s, "relation": r} for s, r in sorted(request.co_subjects.items())
        ],
        "purpose": request.purpose,
        "refs": dict(request.refs),
    }


def _release_of(decision: Decision, law_at: Millis) -> dict[str, JSONValue]:
    return {
        "decision_id": decision.decision_id,
        "basis": tuple(dict.fromkeys(decision.bases)),
        "article": tuple(dict.fromkeys(decision.articles)),
        "obligations": _duties(decision),
        "policy_revision": decision.policy_revision,
        "law_at": law_at,
    }


def _duties(decision: Decision) -> tuple[JSONValue, ...]:
    return tuple(_duty(o) for o in decision.obligations)


def _text(row: Row, name: str) -> str:
    return str(row[name])
