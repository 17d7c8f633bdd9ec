"""
The form of what members are answered, for the description and for whoever writes a client.

Nothing is built from these models, since the hot routes write their answers directly; tests
hold every answer they see against them.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.api.reading import WireModel

__all__ = [
    "AcknowledgedShown",
    "AlertsShown",
    "DischargedShown",
    "DisclosureSeen",
    "DisclosureShown",
    "InboxShown",
    "OpenedShown",
    "RecallsShown",
    "RecordShown",
    "ReleasedShown",
    "RequestMade",
    "RequestShown",
    "RequestsShown",
    "SeenShown",
    "TasksShown",
]

Next = Annotated[str, Field(description="Cursor of the next page; empty at the end.")]
At = Annotated[int, Field(description="Epoch milliseconds.")]
Index = Annotated[int, Field(description="Index in the log.")]


class EvidenceShown(WireModel):
    """An entry of the log as a member checks it: leaf, opened fields, proof."""

    leaf: str
    opening: dict[str, Any]
    proof: Annotated[str, Field(description="C2SP tlog-proof.")]


class ReasonShown(WireModel):
    """Why not, and what may lawfully be done instead."""

    code: str
    rule: str
    article: str
    title_ja: str
    title_en: str
    next_step_ja: str
    next_step_en: str
    lawful_alternatives: list[str]
    fields: list[str]


class GroundShown(WireModel):
    """A legal basis that holds."""

    basis: str
    article: str


class WithheldShown(WireModel):
    """A field that does not pass, and why."""

    field: str
    codes: list[str]
    by: Annotated[list[str], Field(description="Who may lift that; empty when nobody may.")]


class ObligationShown(WireModel):
    """A duty that comes with a permit."""

    code: str
    bearer: Literal["gateway", "recipient", "controller"]
    title_ja: str
    title_en: str
    params: dict[str, Any]
    due_at: At | None


class KeyShown(WireModel):
    """The recipient's public sealing key."""

    jwk: dict[str, Any]


class UnitShown(WireModel):
    """The decision for one recipient and one person."""

    decision_id: str
    recipient: str
    recipient_actor: str
    subject: str
    label: Literal["permit", "permit_partial", "deny", "held"]
    bases: list[GroundShown]
    fields_permitted: list[str]
    fields_withheld: list[WithheldShown]
    reasons: list[ReasonShown]
    obligations: list[ObligationShown]
    held_by: list[str]
    expires_at: At | None
    recipient_key: KeyShown | None
    log_index: Index
    release_index: Annotated[int, Field(description="Only of what was told.")] = 0
    evidence: EvidenceShown


class DisclosureShown(WireModel):
    """A disclosure just decided."""

    disclosure_id: str
    units: list[UnitShown]


class DeliveryShown(WireModel):
    """What became of a delivery, to its sender."""

    id: str
    state: Literal["waiting", "opened", "acknowledged", "recalled", "expired"]
    released_at: At
    opened_at: At | None
    acknowledged_at: At | None


class UnitSeen(UnitShown):
    """A unit, and what became of it."""

    state: Literal["refused", "permitted", "released", "told", "lapsed"]
    delivery: DeliveryShown | None


class DisclosureSeen(WireModel):
    """A disclosure as its sender sees it afterwards."""

    disclosure_id: str
    direction: Literal["push", "pull", "oral", "paper", "telephone"]
    purpose: str
    requested_at: At
    units: list[UnitSeen]


class ReleasedShown(WireModel):
    """A delivery that waits for its recipient."""

    delivery_id: str
    decision_id: str
    state: str
    expires_at: At
    log_index: Index
    evidence: EvidenceShown


class RecallShown(WireModel):
    """What became of a delivery that was wanted back."""

    id: str
    state: str
    log_index: Index | None
    evidence: EvidenceShown | None


class RecallsShown(WireModel):
    """Every delivery that was wanted back."""

    deliveries: list[RecallShown]


class InboxLine(WireModel):
    """A delivery as a list shows it."""

    id: str
    disclosure_id: str
    decision_id: str
    sender: str
    purpose: str
    state: Literal["waiting", "opened", "acknowledged", "recalled", "expired"]
    released_at: At
    expires_at: At
    opened_at: At | None
    acknowledged_at: At | None


class InboxShown(WireModel):
    """A page of an inbox."""

    deliveries: list[InboxLine]
    next: Next


class DutyShown(WireModel):
    """A duty as the release's entry holds it."""

    code: str
    bearer: str
    due_at: At | None
    params: dict[str, Any]


class OpenedShown(WireModel):
    """A delivery as handed to its recipient."""

    delivery_id: str
    disclosure_id: str
    decision_id: str
    sender: str
    envelope: Annotated[str, Field(description="Compact JWE.")]
    sender_keys: list[dict[str, Any]]
    release: EvidenceShown
    decision: EvidenceShown
    opened_index: Index
    obligations: list[DutyShown]


class AcknowledgedShown(WireModel):
    """That a delivery was acknowledged."""

    state: Literal["acknowledged"]
    log_index: Index


class RequestMade(WireModel):
    """A request that was put into the controller's inbox."""

    request_id: str
    state: str


class AnswerShown(WireModel):
    """What the asker hears."""

    label: Literal["delivered", "not_shareable", "refused_for_asker"]
    reasons: list[ReasonShown]


class RequestShown(WireModel):
    """A request: ``answer`` is for the asker, everything after it for the controller."""

    request_id: str
    controller: str
    purpose: str
    state: Literal["open", "answered", "closed"]
    requested_at: At
    due_at: At | None
    answer: AnswerShown | None = None
    asker: str = ""
    profile: str = ""
    basis: str = ""
    refs: dict[str, str] = Field(default_factory=dict)
    fields: list[str] = Field(default_factory=list)
    urgency: str = ""
    question_code: str = ""
    sealed_subject: str = ""


class RequestsShown(WireModel):
    """A page of requests."""

    requests: list[RequestShown]
    next: Next


class TaskShown(WireModel):
    """A duty of the caller's agency."""

    id: str
    decision_id: str
    disclosure_id: str
    code: str
    bearer: str
    params: dict[str, Any]
    due_at: At | None
    state: Literal["open", "done", "cancelled"]


class TasksShown(WireModel):
    """A page of duties."""

    tasks: list[TaskShown]
    next: Next


class DischargedShown(WireModel):
    """That a duty was done."""

    state: Literal["done"]
    log_index: Index


class AlertShown(WireModel):
    """What an officer has to look at."""

    id: str
    kind: str
    decision_id: str
    created_at: At
    state: str


class AlertsShown(WireModel):
    """A page of alerts."""

    alerts: list[AlertShown]
    next: Next


class SeenShown(WireModel):
    """That an alert was seen."""

    state: Literal["seen"]
    log_index: Index


class RecordShown(WireModel):
    """An entry of the log as an officer or auditor reads it."""

    entry_id: str
    body: dict[str, Any]
    evidence: EvidenceShown
    read_index: Index
