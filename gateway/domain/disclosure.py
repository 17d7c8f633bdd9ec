"""
Asking, deciding and giving: the values that travel through the one door.

The unit is one recipient × one main subject: one question to policy, one ``decision``
entry and, when permitted, one ``release`` entry and one envelope bound to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DecisionId,
    DisclosureId,
    FieldId,
    Millis,
    SubjectId,
    SystemId,
    TenantId,
)
from gateway.domain.log import JSONValue

__all__ = [
    "AssertedFact",
    "Caller",
    "Capacity",
    "Decision",
    "Direction",
    "DisclosureRequest",
    "FieldRequest",
    "Label",
    "Obligation",
    "Outcome",
    "Reason",
    "RecipientRef",
    "Side",
    "Unit",
    "WithheldField",
]


class Direction(StrEnum):
    """How case information would pass; the last three are recorded, not carried."""

    PUSH = "push"
    PULL = "pull"
    ORAL = "oral"
    PAPER = "paper"
    TELEPHONE = "telephone"

    @property
    def is_recorded_only(self) -> bool:
        """Whether the information passes outside the gateway and is only recorded here."""
        return self in {Direction.ORAL, Direction.PAPER, Direction.TELEPHONE}


class Outcome(StrEnum):
    """The policy engine's answer. Everything but ``PERMIT`` refuses (XACML, deny-biased)."""

    PERMIT = "permit"
    DENY = "deny"
    NOT_APPLICABLE = "not_applicable"
    INDETERMINATE = "indeterminate"


class Label(StrEnum):
    """What the outside is told, derived from a decision and never stored beside it."""

    PERMIT = "permit"
    PERMIT_PARTIAL = "permit_partial"
    DENY = "deny"
    HELD = "held"


class Side(StrEnum):
    """Who may hear a reason in full; everyone else hears NOT_SHAREABLE."""

    ASKER = "asker"  # a fact about the asking agency itself
    CONTROLLER = "controller"  # the sending controller's own actors, and officers
    OFFICER = "officer"  # officers of the deciding tenant alone


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the door, proved by the access token of one agency's system."""

    tenant_id: TenantId
    agency_id: AgencyId
    system_id: SystemId
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Capacity:
    """In which capacity an actor acts: own business, contractor of X, member of Y, supporter."""

    kind: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class FieldRequest:
    """
    One field that would pass, described and never valued.

    Attributes:
        id: ``record.field``.
        classes: Sensitivity classes of this value (by-value classes default to the whole set).
        about: Subjects the value is about; empty says the main subject alone.
        share_ready_by: The actor who read a narrative and cleared it; empty when nobody did.
        my_number: ``clear``, ``found`` or ``missing`` (not screened, which counts as found).
        screener: Version of the screener; empty when not screened.
        origin: How the controller came to know it, as ``schemas/policy-input.json`` lists;
            what a meeting, a tax inquiry or a letter told stays bound.
        told_under: The legal basis of the meeting at which it was told; empty is unknown.
    """

    id: FieldId
    classes: tuple[str, ...]
    about: tuple[SubjectId, ...] = ()
    share_ready_by: str = ""
    my_number: str = "missing"
    screener: str = ""
    origin: str = "own"
    told_under: str = ""


@dataclass(frozen=True, slots=True)
class RecipientRef:
    """One recipient: an agency and, where known, the person there."""

    agency_id: AgencyId
    actor_id: ActorId | None = None


@dataclass(frozen=True, slots=True)
class AssertedFact:
    """
    A fact that the controller vouches for; policy knows it was only asserted.

    Attributes:
        fact: One of the closed list in ``schemas/policy-input.json``.
        value: Code, whole number or truth value, as the fact's schema says.
        text: The words behind it, kept encrypted with the decision.
        actor_id: Who vouches.
        evidence: ``seen``, ``heard``, ``document`` or ``assumed``.
        subject: Whom it is about, by the sender's handle; empty for the main subject.
    """

    fact: str
    value: str | int | bool
    actor_id: ActorId
    evidence: str
    text: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureRequest:
    """
    A request that case information may pass from one controller to recipients.

    Attributes:
        disclosure_id: Chosen by the gateway when the request is read.
        direction: How it would pass.
        sender: The agency whose data these are, and its actor.
        capacity: The sender's acting capacity.
        recipients: One or more; each makes a unit with each main subject.
        subjects: Main subjects, by the sender's handles.
        co_subjects: Relation of every other person the fields are about.
        purpose: A purpose code.
        basis: The basis the sender names; empty lets policy look for one.
        refs: Named facts: ``consent``, ``conference``, ``agenda_item``, ``agreement``,
            ``approval``, ``information_request``, ``verdict``, ``statutory_request``,
            ``rights_request``, ``sender_department``, ``recipient_department``.
        profile: Named field subset; empty for none.
        fields: The fields that would pass.
        asserted: What the controller vouches for.
        urgency: ``normal``, ``today`` or ``emergency``.
        requested_at: The gateway's clock at receipt.
        occurred_at: For recorded disclosures: when it was told.
        late_reason: Why a recorded disclosure is entered late.
    """

    disclosure_id: DisclosureId
    direction: Direction
    sender_agency_id: AgencyId
    sender_actor_id: ActorId
    sender_system_id: SystemId
    capacity: Capacity
    recipients: tuple[RecipientRef, ...]
    subjects: tuple[SubjectId, ...]
    co_subjects: Mapping[SubjectId, str]
    purpose: str
    basis: str
    refs: Mapping[str, str]
    profile: str
    fields: tuple[FieldRequest, ...]
    asserted: tuple[AssertedFact, ...]
    urgency: str
    requested_at: Millis
    occurred_at: Millis | None = None
    late_reason: str = ""

    @property
    def law_at(self) -> Millis:
        """The instant whose law and facts decide: when it was told, else when it was asked."""
        if self.direction.is_recorded_only and self.occurred_at is not None:
            return self.occurred_at
        return self.requested_at

    def units(self) -> tuple["Unit", ...]:
        """Every pair of recipient and main subject, in the request's order."""
        return tuple(Unit(self, r, s) for r in self.recipients for s in self.subjects)


@dataclass(frozen=True, slots=True)
class Unit:
    """One recipient and one main subject of a request: what policy is asked about."""

    request: DisclosureRequest
    recipient: RecipientRef
    subject: SubjectId


@dataclass(frozen=True, slots=True)
class Reason:
    """
    Why not, where the law says so, and what may lawfully be done instead.

    ``fields`` is empty when the reason stands against the whole unit.
    """

    code: str
    rule: str
    article: str
    title_ja: str
    title_en: str
    next_step_ja: str
    next_step_en: str
    side: Side
    lawful_alternatives: tuple[str, ...]
    fields: tuple[FieldId, ...] = ()


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty that comes with a permit; ``bearer`` is gateway, recipient or controller."""

    code: str
    bearer: str
    title_ja: str
    title_en: str
    params: Mapping[str, JSONValue]
    due_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class WithheldField:
    """
    A field that does not pass, with the codes of the reasons against it.

    ``by`` names who may lift them, in a permit too; empty when nobody may.
    """

    id: FieldId
    codes: tuple[str, ...]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """
    The answer for one unit, complete enough to be explained years later.

    Attributes:
        decision_id: Its identifier.
        outcome: Only ``PERMIT`` lets anything pass.
        permitted: Fields that pass, sorted.
        withheld: Fields asked for that do not, sorted.
        bases: Ids of the grounds that hold, sorted, with their articles in ``articles``.
        stops: Ids of the stops that fired, sorted.
        reasons: Every reason against the unit or a field of it.
        obligations: What comes with the permit.
        held_by: Who may lift a refusal: ``officer``, ``approver``, ``second_person``.
        alert: Whether an officer must be told now.
        asserted: Names of the facts that were only asserted.
        policy_revision: Digest of the bundle that decided.
        engine: Engine and version that decided.
    """

    decision_id: DecisionId
    outcome: Outcome
    permitted: tuple[FieldId, ...]
    withheld: tuple[WithheldField, ...]
    bases: tuple[str, ...]
    articles: tuple[str, ...]
    stops: tuple[str, ...]
    reasons: tuple[Reason, ...]
    obligations: tuple[Obligation, ...]
    held_by: tuple[str, ...]
    alert: bool
    asserted: tuple[str, ...]
    policy_revision: str
    engine: str

    @property
    def label(self) -> Label:
        """The word for the outside; it cannot contradict the decision it is derived from."""
        if self.outcome is Outcome.PERMIT:
            return Label.PERMIT_PARTIAL if self.withheld else Label.PERMIT
        return Label.HELD if self.held_by else Label.DENY
