"""
Playing an exchange: asked, decided, sealed, delivered, opened and acknowledged, for real.

What came out is compared with what the scenario says; nothing is taken from the scenario
into the result.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.client import (
    Answer,
    Assertion,
    GatewayProblem,
    Proposal,
    ReasonGiven,
    RecipientRef,
    Sent,
    UnitAnswer,
)
from gateway.client.answers import read_reason
from gateway.crypto.commitment import Leaf
from gateway.demo.cast import agency_of
from gateway.demo.script import Exchange, Expected, Town
from gateway.demo.stage import Stage, now
from gateway.domain.disclosure import WithheldField
from gateway.domain.ids import ActorId, AgencyId, FieldId, Millis, RequestId

__all__ = ["Part", "Received", "play"]

_REFUSED: Final = "disclosure-refused"
_READING: Final = "警告を受けて、判断の理由を確かめるため"


@dataclass(frozen=True, slots=True)
class Received:
    """What a recipient's client opened: ids of the fields, and the entries that say so."""

    fields: tuple[str, ...]
    opened_index: int
    acknowledged_index: int


@dataclass(frozen=True, slots=True)
class Part:
    """
    How one recipient's part of an exchange came out.

    Attributes:
        town: Where.
        exchange: What was played.
        expected: How it had to come out.
        unit: The decision, as answered.
        received: What the recipient opened; ``None`` for a refusal and for what is told.
        asker_heard: Codes that the agency which asked for it heard.
        officer_read: Reasons that the privacy officer, alerted, read in the log.
    """

    town: Town
    exchange: Exchange
    expected: Expected
    unit: UnitAnswer
    received: Received | None
    asker_heard: tuple[str, ...]
    officer_read: tuple[ReasonGiven, ...]

    @property
    def withheld(self) -> tuple[WithheldField, ...]:
        """Fields that do not pass; all of them for a refusal."""
        return self.unit.withheld

    @property
    def basis(self) -> str:
        """The basis that carries a permit, or the one that was named in vain."""
        return self.unit.bases[0].basis if self.unit.bases else self.exchange.basis

    @property
    def as_written(self) -> bool:
        """Whether it came out as the scenario says, down to each field."""
        unit, expected = self.unit, self.expected
        codes = {reason.code for reason in unit.reasons}
        bases = {ground.basis for ground in unit.bases}
        return (
            str(unit.label) == expected.outcome
            and bases == ({expected.basis} if expected.basis else set())
            and tuple(sorted(unit.permitted)) == expected.passed
            and codes.issuperset(expected.reasons)
            and tuple(r.code for r in self.officer_read) == expected.officer_reads
            and self._arrived
        )

    @property
    def _arrived(self) -> bool:
        carried = self.unit.is_permitted and not self.exchange.direction.is_recorded_only
        if not carried:
            return self.received is None
        return self.received is not None and self.received.fields == self.expected.passed


def play(stage: Stage, exchange: Exchange) -> list[Part]:
    """
    Play one exchange and return each recipient's part, in the order of the scenario.

    Raises:
        GatewayProblem: The gateway answered anything but a decision.
        GatewayUnreachable: No answer arrived.
        IntegrityError: Something was not proven.
    """
    for entry in exchange.before:
        stage.register(entry)
    request = _requested(stage, exchange)
    units, sent = _given(stage, exchange, _proposal(stage, exchange, request))
    heard = () if request is None else _heard(stage, exchange, request)
    by_recipient = {(str(u.recipient), u.recipient_actor): u for u in units}
    parts = []
    for expected in exchange.expected:
        unit = by_recipient[_recipient(expected)]
        received = _received(stage, expected, sent)
        read = () if unit.is_permitted else _officer_read(stage, unit)
        parts.append(Part(stage.town, exchange, expected, unit, received, heard, read))
    return parts


def _requested(stage: Stage, exchange: Exchange) -> RequestId | None:
    asked = exchange.asked
    if asked is None:
        return None
    request = stage.desk(asked.by).ask_for(
        AgencyId(agency_of(exchange.by).id),
        exchange.purpose,
        asked.fields,
        profile=exchange.profile,
        urgency=exchange.urgency,
    )
    return request.request_id


def _proposal(stage: Stage, exchange: Exchange, request: RequestId | None) -> Proposal:
    by = exchange.by
    told = exchange.direction.is_recorded_only
    return Proposal(
        recipients=tuple(map(_ref, exchange.expected)),
        subject=stage.handle(by, exchange.subject),
        purpose=exchange.purpose,
        direction=exchange.direction,
        co_subjects={stage.handle(by, p): relation for p, relation in exchange.others.items()},
        basis=exchange.basis,
        refs={name: str(stage.resolved(ref, by)) for name, ref in exchange.refs.items()},
        profile=exchange.profile,
        urgency=exchange.urgency,
        asserted=tuple(Assertion(t.fact, t.value, t.evidence, t.text) for t in exchange.told),
        answers_request="" if request is None else request,
        occurred_at=Millis(now()) if told else None,
        classes={FieldId(f): classes for f, classes in exchange.narrowed.items()},
        about={
            FieldId(f): tuple(stage.handle(by, p) for p in persons)
            for f, persons in exchange.about.items()
        },
        share_ready_by={FieldId(f): ActorId(actor) for f, actor in exchange.read_by.items()},
    )


def _given(
    stage: Stage, exchange: Exchange, proposal: Proposal
) -> tuple[tuple[UnitAnswer, ...], list[Sent]]:
    desk, record = stage.desk(exchange.by), _record(exchange.record)
    try:
        if exchange.direction.is_recorded_only:
            return desk.tell(proposal, record).units, []
        answer: Answer = desk.ask(proposal, record)
    except GatewayProblem as problem:
        if problem.code != _REFUSED:
            raise
        return problem.units, []
    return answer.units, desk.send(answer, record)


def _received(stage: Stage, expected: Expected, sent: list[Sent]) -> Received | None:
    agency = agency_of(expected.to).id
    for delivery in sent:
        if delivery.recipient == agency:
            desk = stage.desk(expected.to)
            waiting = {item.delivery_id for item in desk.inbox()}
            if delivery.delivery_id not in waiting:
                return None
            opened = desk.open(delivery.delivery_id)
            acknowledged = desk.acknowledge(delivery.delivery_id)
            return Received(tuple(sorted(opened.fields)), opened.opened_index, acknowledged)
    return None


def _heard(stage: Stage, exchange: Exchange, request: RequestId) -> tuple[str, ...]:
    asked = exchange.asked
    if asked is None:
        return ()
    answer = stage.desk(asked.by).request(request)
    return tuple(reason.code for reason in answer.reasons)


def _officer_read(stage: Stage, unit: UnitAnswer) -> tuple[ReasonGiven, ...]:
    """Return what the officer reads in the log about a decision that raised an alert."""
    officer = stage.connection(stage.town.officer)
    alerted = {alert.text("decision_id") for alert in officer.pages("/v1/alerts", "alerts")}
    if unit.decision_id not in alerted or unit.evidence is None:
        return ()
    entry_id = Leaf.parse(unit.evidence.leaf).entry_id
    entry = officer.post_once(f"/audit/records/entries/{entry_id}", {"reason": _READING})
    decided = entry.members("body").members("policy_decision")
    return tuple(map(read_reason, decided.every("reasons")))


def _record(record: Mapping[str, Any]) -> dict[FieldId, Any]:
    return dict(_fields(record))


def _fields(record: Mapping[str, Any]) -> Iterator[tuple[FieldId, Any]]:
    for id_, value in record.items():
        yield FieldId(id_), list(value) if isinstance(value, tuple) else value


def _ref(expected: Expected) -> RecipientRef:
    agency, actor = _recipient(expected)
    return RecipientRef(AgencyId(agency), ActorId(actor) if actor else None)


def _recipient(expected: Expected) -> tuple[str, str]:
    agency = agency_of(expected.to).id
    return agency, "" if expected.to == agency else expected.to
