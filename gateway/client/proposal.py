"""
What a controller proposes to pass: to whom, about whom, for what, and on which ground.

One proposal is about one main subject, so that a record can never be sealed under the
decision on somebody else. Field values stay at the desk; only their description leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import digest_text
from gateway.domain.disclosure import Capacity, Direction, FieldRequest, RecipientRef
from gateway.domain.ids import ActorId, FieldId, Millis, SubjectId
from gateway.domain.log import JSONValue
from gateway.minimisation.description import describe_fields

__all__ = ["Assertion", "Proposal", "Record", "record_digest"]

Record = Mapping[FieldId, JSONValue]

_OWN_BUSINESS: Final = Capacity("own_business")


@dataclass(frozen=True, slots=True)
class Assertion:
    """
    A fact that the acting person vouches for; the decision says that it was only asserted.

    Attributes:
        fact: One of the closed list, for example ``danger``.
        value: Code, whole number or truth value.
        evidence: ``seen``, ``heard``, ``document`` or ``assumed``.
        text: The words behind it; kept encrypted with the decision.
        subject: Whom it is about, by this agency's handle; empty for the main subject.
    """

    fact: str
    value: str | int | bool
    evidence: str
    text: str = ""
    subject: str = ""

    def to_json(self) -> dict[str, JSONValue]:
        """Return it as the wire holds it."""
        return {
            "subject": self.subject,
            "fact": self.fact,
            "value": self.value,
            "evidence": self.evidence,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    One proposal.

    Attributes:
        recipients: One or more; each gets its own decision.
        subject: The main subject, by this agency's handle.
        purpose: A purpose code.
        direction: How it would pass.
        capacity: In which capacity the agency acts.
        co_subjects: Relation of every other person the fields are about.
        basis: The basis named; empty lets policy look for one.
        refs: Named facts: ``consent``, ``conference``, ``agenda_item``, ….
        profile: Named field subset; empty for none.
        urgency: ``normal``, ``today`` or ``emergency``.
        asserted: What the acting person vouches for.
        answers_request: The request that this answers, with ``Direction.PULL``.
        occurred_at: When it was told, for what is recorded afterwards.
        late_reason: Why it is recorded late.
        classes: Narrower classes of single values, where the class goes by value.
        about: Subjects a value is about, where not the main one.
        share_ready_by: Who read a narrative and cleared it.
        origins: How a value came to be known, where not by the agency's own work: ``door``,
            ``mail``, ``tax_inquiry``, ``meeting``, ….
    """

    recipients: tuple[RecipientRef, ...]
    subject: SubjectId
    purpose: str
    direction: Direction = Direction.PUSH
    capacity: Capacity = _OWN_BUSINESS
    co_subjects: Mapping[SubjectId, str] = field(default_factory=dict)
    basis: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)
    profile: str = ""
    urgency: str = "normal"
    asserted: tuple[Assertion, ...] = ()
    answers_request: str = ""
    occurred_at: Millis | None = None
    late_reason: str = ""
    classes: Mapping[FieldId, Sequence[str]] = field(default_factory=dict)
    about: Mapping[FieldId, Sequence[SubjectId]] = field(default_factory=dict)
    share_ready_by: Mapping[FieldId, ActorId] = field(default_factory=dict)
    origins: Mapping[FieldId, str] = field(default_factory=dict)

    def to_json(self, record: Record) -> dict[str, JSONValue]:
        """
        Return the body to post: everything but the values.

        Raises:
            SchemaViolation: No schema has a field, or its classes may not be narrowed so.
        """
        fields = describe_fields(
            record,
            classes=self.classes,
            about=self.about,
            share_ready_by=self.share_ready_by,
            origins=self.origins,
        )
        body: dict[str, JSONValue] = {
            "direction": str(self.direction),
            "capacity": {"kind": self.capacity.kind, "ref": self.capacity.ref},
            "recipients": [_recipient(r) for r in self.recipients],
            "subjects": [self.subject],
            "co_subjects": [
                {"subject": s, "relation": relation} for s, relation in self.co_subjects.items()
            ],
            "purpose": self.purpose,
            "basis": self.basis,
            "refs": dict(self.refs),
            "profile": self.profile,
            "urgency": self.urgency,
            "fields": [_field(f) for f in fields],
            "asserted": [a.to_json() for a in self.asserted],
            "occurred_at": self.occurred_at,
            "late_reason": self.late_reason,
        }
        if self.answers_request:
            body["answers_request"] = self.answers_request
        return body


def record_digest(record: Record) -> str:
    """
    Return the digest by which the desk knows a record again; it never leaves the desk.

    Raises:
        NotCanonical: A value is not JSON without fractions.
    """
    return digest_text(canonical_json({str(id_): value for id_, value in record.items()}))


def _recipient(recipient: RecipientRef) -> dict[str, JSONValue]:
    if recipient.actor_id is None:
        return {"agency": recipient.agency_id}
    return {"agency": recipient.agency_id, "actor": recipient.actor_id}


def _field(request: FieldRequest) -> dict[str, JSONValue]:
    return {
        "id": request.id,
        "classes": request.classes,
        "about": request.about,
        "share_ready_by": request.share_ready_by,
        "my_number": request.my_number,
        "screener": request.screener,
        "origin": request.origin,
    }
