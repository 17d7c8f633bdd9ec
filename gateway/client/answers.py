"""
What the gateway answers, as values.

Nothing here has been verified by being read: :mod:`gateway.client.proofs` does that, and
``Desk`` hands out permitted units only afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.audit.verify import Evidence
from gateway.client.errors import UnreadableAnswer
from gateway.client.members import Members
from gateway.crypto.sealing import SealedBy
from gateway.domain.disclosure import Label, Obligation, WithheldField
from gateway.domain.ids import (
    AgencyId,
    DecisionId,
    DeliveryId,
    DisclosureId,
    FieldId,
    Millis,
    RequestId,
    SubjectId,
)

__all__ = [
    "Answer",
    "Ground",
    "InboxItem",
    "InformationRequest",
    "ObligationTask",
    "OpenedDelivery",
    "ReasonGiven",
    "Recalled",
    "Sent",
    "UnitAnswer",
    "read_inbox_item",
    "read_obligation",
    "read_reason",
    "read_request",
    "read_task",
    "read_unit",
]


@dataclass(frozen=True, slots=True)
class Ground:
    """A legal basis that holds, and its article."""

    basis: str
    article: str


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """Why not, and what may lawfully be done instead; ``fields`` is empty for all of them."""

    code: str
    rule: str
    article: str
    title_ja: str
    title_en: str
    next_step_ja: str
    next_step_en: str
    lawful_alternatives: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """
    The decision for one recipient.

    Attributes:
        decision_id: Its identifier.
        recipient: The recipient agency.
        recipient_actor: The person there; empty when none was named.
        subject: The main subject.
        label: ``permit`` and ``permit_partial`` let something pass.
        bases: The grounds that hold.
        permitted: Ids of the fields that pass.
        withheld: Those that do not, with the codes against each.
        reasons: Every reason against the unit or a field of it.
        obligations: What comes with the permit.
        held_by: Who may lift a refusal.
        expires_at: Until when the permit may be used; ``None`` without one.
        recipient_key: JWK to seal to; ``None`` for what is told or refused.
        log_index: Index of the decision's entry.
        release_index: Index of the release of what was told; ``None`` otherwise.
        evidence: The decision's entry.
    """

    decision_id: DecisionId
    recipient: AgencyId
    recipient_actor: str
    subject: SubjectId
    label: Label
    bases: tuple[Ground, ...]
    permitted: tuple[FieldId, ...]
    withheld: tuple[WithheldField, ...]
    reasons: tuple[ReasonGiven, ...]
    obligations: tuple[Obligation, ...]
    held_by: tuple[str, ...]
    expires_at: Millis | None
    recipient_key: Mapping[str, Any] | None
    log_index: int
    release_index: int | None
    evidence: Evidence | None = field(repr=False)

    @property
    def is_permitted(self) -> bool:
        """Whether anything may pass."""
        return self.label in {Label.PERMIT, Label.PERMIT_PARTIAL}


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The decisions on one proposal; every permitted unit is verified.

    Attributes:
        disclosure_id: The disclosure.
        units: One for each recipient.
        record_digest: Digest of the record that was described: this one may be sent.
    """

    disclosure_id: DisclosureId
    units: tuple[UnitAnswer, ...]
    record_digest: str

    @property
    def permitted(self) -> tuple[UnitAnswer, ...]:
        """The units that let something pass."""
        return tuple(unit for unit in self.units if unit.is_permitted)


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery that waits for its recipient, its release verified."""

    delivery_id: DeliveryId
    decision_id: DecisionId
    recipient: AgencyId
    fields: tuple[FieldId, ...]
    state: str
    expires_at: Millis | None
    log_index: int
    evidence: Evidence = field(repr=False)


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A delivery as listed: nothing of the case, and nothing verified yet."""

    delivery_id: DeliveryId
    disclosure_id: DisclosureId
    decision_id: DecisionId
    sender: AgencyId
    purpose: str
    state: str
    released_at: Millis | None
    expires_at: Millis | None
    opened_at: Millis | None
    acknowledged_at: Millis | None


@dataclass(frozen=True, slots=True)
class OpenedDelivery:
    """
    A record as opened, after every check.

    Attributes:
        delivery_id: The delivery.
        disclosure_id: The disclosure.
        decision_id: The decision under which it was released.
        sender: The controller.
        fields: Field id to value.
        sealed_by: Who sealed and signed: the controller, or the gateway on its behalf.
        signer_fingerprint: Thumbprint of the key that signed, pinned.
        obligations: What the recipient owes.
        opened_index: Index of the entry that says it was opened.
        release: The release's entry, verified.
    """

    delivery_id: DeliveryId
    disclosure_id: DisclosureId
    decision_id: DecisionId
    sender: AgencyId
    fields: Mapping[str, Any] = field(repr=False)
    sealed_by: SealedBy
    signer_fingerprint: str
    obligations: tuple[Obligation, ...]
    opened_index: int
    release: Evidence = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall did to one delivery: ``recalled``, or the state that it keeps."""

    delivery_id: DeliveryId
    state: str
    log_index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """
    A request for another agency's data, as one of its two sides sees it.

    Attributes:
        request_id: Its identifier.
        controller: The agency that was asked.
        purpose: What for.
        state: ``open``, ``answered`` or ``closed``.
        due_at: Until when an answer is of use.
        answer: For the asker: ``delivered``, ``not_shareable``, ``refused_for_asker``, or empty.
        reasons: For the asker: those that it may hear.
        asker: For the controller, as are the following: the agency that asks.
        basis: The basis it names; empty for none.
        profile: Named field subset; empty for none.
        refs: Named facts.
        fields: Ids of the fields asked for.
        urgency: ``normal``, ``today`` or ``emergency``.
        sealed_subject: About whom, sealed to the controller; empty when ``refs`` say it.
    """

    request_id: RequestId
    controller: AgencyId
    purpose: str
    state: str
    due_at: Millis | None = None
    answer: str = ""
    reasons: tuple[ReasonGiven, ...] = ()
    asker: AgencyId | None = None
    basis: str = ""
    profile: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    urgency: str = ""
    sealed_subject: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ObligationTask:
    """A duty that is due."""

    id: str
    decision_id: DecisionId
    disclosure_id: DisclosureId
    code: str
    bearer: str
    params: Mapping[str, Any]
    due_at: Millis | None
    state: str


def read_unit(members: Members) -> UnitAnswer:
    """Read one unit of an answer or of a refusal."""
    key = members.members_or_none("recipient_key")
    return UnitAnswer(
        decision_id=DecisionId(members.text("decision_id")),
        recipient=AgencyId(members.text("recipient")),
        recipient_actor=members.text_or_none("recipient_actor"),
        subject=SubjectId(members.text("subject")),
        label=_label(members.text("label")),
        bases=tuple(Ground(m.text("basis"), m.text("article")) for m in members.every("bases")),
        permitted=tuple(map(FieldId, members.texts("fields_permitted"))),
        withheld=tuple(
            WithheldField(FieldId(m.text("field")), m.texts("codes"), m.texts("by"))
            for m in members.every("fields_withheld")
        ),
        reasons=tuple(map(read_reason, members.every("reasons"))),
        obligations=tuple(map(read_obligation, members.every("obligations"))),
        held_by=members.texts("held_by"),
        expires_at=members.instant("expires_at"),
        recipient_key=None if key is None else key.members("jwk").as_dict(),
        log_index=members.whole("log_index"),
        release_index=members.whole_or_none("release_index"),
        evidence=members.evidence("evidence") if members.has("evidence") else None,
    )


def read_reason(members: Members) -> ReasonGiven:
    """Read one reason."""
    return ReasonGiven(
        code=members.text("code"),
        rule=members.text_or_none("rule"),
        article=members.text_or_none("article"),
        title_ja=members.text_or_none("title_ja"),
        title_en=members.text_or_none("title_en"),
        next_step_ja=members.text_or_none("next_step_ja"),
        next_step_en=members.text_or_none("next_step_en"),
        lawful_alternatives=members.texts("lawful_alternatives"),
        fields=members.texts("fields") if members.has("fields") else (),
    )


def read_obligation(members: Members) -> Obligation:
    """Read one obligation that comes with a permit or a delivery."""
    return Obligation(
        code=members.text("code"),
        bearer=members.text("bearer"),
        title_ja=members.text_or_none("title_ja"),
        title_en=members.text_or_none("title_en"),
        params=members.members("params").as_dict() if members.has("params") else {},
        due_at=members.instant("due_at"),
    )


def read_inbox_item(members: Members) -> InboxItem:
    """Read one line of the inbox."""
    return InboxItem(
        delivery_id=DeliveryId(members.text("id")),
        disclosure_id=DisclosureId(members.text("disclosure_id")),
        decision_id=DecisionId(members.text("decision_id")),
        sender=AgencyId(members.text("sender")),
        purpose=members.text("purpose"),
        state=members.text("state"),
        released_at=members.instant("released_at"),
        expires_at=members.instant("expires_at"),
        opened_at=members.instant("opened_at"),
        acknowledged_at=members.instant("acknowledged_at"),
    )


def read_request(members: Members) -> InformationRequest:
    """Read one request for another agency's data."""
    answer = members.members_or_none("answer")
    refs = members.members_or_none("refs")
    return InformationRequest(
        request_id=RequestId(members.text("request_id")),
        controller=AgencyId(members.text("controller")),
        purpose=members.text("purpose"),
        state=members.text("state"),
        due_at=members.instant("due_at"),
        answer="" if answer is None else answer.text("label"),
        reasons=() if answer is None else tuple(map(read_reason, answer.every("reasons"))),
        asker=AgencyId(members.text("asker")) if members.has("asker") else None,
        basis=members.text_or_none("basis"),
        profile=members.text_or_none("profile"),
        refs={} if refs is None else refs.as_dict(),
        fields=members.texts("fields") if members.has("fields") else (),
        urgency=members.text_or_none("urgency"),
        sealed_subject=members.text_or_none("sealed_subject"),
    )


def read_task(members: Members) -> ObligationTask:
    """Read one duty that is due."""
    return ObligationTask(
        id=members.text("id"),
        decision_id=DecisionId(members.text("decision_id")),
        disclosure_id=DisclosureId(members.text("disclosure_id")),
        code=members.text("code"),
        bearer=members.text("bearer"),
        params=members.members("params").as_dict(),
        due_at=members.instant("due_at"),
        state=members.text("state"),
    )


def _label(text: str) -> Label:
    if text not in list(Label):
        raise UnreadableAnswer("an answer has another shape")
    return Label(text)
