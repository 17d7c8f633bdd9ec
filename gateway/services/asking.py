"""What a member asks of the door and is answered, as values, and how the parts must fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.audit.verify import Evidence
from gateway.domain.disclosure import (
    AssertedFact,
    Caller,
    Capacity,
    Decision,
    Direction,
    DisclosureRequest,
    FieldRequest,
    Outcome,
    RecipientRef,
)
from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DecisionId,
    DeliveryId,
    DisclosureId,
    FieldId,
    Millis,
    SubjectId,
)
from gateway.domain.log import JSONValue
from gateway.services.idempotency import IdempotencyKey

__all__ = [
    "MAX_UNITS",
    "Asked",
    "DecidedDisclosure",
    "DecidedUnit",
    "Released",
    "Upload",
    "check_told_at",
    "request_of",
]

MAX_UNITS: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What a caller asks for; see :class:`gateway.domain.disclosure.DisclosureRequest`.

    Attributes:
        answers_request: The request of another agency that this answers; pull only.
        idempotency: The caller's key; a replay is answered with what was decided then.
    """

    direction: Direction
    capacity: Capacity
    recipients: tuple[RecipientRef, ...]
    subjects: tuple[SubjectId, ...]
    co_subjects: Mapping[SubjectId, str]
    purpose: str
    basis: str
    refs: Mapping[str, str]
    profile: str
    urgency: str
    fields: tuple[FieldRequest, ...]
    asserted: tuple[AssertedFact, ...]
    occurred_at: Millis | None = None
    late_reason: str = ""
    answers_request: str = ""
    idempotency: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class DecidedUnit:
    """
    One unit as decided and recorded.

    Attributes:
        recipient_key: The recipient's public sealing key as JWK, with a permit to seal.
        index: Index of the ``decision`` entry.
        evidence: That entry, for the sender to verify before it seals.
        release_index: Index of the ``release`` entry of something told.
    """

    decision: Decision
    recipient: AgencyId
    recipient_actor: ActorId | None
    subject: SubjectId
    state: str
    expires_at: Millis | None
    recipient_key: Mapping[str, JSONValue] | None
    index: int
    evidence: Evidence
    release_index: int | None = None


@dataclass(frozen=True, slots=True)
class DecidedDisclosure:
    """A disclosure with its units, in the order of the request."""

    disclosure_id: DisclosureId
    units: tuple[DecidedUnit, ...]

    @property
    def permitted(self) -> bool:
        """Whether at least one unit is permitted."""
        return any(u.decision.outcome is Outcome.PERMIT for u in self.units)

    @property
    def undecided(self) -> bool:
        """Whether nothing is permitted because policy was silent."""
        silent = any(u.decision.outcome is Outcome.INDETERMINATE for u in self.units)
        return silent and not self.permitted


@dataclass(frozen=True, slots=True)
class Upload:
    """
    A sealed envelope for one permitted unit.

    Attributes:
        fields: Ids of the fields that the sender says are inside.
        envelope: Compact JWE.
    """

    disclosure_id: DisclosureId
    recipient: AgencyId
    decision_id: DecisionId
    fields: tuple[FieldId, ...]
    envelope: str


@dataclass(frozen=True, slots=True)
class Released:
    """A delivery that waits for its recipient, and the proof of its ``release`` entry."""

    delivery_id: DeliveryId
    decision_id: DecisionId
    state: str
    expires_at: Millis
    index: int
    evidence: Evidence


def request_of(
    asked: Asked, caller: Caller, actor: ActorId, *, disclosure_id: str, at: Millis
) -> DisclosureRequest:
    """
    Return the request that a caller makes by what it asks.

    Raises:
        SchemaViolation: The parts do not fit each other.
    """
    errors = [
        (pointer, rule)
        for pointer, rule, broken in (
            ("/recipients", "maxItems", len(asked.recipients) * len(asked.subjects) > MAX_UNITS),
            ("/recipients", "uniqueItems", _repeats(asked.recipients)),
            ("/subjects", "uniqueItems", _repeats(asked.subjects)),
            ("/fields", "uniqueItems", _repeats(tuple(f.id for f in asked.fields))),
            ("/co_subjects", "not a main subject", bool({*asked.subjects} & {*asked.co_subjects})),
            (
                "/answers_request",
                "goes with pull",
                bool(asked.answers_request) != (asked.direction is Direction.PULL),
            ),
            (
                "/occurred_at",
                "goes with what was told",
                (asked.occurred_at is not None) != asked.direction.is_recorded_only,
            ),
            (
                "/occurred_at",
                "lies ahead",
                asked.occurred_at is not None and asked.occurred_at > at,
            ),
        )
        if broken
    ]
    if errors:
        raise SchemaViolation(errors)
    return DisclosureRequest(
        disclosure_id=DisclosureId(disclosure_id),
        direction=asked.direction,
        sender_agency_id=caller.agency_id,
        sender_actor_id=actor,
        sender_system_id=caller.system_id,
        capacity=asked.capacity,
        recipients=asked.recipients,
        subjects=asked.subjects,
        co_subjects=asked.co_subjects,
        purpose=asked.purpose,
        basis=asked.basis,
        refs=asked.refs,
        profile=asked.profile,
        fields=asked.fields,
        asserted=asked.asserted,
        urgency=asked.urgency,
        requested_at=at,
        occurred_at=asked.occurred_at,
        late_reason=asked.late_reason,
    )


def check_told_at(request: DisclosureRequest, *, late_after: int) -> None:
    """
    Check that something told more than ``late_after`` milliseconds ago says why it comes late.

    Raises:
        SchemaViolation: It does not.
    """
    told = request.occurred_at
    if told is None or request.late_reason.strip():
        return
    if request.requested_at - told > late_after:
        raise SchemaViolation([("/late_reason", "a late entry needs a reason")])


def _repeats(values: tuple[object, ...]) -> bool:
    return len(set(values)) < len(values)
