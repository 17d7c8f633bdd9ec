"""
The bodies that members send to the one door, and around it.

Forms and limits are those of ``schemas/policy-input.json`` and ``schemas/audit-body.json``;
a test compares them, so that nothing gets in here which policy or the log would refuse.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.api.reading import Code, OpaqueId, OptionalCode, OptionalId, WireModel
from gateway.crypto.binding import MAX_ENVELOPE_BYTES
from gateway.crypto.json_reader import MAX_INTEGER
from gateway.domain.disclosure import (
    AssertedFact,
    Capacity,
    Direction,
    FieldRequest,
    RecipientRef,
)
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DecisionId,
    DisclosureId,
    FieldId,
    Millis,
    SubjectId,
)
from gateway.services.asking import MAX_UNITS, Asked, Upload
from gateway.services.idempotency import IdempotencyKey
from gateway.services.requests import AskedOf

__all__ = [
    "AcknowledgementGiven",
    "AnswerGiven",
    "DischargeGiven",
    "DisclosureAsked",
    "Instant",
    "PayloadSent",
    "ReadingAsked",
    "RecallAsked",
    "RequestAsked",
]

_MAX_VALUE: Final = 80
_MAX_FIELDS: Final = 200
_MAX_PERSONS: Final = 40

Instant = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[a-z0-9_]{1,40}$")]
Urgency = Literal["normal", "today", "emergency"]
DataClass = Literal["SYS", "IDN", "CON", "HH", "ECO", "HEA", "YOH", "ABU", "REP", "NAR", "PAD"]
Origin = Literal[
    "own",
    "door",
    "mail",
    "tax_inquiry",
    "meeting",
    "report",
    "roster",
    "drill_seen",
    "pseudonymised",
    "anonymised",
]
FactName = Literal[
    "danger",
    "consent_difficult",
    "subject_age",
    "subject_competent",
    "subject_wishes",
    "special_reason",
    "subject_ward",
    "no_third_party_harm",
    "inappropriate_purpose_suspected",
    "in_affected_area",
    "protection_status",
    "household_urgent",
    "subject_group",
    "statutory_task",
    "law_provision",
    "consent_would_hinder",
    "necessity",
    "opt_out",
    "matching_intended",
    "smallest_cell",
    "deceased",
    "victims_will",
    "asked_by_counterpart",
    "report_false",
    "in_council_request",
    "relief_work",
    "same_notice",
    "moved",
    "anonymised_items_published",
    "anonymised_marked",
]
Relation = Literal["household", "supporter", "reporter", "third_party", "alleged_perpetrator"]
# Compact JWE: five parts of base64url.
Envelope = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=MAX_ENVELOPE_BYTES)
]


def _asserted_value(value: object) -> str | int | bool:
    fits = (
        type(value) is bool
        or (type(value) is int and 0 <= value <= MAX_INTEGER)
        or (type(value) is str and len(value) <= _MAX_VALUE)
    )
    if not fits:
        raise PydanticCustomError("asserted_value", "a code, a whole number or a truth value")
    return value  # type: ignore[return-value] # narrowed above, member by member


# One validator instead of a union, whose errors would name its branches as if they were members.
AssertedValue = Annotated[
    Any,
    PlainValidator(_asserted_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": _MAX_VALUE},
                {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER},
                {"type": "boolean"},
            ]
        }
    ),
]


class CapacityAsked(WireModel):
    """In which capacity the acting person acts."""

    kind: Literal["own_business", "contractor", "conference_member", "supporter"]
    ref: OptionalId = ""


class RecipientAsked(WireModel):
    """One recipient: an agency and, where known, the person there."""

    agency: OpaqueId
    actor: OptionalId = ""


class CoSubjectAsked(WireModel):
    """Another person whom the fields are about."""

    subject: OpaqueId
    relation: Relation


class RefsAsked(WireModel):
    """Registered facts that the sender names."""

    consent: OptionalId = ""
    conference: OptionalId = ""
    agenda_item: OptionalId = ""
    agreement: OptionalId = ""
    approval: OptionalId = ""
    information_request: OptionalId = ""
    verdict: OptionalId = ""
    statutory_request: OptionalId = ""
    rights_request: OptionalId = ""
    sender_department: OptionalId = ""
    recipient_department: OptionalId = ""


class FieldAsked(WireModel):
    """A field that would pass, described and never valued."""

    id: FieldName
    classes: Annotated[list[DataClass], Field(min_length=1, max_length=11)]
    about: Annotated[list[OpaqueId], Field(default_factory=list, max_length=_MAX_PERSONS)]
    share_ready_by: OptionalId = ""
    my_number: Literal["clear", "found", "missing"] = "missing"
    screener: Annotated[str, StringConstraints(max_length=40)] = ""
    origin: Origin = "own"
    told_under: OptionalCode = ""


class AssertedAsked(WireModel):
    """A fact that the acting person vouches for."""

    fact: FactName
    value: AssertedValue
    evidence: Literal["seen", "heard", "document", "assumed"]
    text: Annotated[str, StringConstraints(max_length=2000)] = ""
    subject: OptionalId = ""


class DisclosureAsked(WireModel):
    """A request that case information may pass."""

    direction: Literal["push", "pull", "oral", "paper", "telephone"]
    capacity: CapacityAsked
    recipients: Annotated[list[RecipientAsked], Field(min_length=1, max_length=MAX_UNITS)]
    subjects: Annotated[list[OpaqueId], Field(min_length=1, max_length=_MAX_PERSONS)]
    co_subjects: Annotated[
        list[CoSubjectAsked], Field(default_factory=list, max_length=_MAX_PERSONS - 1)
    ]
    purpose: Code
    basis: OptionalCode = ""
    refs: RefsAsked = RefsAsked()
    profile: OptionalCode = ""
    urgency: Urgency = "normal"
    fields: Annotated[list[FieldAsked], Field(min_length=1, max_length=_MAX_FIELDS)]
    asserted: Annotated[list[AssertedAsked], Field(default_factory=list, max_length=40)]
    answers_request: OptionalId = ""
    occurred_at: Instant | None = None
    late_reason: Annotated[str, StringConstraints(max_length=400)] = ""

    def as_asked(self, actor: ActorId, key: IdempotencyKey) -> Asked:
        """Return what is asked, in the words of the domain."""
        return Asked(
            direction=Direction(self.direction),
            capacity=Capacity(self.capacity.kind, self.capacity.ref),
            recipients=tuple(
                RecipientRef(AgencyId(r.agency), ActorId(r.actor) if r.actor else None)
                for r in self.recipients
            ),
            subjects=tuple(map(SubjectId, self.subjects)),
            co_subjects={SubjectId(c.subject): c.relation for c in self.co_subjects},
            purpose=self.purpose,
            basis=self.basis,
            refs={name: ref for name, ref in self.refs.model_dump().items() if ref},
            profile=self.profile,
            urgency=self.urgency,
            fields=tuple(map(_field, self.fields)),
            asserted=tuple(
                AssertedFact(a.fact, a.value, actor, a.evidence, a.text, a.subject)
                for a in self.asserted
            ),
            occurred_at=None if self.occurred_at is None else Millis(self.occurred_at),
            late_reason=self.late_reason,
            answers_request=self.answers_request,
            idempotency=key,
        )


class PayloadSent(WireModel):
    """A sealed envelope under a permit."""

    decision_id: OpaqueId
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=_MAX_FIELDS)]
    envelope: Envelope

    def as_upload(self, disclosure_id: str, recipient: str) -> Upload:
        """Return the upload, in the words of the domain."""
        return Upload(
            disclosure_id=DisclosureId(disclosure_id),
            recipient=AgencyId(recipient),
            decision_id=DecisionId(self.decision_id),
            fields=tuple(map(FieldId, self.fields)),
            envelope=self.envelope,
        )


class RecallAsked(WireModel):
    """Why deliveries are wanted back, and which: one, or all that wait."""

    code: Literal["sent_in_error", "wrong_recipient", "consent_withdrawn", "other"]
    delivery_id: OptionalId = ""


class AcknowledgementGiven(WireModel):
    """What the recipient says of what it opened."""

    accepted: bool
    code: Literal["ok", "wrong_person", "unreadable", "fields_exceed", "other"]


class RequestAsked(WireModel):
    """A request for another agency's data; the person is named to that agency alone."""

    controller: OpaqueId
    purpose: Code
    profile: OptionalCode = ""
    basis: OptionalCode = ""
    refs: RefsAsked = RefsAsked()
    fields: Annotated[list[FieldName], Field(default_factory=list, max_length=_MAX_FIELDS)]
    urgency: Urgency = "normal"
    question_code: OptionalCode = ""
    sealed_subject: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]*$", max_length=MAX_ENVELOPE_BYTES)
    ] = ""
    due_at: Instant | None = None

    def as_asked(self) -> AskedOf:
        """Return what is asked, in the words of the domain."""
        return AskedOf(
            controller=AgencyId(self.controller),
            purpose=self.purpose,
            profile=self.profile,
            basis=self.basis,
            refs={name: ref for name, ref in self.refs.model_dump().items() if ref},
            fields=tuple(map(FieldId, self.fields)),
            urgency=self.urgency,
            question_code=self.question_code,
            sealed_subject=self.sealed_subject,
            due_at=None if self.due_at is None else Millis(self.due_at),
        )


class AnswerGiven(WireModel):
    """That what was asked for will not be shared."""

    answer: Literal["not_shareable"]


class DischargeGiven(WireModel):
    """How a duty was discharged."""

    proof_kind: Literal["statement", "certificate", "report"]
    proof_digest: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,43}$")] = ""
    note_code: OptionalCode = ""


class ReadingAsked(WireModel):
    """Why somebody reads what an entry of the log says."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=400)]


def _field(asked: FieldAsked) -> FieldRequest:
    return FieldRequest(
        id=FieldId(asked.id),
        classes=tuple(asked.classes),
        about=tuple(map(SubjectId, asked.about)),
        share_ready_by=asked.share_ready_by,
        my_number=asked.my_number,
        screener=asked.screener,
        origin=asked.origin,
        told_under=asked.told_under,
    )
