"""
What happens in one scenario: what is planned, what is asked, and what came of it.

* 前提 only plans. Everything is registered when somebody acts, in the order it was said, so
  that a later sentence can still change what an earlier one planned.
* Persons are named by the cast; each agency has its own handle, and handles of the same
  person in two agencies are linked by the code that one gives the other.
* A permit counts only when the recipient has opened what was sent, and holds exactly that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from gateway.client.answers import (
    Answer,
    InformationRequest,
    OpenedDelivery,
    Recalled,
    Sent,
    UnitAnswer,
)
from gateway.client.proposal import Assertion, Proposal
from gateway.crypto.commitment import Leaf
from gateway.domain.disclosure import Capacity, Direction, Label, RecipientRef
from gateway.domain.ids import ActorId, AgencyId, FieldId, Millis, RequestId, SubjectId
from tests.features.cast import (
    AGENCIES,
    CITY,
    OFFICER,
    PEOPLE,
    PERSONS,
    agency_terms,
    person_terms,
)
from tests.features.words import Words
from tests.simulators.feature_driver import Declined, DeskLike, Driver, Seat

_Done = TypeVar("_Done")

__all__ = ["DAY", "HOUR", "MINUTE", "Draft", "Passing", "Planned", "Story"]

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_RELATIONS: Final = {
    "佐藤さんの息子さん": "household",
    "鈴木さんの相手方": "alleged_perpetrator",
    "知らせてくれた人": "reporter",
}
_NAMES_A_PERSON: Final = ("subject", "subjects", "counterpart_subjects")


@dataclass(frozen=True, slots=True)
class Passing:
    """What would pass: what for, about whom, which fields, to whom; in the feature's words."""

    purpose: str
    person: str
    fields: str
    recipient: str


@dataclass
class Planned:
    """Something to write in a register: by whom, where, and what; persons by their names."""

    seat: Seat
    path: str
    body: dict[str, Any]


@dataclass
class Draft:
    """What comes with the next proposal besides who, what and to whom."""

    basis: str = ""
    profile: str = ""
    refs: dict[str, str] = field(default_factory=dict)
    capacity: str = "own_business"
    asserted: list[Assertion] = field(default_factory=list)
    about: dict[FieldId, list[str]] = field(default_factory=dict)
    concerned: list[str] = field(default_factory=list)
    values: dict[FieldId, str] = field(default_factory=dict)
    read: set[FieldId] = field(default_factory=set)
    acting_for: dict[str, str] = field(default_factory=dict)
    occurred_at: Millis | None = None
    late_reason: str = ""


class Story:
    """One scenario on one driver."""

    def __init__(self, driver: Driver, words: Words) -> None:
        self.driver = driver
        self.words = words
        self.draft = Draft()
        self.pack = "default"
        self.people = {seat: person_terms(seat, post, roles) for seat, post, roles in PEOPLE}
        self.ids: dict[str, str] = {}
        self.answers: list[Answer] = []
        self.declined: Declined | None = None
        self.sent: list[Sent] = []
        self.opened: OpenedDelivery | None = None
        self.recalled: list[Recalled] = []
        self.request_id: RequestId | None = None
        self.done_at = 0
        self._again: Callable[[], None] | None = None
        self._seat: Seat | None = None
        self._recipient = ""
        self._asked_for = ("", "")
        self._record: dict[FieldId, str] = {}
        self._planned: list[Planned] = []
        self._done: list[Planned] = []
        self._enrolled: set[str] = set()
        self._handles: dict[tuple[str, str], SubjectId] = {}

    # --- planning ----------------------------------------------------------------------------

    def plan(self, by: str | Seat, path: str, /, **body: Any) -> Planned:
        """Plan an entry in a register by an agency of the cast, or by a person there."""
        seat = self.seat(by) if isinstance(by, str) else by
        planned = Planned(seat, path, body)
        self._planned.append(planned)
        return planned

    def last(self, register: str) -> dict[str, Any]:
        """Return the body planned last for a register, to change it before it is written."""
        return self._last(register, self._planned).body

    def withdraw(self) -> None:
        """Plan that the consent taken last is withdrawn, by the agency that took it."""
        seat = self._last("consents", [*self._done, *self._planned]).seat
        self.plan(seat, "consents/{consents}/withdrawal", withdrawn_at=None)

    def seat(self, agency: str) -> Seat:
        """Return who acts for an agency in this scenario."""
        seat = AGENCIES[agency].seat
        return Seat(seat.agency, self.draft.acting_for.get(agency, seat.actor))

    def desk(self, agency: str) -> DeskLike:
        """Return the desk of whoever acts for an agency, after enrolling it."""
        self.enrol(agency)
        return self.driver.desk(self.seat(agency))

    def concern(self, labels: str, person: str) -> None:
        """Say that fields are about another person too."""
        for field_id in self.words.fields(labels):
            self.draft.about.setdefault(field_id, []).append(person)
        if person not in self.draft.concerned:
            self.draft.concerned.append(person)

    def vouch(self, fact: str, *, value: str | int | bool, text: str = "") -> None:
        """Have the acting person vouch for a fact."""
        self.draft.asserted.append(Assertion(fact, value, "seen", text))

    # --- settling ----------------------------------------------------------------------------

    def settle(self) -> None:
        """Register everything that was planned, in the order it was said."""
        planned, self._planned = self._planned, []
        self._done += planned
        for entry in planned:
            self.enrol(self._name_of(entry.seat.agency))
            body = {name: self._said(name, v, entry.seat) for name, v in entry.body.items()}
            for agency in _agencies_in(body.values()):
                self.enrol(agency)
            done = self.driver.desk(entry.seat).register(entry.path.format(**self.ids), body)
            register = entry.path.rsplit("/", 1)[-1].replace("-", "_")
            self.ids[register] = str(done.get("id", ""))

    def enrol(self, agency: str) -> None:
        """Register an agency of the cast with everybody who acts for it, once."""
        if not self._enrolled:
            self._enrolled.add("あおば市")
            self.driver.found(self.pack, agency_terms("あおば市"), self.people[CITY])
            self._enrol_people("あおば市")
        if agency in self._enrolled:
            return
        self._enrolled.add(agency)
        self.driver.enrol(CITY, agency_terms(agency))
        self.driver.equip(CITY, AGENCIES[agency].id)
        self._enrol_people(agency)

    def handle(self, agency: str, person: str) -> SubjectId:
        """Return an agency's handle for a person, linked with those of other agencies."""
        self.enrol(agency)
        known = self._handles.get((agency, person))
        if known is not None:
            return known
        desk = self._first_desk(agency)
        handle = desk.subject(PERSONS[person])
        elsewhere = [(a, h) for (a, p), h in self._handles.items() if p == person]
        if elsewhere:
            other, other_handle = elsewhere[0]
            offered = self._first_desk(other).register("subject-links", {"subject": other_handle})
            code = offered["link_code"]
            desk.register("subject-links", {"subject": handle, "link_code": code})
        self._handles[agency, person] = handle
        return handle

    # --- acting ------------------------------------------------------------------------------

    def propose(
        self,
        sender: str,
        passing: Passing,
        *,
        direction: Direction = Direction.PUSH,
    ) -> None:
        """Have an agency ask whether fields may pass, and keep what it was answered."""
        fields = self.words.fields(passing.fields)
        purpose = self.words.purpose(passing.purpose)
        person, recipient = passing.person, passing.recipient
        self._recipient = recipient

        def ask() -> None:
            self.settle()
            self.enrol(sender)
            self.enrol(recipient)
            self._seat = self.seat(sender)
            self._record = {f: self._value(person, f) for f in fields}
            proposal = self._proposal(sender, purpose, person, direction)
            answer = self.attempt(lambda: self.desk(sender).ask(proposal, self._record))
            if answer is not None:
                self.answers.append(answer)

        self._again = ask
        ask()

    def propose_again(self) -> None:
        """Ask once more what was asked last."""
        assert self._again is not None
        self._again()

    def send(self) -> None:
        """Have the sender seal and upload what it was permitted last."""
        self.settle()
        desk, answer = self.sender_desk, self.answers[-1]
        self.sent += self.attempt(lambda: desk.send(answer, self._record)) or []

    def open(self, by: str = "") -> None:
        """Have the recipient, or another agency, open what was sent last."""
        self.settle()
        desk, delivery = self.desk(by or self._recipient), self.sent[-1].delivery_id
        self.opened = self.attempt(lambda: desk.open(delivery))

    def recall(self) -> None:
        """Have the sender take back what it sent last."""
        desk, disclosure_id = self.sender_desk, self.answers[-1].disclosure_id
        self.recalled = self.attempt(lambda: desk.recall(disclosure_id, "sent_in_error")) or []

    def request(self, asker: str, controller: str, purpose: str, labels: str) -> None:
        """Have an agency ask another for data."""
        self.settle()
        self.enrol(controller)
        self._recipient = asker
        asked = self.desk(asker).ask_for(
            AgencyId(AGENCIES[controller].id),
            self.words.purpose(purpose),
            tuple(self.words.fields(labels)),
        )
        self.request_id, self._asked_for = asked.request_id, (purpose, labels)

    def respond(self, controller: str, person: str) -> None:
        """Have the agency that was asked decide about a person, and send what is permitted."""
        purpose, labels = self._asked_for
        passing = Passing(purpose, person, labels, self._recipient)
        self.propose(controller, passing, direction=Direction.PULL)
        if self.unit.is_permitted:
            self.send()

    def heard(self) -> InformationRequest:
        """Return what the agency that asked last has heard."""
        assert self.request_id is not None
        return self.desk(self._recipient).request(self.request_id)

    def state_of_delivery(self) -> str:
        """Return the state of what was sent last, as its recipient sees it."""
        sent = self.sent[-1].delivery_id
        inbox = self.desk(self._recipient).inbox()
        return next(item.state for item in inbox if item.delivery_id == sent)

    @property
    def recipient_desk(self) -> DeskLike:
        """The desk of whoever was to receive last."""
        return self.desk(self._recipient)

    def attempt(self, act: Callable[[], _Done]) -> _Done | None:
        """Do something, and keep the gateway's no if it says no."""
        self.declined = None
        try:
            return act()
        except Declined as declined:
            self.declined = declined
            return None

    # --- what came of it ---------------------------------------------------------------------

    @property
    def unit(self) -> UnitAnswer:
        """The one unit that was decided last."""
        assert self.declined is None, f"the gateway declined: {self.declined}"
        (unit,) = self.answers[-1].units
        return unit

    @property
    def sender_desk(self) -> DeskLike:
        """The desk of whoever asked last."""
        assert self._seat is not None
        return self.driver.desk(self._seat)

    @property
    def label(self) -> Label:
        """The word for what was decided last."""
        return self.unit.label

    def record(self) -> dict[str, Any]:
        """Return all that the decision's entry says, as the privacy officer reads it."""
        assert self.unit.evidence is not None
        entry_id = Leaf.parse(self.unit.evidence.leaf).entry_id
        return self.driver.desk(OFFICER).read_entry(entry_id)

    def reason_titles(self) -> set[str]:
        """Return the titles of every reason of what was decided last."""
        return {reason.title_ja for reason in self.unit.reasons}

    def withheld(self) -> Mapping[FieldId, tuple[str, ...]]:
        """Return the codes against each field that did not pass."""
        return {w.id: w.codes for w in self.unit.withheld}

    def secrets(self) -> Iterable[str]:
        """Return what must stand nowhere in the log: values, and the agencies' references."""
        yield from self._record.values()
        yield from PERSONS.values()

    # --- parts -------------------------------------------------------------------------------

    def _proposal(self, sender: str, purpose: str, person: str, direction: Direction) -> Proposal:
        draft, recipient = self.draft, self.seat(self._recipient)
        asked = {f for f in draft.about if f in self._record}
        to = RecipientRef(AgencyId(recipient.agency), ActorId(recipient.actor))
        return Proposal(
            recipients=(to,),
            subject=self.handle(sender, person),
            purpose=purpose,
            direction=direction,
            capacity=Capacity(draft.capacity),
            co_subjects={
                self.handle(sender, other): _RELATIONS.get(other, "third_party")
                for other in draft.concerned
            },
            basis=draft.basis,
            refs={**self._refs(purpose), **draft.refs},
            profile=draft.profile,
            asserted=tuple(draft.asserted),
            answers_request=str(self.request_id) if direction is Direction.PULL else "",
            occurred_at=self._told_at(direction),
            late_reason=draft.late_reason,
            about={f: [self.handle(sender, p) for p in (person, *draft.about[f])] for f in asked},
            share_ready_by={
                f: ActorId(self.seat(sender).actor) for f in draft.read & self._record.keys()
            },
        )

    def _refs(self, purpose: str) -> dict[str, str]:
        if purpose != "conf" or "agenda_items" not in self.ids:
            return {}
        return {"conference": self.ids["conferences"], "agenda_item": self.ids["agenda_items"]}

    def _told_at(self, direction: Direction) -> Millis | None:
        if not direction.is_recorded_only:
            return None
        return self.draft.occurred_at or self.driver.now()

    def _value(self, person: str, field_id: FieldId) -> str:
        return self.draft.values.get(field_id, f"{person}の架空の記録 {field_id}")

    def _said(self, name: str, value: Any, seat: Seat) -> Any:
        """Return a planned value with persons by the agency's handles."""
        if name not in _NAMES_A_PERSON:
            return self.ids[value[1:]] if _is_reference(value) else value
        agency = self._name_of(seat.agency)
        if isinstance(value, list):
            return [self.handle(agency, person) for person in value]
        return self.handle(agency, value)

    def _enrol_people(self, agency: str) -> None:
        id_ = AGENCIES[agency].id
        for seat, terms in self.people.items():
            if seat.agency == id_ and seat != CITY:
                self.driver.desk(CITY).register(f"agencies/{id_}/actors", terms)

    def _last(self, register: str, planned: list[Planned]) -> Planned:
        return next(p for p in reversed(planned) if p.path.endswith(register))

    def _first_desk(self, agency: str) -> DeskLike:
        return self.driver.desk(AGENCIES[agency].seat)

    def _name_of(self, agency_id: str) -> str:
        return next(name for name, a in AGENCIES.items() if a.id == agency_id)


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("@")


def _agencies_in(values: Iterable[Any]) -> list[str]:
    """Return the names of agencies of the cast that a body names by an agency or a person."""
    flat = [v for value in values for v in (value if isinstance(value, list) else [value])]
    said = {v for v in flat if isinstance(v, str)}
    named = said | {seat.agency for seat, _, _ in PEOPLE if seat.actor in said}
    return [name for name, agency in AGENCIES.items() if agency.id in named]
