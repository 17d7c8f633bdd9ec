"""
What policy is told: the four parts of its input, made of facts and never of contents.

* ``request``: what is asked, by opaque ids and codes.
* ``registered``: what the registers say, each fact with its id.
* ``asserted``: what the controller vouches for.
* ``computed``: instants and counts.

The shape is ``schemas/policy-input.json``. This module does no input or output.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from gateway.domain.disclosure import (
    AssertedFact,
    Capacity,
    Direction,
    DisclosureRequest,
    FieldRequest,
    RecipientRef,
    Unit,
)
from gateway.domain.errors import NotAuthorized, NotFound
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DisclosureId,
    FieldId,
    Millis,
    SubjectId,
    SystemId,
    TenantId,
)
from gateway.domain.log import JSONValue
from gateway.domain.records import (
    actor_key,
    agency_key,
    conference_key,
    fact_key,
    item_key,
    pair_key,
    seal_key,
    sign_key,
    tenant_key,
    use_key,
)
from gateway.ports.registers import FactRow, FactsQuery, UnitFacts
from gateway.services.acting import in_office

__all__ = [
    "FACT_LISTS",
    "check_sender",
    "holds_seal_key",
    "next_turn",
    "policy_input",
    "query_for",
    "question_again",
    "question_to_keep",
    "recipient_seal_key",
    "words_of_the_day",
]

# Fact kind to the list of the input that holds its facts.
FACT_LISTS: Final[Mapping[str, str]] = {
    "undertaking": "undertakings",
    "consent": "consents",
    "protection_flag": "protection_flags",
    "conference": "conferences",
    "agenda_item": "agenda_items",
    "participant": "participants",
    "information_request": "information_requests",
    "entrustment": "entrustments",
    "appointment": "appointments",
    "approval": "approvals",
    "verdict": "verdicts",
    "emergency_agreement": "emergency_agreements",
    "council_notice": "council_notices",
    "joint_use_notice": "joint_use_notices",
    "use_purpose": "use_purposes",
    "department": "departments",
    "designation": "designations",
    "mode_switch": "mode_switches",
    "statutory_request": "statutory_requests",
    "list_entry": "list_entries",
    "rights_request": "rights_requests",
    "rebasing": "rebasings",
    "stalker_notice": "stalker_notices",
    "flag_source": "flag_sources",
}
_CODE = re.compile(r"[a-z0-9_]{0,60}")
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,40}")
_WARD = "subject_ward"  # the one asserted fact whose value is a name: of a place
_REFS = (
    "consent",
    "conference",
    "agenda_item",
    "agreement",
    "approval",
    "information_request",
    "verdict",
    "statutory_request",
    "rights_request",
    "sender_department",
    "recipient_department",
)


def query_for(
    tenant_id: TenantId,
    unit: Unit,
    *,
    ad_hoc_since: Millis,
    asking_actor: str,
    lately_since: Millis,
) -> FactsQuery:
    """
    Return what must be read before policy can be asked about ``unit``.

    Facts about the persons concerned come along by the handles in ``subjects``. The counts are
    those of :class:`gateway.ports.registers.FactsQuery`.
    """
    request = unit.request
    sender, recipient = request.sender_agency_id, unit.recipient.agency_id
    keys = [
        tenant_key(tenant_id),
        agency_key(sender),
        agency_key(recipient),
        actor_key(request.sender_actor_id),
        seal_key(recipient),
        sign_key(sender),
        pair_key(sender, recipient),
        use_key(sender, request.purpose),
    ]
    if unit.recipient.actor_id is not None:
        keys.append(actor_key(unit.recipient.actor_id))
    keys += [actor_key(ActorId(f.share_ready_by)) for f in request.fields if f.share_ready_by]
    if item := request.refs.get("agenda_item"):
        keys.append(item_key(item))
    if conference := request.refs.get("conference"):
        keys.append(conference_key(conference))
    keys += [fact_key("department", d) for d in _departments(request)]
    keys += [fact_key("entrustment", e) for e in _contracts(request)]
    return FactsQuery(
        keys=tuple(dict.fromkeys(keys)),
        subjects=tuple(dict.fromkeys((unit.subject, *request.co_subjects))),
        pair=(sender, recipient),
        ad_hoc_since=ad_hoc_since,
        asking_actor=asking_actor,
        lately_since=lately_since,
    )


def check_sender(unit: Unit, facts: UnitFacts, *, now: Millis) -> None:
    """
    Check that the sending agency's own words hold together before anything is decided.

    Whether a person in office may send is for policy to say. Whoever has left does not act any
    more, not even to record what was told before.

    Raises:
        NotAuthorized: The acting person is not an actor of the sending agency, or has left.
        NotFound: A handle is not one that the sending agency registered.
    """
    request = unit.request
    actor = _one(facts.facts, "actor", request.sender_actor_id)
    if actor is None or actor["agency"] != request.sender_agency_id:
        raise NotAuthorized("act-for-agency")
    if request.direction.is_recorded_only and not in_office(actor, now):
        raise NotAuthorized("act-for-agency")
    own = {s.subject_id for s in facts.subjects if s.agency_id == request.sender_agency_id}
    named = {unit.subject, *request.co_subjects}
    about = {s for f in request.fields for s in f.about}
    if not named <= own or not about <= named:
        raise NotFound


def policy_input(
    unit: Unit,
    facts: UnitFacts,
    *,
    now: Millis,
    asserted: Sequence[Mapping[str, JSONValue]] | None = None,
) -> dict[str, JSONValue]:
    """
    Return the complete input for one unit, as ``schemas/policy-input.json`` demands.

    Args:
        unit: What is asked.
        facts: What the registers say of it.
        now: The present instant.
        asserted: What the controller vouched for earlier, when the question is asked again.
    """
    request = unit.request
    vouched = asserted if asserted is not None else [_asserted(a) for a in request.asserted]
    # Asked again, a text stays read by whoever had read it, even if that person has left since.
    readers = _readers(unit, facts) if asserted is None else None
    return {
        "request": _request_part(unit, readers),
        "registered": _registered_part(unit, facts),
        "asserted": tuple(vouched),
        "computed": {
            "now": now,
            "law_at": request.law_at,
            "ad_hoc_count": facts.ad_hoc_count,
            "lately_count": facts.lately_count,
            "input_version": 2,
        },
    }


def question_to_keep(unit: Unit, question: Mapping[str, Any]) -> dict[str, JSONValue]:
    """
    Return what is kept of an input to ask again, without anybody's free words.

    Policy reads only the length of a text, never the text; and of a value that is no code it
    only reads that it is none.
    """
    return {
        "request": question["request"],
        "asserted": [
            {**fact, "text": "", "value": _kept_value(fact)} for fact in question["asserted"]
        ],
        "co_subjects": dict(unit.request.co_subjects),
    }


def question_again(
    kept: Mapping[str, Any], *, requested_at: Millis, to_actor: ActorId | None = None
) -> tuple[Unit, tuple[Mapping[str, JSONValue], ...]]:
    """
    Return the unit and what was vouched for, as kept.

    Args:
        kept: See :func:`question_to_keep`.
        requested_at: By the law of which instant it is to be judged.
        to_actor: A person at the recipient's to ask about, where the whole agency was meant.
    """
    said = kept["request"]
    sender, recipient = said["sender"], said["recipient"]
    named = ActorId(recipient["actor"]) if recipient["actor"] else to_actor
    to = RecipientRef(AgencyId(recipient["agency"]), named)
    request = DisclosureRequest(
        disclosure_id=DisclosureId(said["disclosure"]),
        direction=Direction(said["direction"]),
        sender_agency_id=AgencyId(sender["agency"]),
        sender_actor_id=ActorId(sender["actor"]),
        sender_system_id=SystemId(sender["system"]),
        capacity=Capacity(**sender["capacity"]),
        recipients=(to,),
        subjects=(SubjectId(said["subject"]),),
        co_subjects={SubjectId(s): r for s, r in kept["co_subjects"].items()},
        purpose=said["purpose"],
        basis=said["basis"],
        refs=said["refs"],
        profile=said["profile"],
        fields=tuple(_field_again(f) for f in said["fields"]),
        asserted=(),
        urgency=said["urgency"],
        requested_at=requested_at,
    )
    return Unit(request, to, request.subjects[0]), tuple(kept["asserted"])


def recipient_seal_key(
    unit: Unit, facts: UnitFacts, *, at: Millis
) -> Mapping[str, JSONValue] | None:
    """Return the recipient's newest public sealing key valid at ``at``, or ``None``."""
    valid = _seal_keys(unit, facts, at)
    return max(valid, key=lambda k: (int(str(k["valid_from"])), str(k["id"])), default=None)


def holds_seal_key(unit: Unit, facts: UnitFacts, kid: str | None, *, at: Millis) -> bool:
    """Whether a key to which something was sealed is still one of the recipient's at ``at``."""
    return any(key["id"] == kid for key in _seal_keys(unit, facts, at))


def next_turn(facts: UnitFacts, *, after: Millis) -> Millis | None:
    """
    Return the next instant that any fact names, or ``None``.

    Before it nothing begins or ends, so that the same facts have the same meaning. Every other
    number in a fact is far smaller than an instant.
    """
    ahead = (
        value
        for row in facts.facts
        for value in row.fact.values()
        if type(value) is int and value > after
    )
    return Millis(turn) if (turn := min(ahead, default=None)) is not None else None


def words_of_the_day(unit: Unit, facts: UnitFacts, purpose_ja: str) -> dict[str, JSONValue]:
    """Return the Japanese words of today for the offices, posts and purpose of a unit."""
    request, to = unit.request, unit.recipient
    words: dict[str, JSONValue] = {request.purpose: purpose_ja}
    for kind, member, id_ in (
        ("agency", "name_ja", request.sender_agency_id),
        ("agency", "name_ja", to.agency_id),
        ("actor", "post_ja", request.sender_actor_id),
        ("actor", "post_ja", to.actor_id),
    ):
        fact = _one(facts.facts, kind, id_)
        if fact is not None and id_ is not None:
            words[id_] = fact[member]
    return words


def _seal_keys(unit: Unit, facts: UnitFacts, at: Millis) -> list[Mapping[str, JSONValue]]:
    return [
        f.fact
        for f in facts.facts
        if f.kind == "agency_key"
        and f.fact["agency"] == unit.recipient.agency_id
        and f.fact["use"] == "seal"
        and _in_force(f.fact, at)
    ]


def _readers(unit: Unit, facts: UnitFacts) -> frozenset[str]:
    """Return who of the sender's people may clear a text: those in office."""
    request = unit.request
    return frozenset(
        f.id
        for f in facts.facts
        if f.kind == "actor"
        and f.fact["agency"] == request.sender_agency_id
        and in_office(f.fact, request.law_at)
    )


def _in_force(key: Mapping[str, JSONValue], at: Millis) -> bool:
    start, end, revoked = key["valid_from"], key["valid_to"], key["revoked_at"]
    return (
        isinstance(start, int)
        and start <= at
        and (end is None or (isinstance(end, int) and at < end))
        and revoked is None
    )


def _request_part(unit: Unit, readers: Collection[str] | None) -> dict[str, JSONValue]:
    request = unit.request
    return {
        "direction": str(request.direction),
        "disclosure": request.disclosure_id,
        "sender": {
            "agency": request.sender_agency_id,
            "actor": request.sender_actor_id,
            "system": request.sender_system_id,
            "capacity": {"kind": request.capacity.kind, "ref": request.capacity.ref},
        },
        "recipient": {
            "agency": unit.recipient.agency_id,
            "actor": unit.recipient.actor_id or "",
        },
        "subject": unit.subject,
        "purpose": request.purpose,
        "basis": request.basis,
        "refs": {name: request.refs.get(name, "") for name in _REFS},
        "profile": request.profile,
        "urgency": request.urgency,
        "fields": [_field(f, unit, readers) for f in request.fields],
    }


def _field(
    field: FieldRequest, unit: Unit, readers: Collection[str] | None
) -> dict[str, JSONValue]:
    reader = field.share_ready_by
    return {
        "id": field.id,
        "classes": tuple(sorted(set(field.classes))),
        "about": tuple(field.about) or (unit.subject,),
        # A text that nobody of the sender's has read counts as unread, whoever is named.
        "share_ready_by": reader if readers is None or reader in readers else "",
        "my_number": field.my_number,
        # A screener that names itself in other words than a version's has screened nothing.
        "screener": field.screener if _VERSION.fullmatch(field.screener) else "",
        "origin": field.origin,
        **({"told_under": field.told_under} if field.told_under else {}),
    }


def _field_again(said: Mapping[str, Any]) -> FieldRequest:
    return FieldRequest(
        id=FieldId(said["id"]),
        classes=tuple(said["classes"]),
        about=tuple(SubjectId(s) for s in said["about"]),
        share_ready_by=said["share_ready_by"],
        my_number=said["my_number"],
        screener=said["screener"],
        origin=said["origin"],
        told_under=said.get("told_under", ""),
    )


def _registered_part(unit: Unit, facts: UnitFacts) -> dict[str, JSONValue]:
    request = unit.request
    lists: dict[str, list[JSONValue]] = {name: [] for name in FACT_LISTS.values()}
    for row in facts.facts:
        if row.kind in FACT_LISTS:
            lists[FACT_LISTS[row.kind]].append(row.fact)
    tenant = next((f.fact for f in facts.facts if f.kind == "tenant"), None)
    if tenant is None:
        raise NotFound
    return {
        "tenant": tenant,
        "sender": _party(facts, request.sender_agency_id, request.sender_actor_id),
        "recipient": _party(facts, unit.recipient.agency_id, unit.recipient.actor_id),
        "subjects": _subjects(request, unit, facts),
        **lists,
    }


def _party(facts: UnitFacts, agency: str, actor: str | None) -> dict[str, JSONValue]:
    return {
        "agency": _one(facts.facts, "agency", agency),
        "actor": _one(facts.facts, "actor", actor) if actor is not None else None,
    }


def _subjects(request: DisclosureRequest, unit: Unit, facts: UnitFacts) -> list[JSONValue]:
    persons = {s.subject_id: s.person_id for s in facts.subjects}
    relations = {**request.co_subjects, unit.subject: "main"}
    return [
        {"id": subject, "person": persons[subject], "relation": relations[subject]}
        for subject in sorted(relations)
    ]


def _departments(request: DisclosureRequest) -> tuple[str, ...]:
    named = (request.refs.get(f"{side}_department") for side in ("sender", "recipient"))
    return tuple(d for d in named if d)


def _contracts(request: DisclosureRequest) -> list[str]:
    """Return contracts with others than the two parties that the request names."""
    capacity = request.capacity
    named = [request.refs.get("agreement")]
    if capacity.kind == "contractor":
        named.append(capacity.ref)
    return [contract for contract in named if contract]


def _asserted(fact: AssertedFact) -> dict[str, JSONValue]:
    return {
        "subject": fact.subject,
        "fact": fact.fact,
        "value": fact.value,
        "actor": fact.actor_id,
        "evidence": fact.evidence,
        "text_chars": len("".join(filter(str.isprintable, fact.text)).strip()),
        "text": fact.text,
    }


def _kept_value(fact: Mapping[str, Any]) -> JSONValue:
    value: JSONValue = fact["value"]
    is_words = isinstance(value, str) and fact["fact"] != _WARD and not _CODE.fullmatch(value)
    return "" if is_words else value


def _one(facts: Sequence[FactRow], kind: str, id_: str | None) -> Mapping[str, JSONValue] | None:
    return next((f.fact for f in facts if f.kind == kind and f.id == id_), None)
