"""
Legal holds: an entry, or everything about a person, that may not be erased until it is lifted.

* Placing and lifting are entries of the log, by a privacy officer, with a reason code.
* A hold on a person holds every entry that concerns the person, also what comes later.
* Erasure stands on the epoch of all holds, so one that is placed meanwhile is noticed.
"""

from dataclasses import dataclass
from typing import Final

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import digest_text
from gateway.domain.errors import Conflict, NotFound, SchemaViolation
from gateway.domain.ids import EntryId, PersonId, SubjectId, TenantId
from gateway.domain.log import EntryDraft, EntryType, FactVersion, JSONValue, KeyEpoch, PutFact
from gateway.ports.registers import FactRow, Registers
from gateway.services.about import EntriesAbout
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.recording import Change, Recorder
from gateway.services.retention import is_code

__all__ = ["HOLDS", "Hold", "LegalHolds", "active_holds"]

HOLDS: Final = "legal-holds"
_KIND: Final = "legal_hold"


@dataclass(frozen=True, slots=True)
class Hold:
    """
    One hold that stands.

    Attributes:
        id: Its id.
        entry_id: The entry that is held; empty when a person is.
        person: The person; empty when an entry is held.
        code: Why.
    """

    id: str
    entry_id: str
    person: str
    code: str


class LegalHolds:
    """Places, lifts and lists the holds of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._authority = Authority(context)
        self._about = EntriesAbout(context)

    def active(self) -> tuple[Hold, ...]:
        """Return the holds that stand, oldest first."""
        return active_holds(self._context.registers, self._context.tenant_id)

    def epoch(self) -> KeyEpoch:
        """Return what an erasure relies on: that no hold has changed meanwhile."""
        context = self._context
        return KeyEpoch(HOLDS, context.registers.epoch(context.tenant_id, HOLDS))

    def held_entries(self) -> frozenset[EntryId]:
        """Return every entry that is held now, by itself or by a person it concerns."""
        holds = self.active()
        entries = {EntryId(hold.entry_id) for hold in holds if hold.entry_id}
        for person in {PersonId(hold.person) for hold in holds if hold.person}:
            entries.update(self._about.entries(person))
        return frozenset(entries)

    def place(
        self, by: Acting, code: str, *, entry_id: EntryId | None = None, subject: str = ""
    ) -> Hold:
        """
        Hold an entry, or everything about a person.

        Args:
            by: A privacy officer.
            code: Why, in lower snake case.
            entry_id: The entry; or
            subject: some agency's handle of the person.

        Raises:
            NotAuthorized: The person is no privacy officer acting here and now.
            SchemaViolation: The code is none, or not exactly one of the two is named.
            NotFound: There is no such entry or handle.
            LogUnavailable: It could not be recorded, so it does not stand.
        """
        relied_on = self._authority.officer(by)
        if not is_code(code):
            raise SchemaViolation([("/code", "lower case letters, digits and underscores")])
        if (entry_id is None) == (not subject):
            raise SchemaViolation([("/", "an entry or a subject, and not both")])
        person = self._person(subject) if subject else PersonId("")
        if entry_id is not None and self._context.log.find(self._context.log_id, entry_id) is None:
            raise NotFound
        fact: dict[str, JSONValue] = {
            "id": self._context.ids.new(),
            "entry_id": entry_id or "",
            "person": person,
            "code": code,
            "placed_at": self._context.clock.now(),
            "lifted_at": None,
        }
        put = PutFact(_KIND, str(fact["id"]), 0, fact, (HOLDS,))
        self._record(by, put, ("placed", code), relied_on)
        return Hold(put.id, entry_id or "", person, code)

    def lift(self, by: Acting, hold_id: str, code: str) -> None:
        """
        Lift a hold.

        Raises:
            NotAuthorized: The person is no privacy officer acting here and now.
            SchemaViolation: The code is none.
            NotFound: There is no such hold.
            Conflict: HOLD_LIFTED: it does not stand any more.
            LogUnavailable: It could not be recorded, so it stands.
        """
        relied_on = self._authority.officer(by)
        if not is_code(code):
            raise SchemaViolation([("/code", "lower case letters, digits and underscores")])
        row = self._authority.fact(_KIND, hold_id)
        if row.fact["lifted_at"] is not None:
            raise Conflict("HOLD_LIFTED")
        fact = {**row.fact, "lifted_at": self._context.clock.now()}
        put = PutFact(_KIND, hold_id, row.version, fact, ())
        self._record(by, put, ("lifted", code), relied_on)

    def _person(self, subject: str) -> PersonId:
        found = self._context.registers.subject(self._context.tenant_id, SubjectId(subject))
        if found is None:
            raise NotFound
        return found.person_id

    def _record(
        self,
        by: Acting,
        put: PutFact,
        what: tuple[str, str],
        relied_on: tuple[FactVersion, ...],
    ) -> None:
        change, code = what
        body: dict[str, JSONValue] = {
            "kind": _KIND,
            "record_id": put.id,
            "version": put.expected_version + 1,
            "fact_digest": digest_text(canonical_json(put.fact)),
            "change": change,
            "agency": by.agency_id,
            "system": by.caller.system_id,
            "actor": by.actor_id,
            "code": code,
            "fact": put.fact,
        }
        person = str(put.fact["person"])
        draft = EntryDraft(
            self._context.ids.entry(),
            EntryType.REGISTER,
            self._context.clock.now(),
            body,
            (PersonId(person),) if person else (),
            retention="audit",
        )
        self._recorder.record(Change((self._recorder.prepare(draft),), (put,), relied_on))


def active_holds(registers: Registers, tenant_id: TenantId) -> tuple[Hold, ...]:
    """Return the holds of a tenant that stand, oldest first."""
    return tuple(_hold(row) for row in registers.facts_by_key(tenant_id, HOLDS))


def _hold(row: FactRow) -> Hold:
    fact = row.fact
    return Hold(row.id, str(fact["entry_id"]), str(fact["person"]), str(fact["code"]))
