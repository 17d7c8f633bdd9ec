"""
Erasing what entries say: body, wrapped key, index of persons, and the rows of the decision.

* The ``erase`` entry and the destruction are one transaction: neither is there without the
  other, whenever the process ends (decision 0018).
* What is erased, why and on which ground is recorded; never whose it was. Entries that say what
  was erased are never erased themselves.
* Refused: what is held, what is still kept by the pack's periods unless the ground overrides
  them, what is still waiting to be opened, and what nobody with the right has confirmed.
* Leaves stay. Copies are reached by destroying the key-encryption key (``services.wrapping``).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from gateway.crypto.commitment import Leaf
from gateway.domain.erasure import ErasureGround
from gateway.domain.errors import Conflict, NotFound, StaleFacts
from gateway.domain.ids import EntryId, PersonId, SubjectId
from gateway.domain.log import (
    DropRow,
    EntryDraft,
    EntryType,
    EraseBody,
    FactVersion,
    JSONValue,
    RowChange,
)
from gateway.ports.log import StoredEntry
from gateway.services.about import EntriesAbout
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.legal_holds import LegalHolds
from gateway.services.recording import Change, Recorder
from gateway.services.registers.approvals import second_person
from gateway.services.retention import RetentionEnds, pack_of

__all__ = ["DUE", "Confirmed", "DueErased", "Erased", "Erasures"]

DUE: Final = "retention_over"

_BATCH: Final = 250
_PAGE: Final = 256
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Confirmed:
    """
    Who erases.

    Attributes:
        operator: Who sits at the gateway's machine; recorded when no officer confirms.
        by: The privacy officer who confirms it, if any.
        second: The second person, if any.
    """

    operator: str
    by: Acting | None = None
    second: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """
    What is gone now.

    Attributes:
        entries: Entries whose bodies were erased by this call.
        already: Entries whose bodies had been erased before.
        indices: Index of each ``erase`` entry that says so.
    """

    entries: tuple[EntryId, ...] = ()
    already: tuple[EntryId, ...] = ()
    indices: tuple[int, ...] = ()


@dataclass(slots=True)
class DueErased:
    """
    What a run over the whole log did.

    Attributes:
        erased: Bodies erased by it.
        held: Bodies whose retention has ended and that are held.
        waiting: Bodies whose retention has ended and whose delivery still waits.
        unruled: Bodies of each retention class that the pack has no period for.
        indices: Index of each ``erase`` entry.
    """

    erased: int = 0
    held: int = 0
    waiting: int = 0
    unruled: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    indices: list[int] = field(default_factory=list)


class Erasures:
    """Erases bodies of one tenant's log."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._authority = Authority(context)
        self._holds = LegalHolds(context)
        self._about = EntriesAbout(context)

    def about(self, subject: str) -> tuple[EntryId, ...]:
        """
        Return the entries with a body that concern the person behind an agency's handle.

        Entries that say what was erased are left out, since they say nothing of anybody.

        Raises:
            NotFound: There is no such handle.
        """
        row = self._context.registers.subject(self._context.tenant_id, SubjectId(subject))
        if row is None:
            raise NotFound
        found = self._about.entries(PersonId(row.person_id))
        return tuple(entry for entry in found if self._has_body(entry))

    def erase(self, entry_ids: Iterable[EntryId], ground: str, confirmed: Confirmed) -> Erased:
        """
        Erase what these entries say, all or none of a batch of 250.

        Args:
            entry_ids: The entries.
            ground: Why: a code of the pack's ``log_erasure``.
            confirmed: Who erases.

        Raises:
            NotFound: There is no such entry or second person.
            NotAuthorized: Who confirms is no privacy officer acting here and now.
            Conflict: GROUND_UNKNOWN, OFFICER_NEEDED, SECOND_PERSON_NEEDED, SECOND_PERSON_SAME,
                SECOND_PERSON_NOT_IN_OFFICE, LEGAL_HOLD, RETENTION_RUNNING, DELIVERY_WAITING or
                ERASE_ENTRY_KEPT; nothing of that batch has changed.
            LogUnavailable: It could not be recorded, so nothing of that batch is erased.
        """
        allowed = self._ground(ground)
        relied_on = self._confirmed(allowed, confirmed)
        ends = RetentionEnds(self._context)
        done = Erased()
        for batch in _batches(dict.fromkeys(entry_ids)):
            stored = [self._stored(entry_id) for entry_id in batch]
            already = tuple(s.entry_id for s in stored if s.body is None)
            there = [s for s in stored if s.body is not None]
            if not allowed.before_end and not all(map(ends.has_ended, there)):
                raise Conflict("RETENTION_RUNNING")
            indices = self._erase(there, allowed, confirmed, relied_on)
            done = Erased(
                (*done.entries, *(s.entry_id for s in there)),
                (*done.already, *already),
                (*done.indices, *indices),
            )
        return done

    def erase_due(
        self, confirmed: Confirmed, progress: Callable[[int, int], None] | None = None
    ) -> DueErased:
        """
        Erase every body whose retention has ended, except what is held or still waits.

        Args:
            confirmed: Who erases.
            progress: Called with entries looked at and entries in all.

        Raises:
            NotAuthorized, Conflict: As :meth:`erase`, as far as who confirms is concerned.
            PolicyUnavailable: The tenant's pack says nothing of retention.
            LogUnavailable: A batch could not be recorded; those before it are erased.
        """
        allowed = self._ground(DUE)
        relied_on = self._confirmed(allowed, confirmed)
        done, ends, held = DueErased(), RetentionEnds(self._context), self._holds.held_entries()
        size = self._context.log.checkpoint(self._context.log_id).size
        for start in range(0, size, _PAGE):
            end = min(start + _PAGE, size)
            stored = self._context.log.stored(self._context.log_id, start, end)
            due = [s for s in stored if self._is_due(s, ends, done)]
            free = [s for s in due if s.entry_id not in held]
            done.held += len(due) - len(free)
            ready = [s for s in free if self._rows_of(s) is not None]
            done.waiting += len(free) - len(ready)
            done.indices += self._erase(ready, allowed, confirmed, relied_on)
            done.erased += len(ready)
            if progress:
                progress(end, size)
        return done

    # --- whether ----------------------------------------------------------------------------

    def _ground(self, code: str) -> ErasureGround:
        found = self._context.rulebook.erasure_ground(pack_of(self._context), code)
        if found is None:
            raise Conflict("GROUND_UNKNOWN")
        return found

    def _confirmed(self, ground: ErasureGround, confirmed: Confirmed) -> tuple[FactVersion, ...]:
        by = confirmed.by
        if by is None:
            if ground.officers:
                raise Conflict("OFFICER_NEEDED")
            return ()
        relied_on = self._authority.officer(by)
        if not confirmed.second:
            if ground.officers > 1:
                raise Conflict("SECOND_PERSON_NEEDED")
            return relied_on
        now = self._context.clock.now()
        second = second_person(self._authority, confirmed.second, by, now)
        return (*relied_on, second.as_version)

    def _stored(self, entry_id: EntryId) -> StoredEntry:
        stored = self._context.log.find(self._context.log_id, entry_id)
        if stored is None:
            raise NotFound
        if Leaf.parse(stored.leaf).type == EntryType.ERASE:
            raise Conflict("ERASE_ENTRY_KEPT")
        return stored

    def _has_body(self, entry_id: EntryId) -> bool:
        stored = self._context.log.find(self._context.log_id, entry_id)
        return stored is not None and stored.body is not None

    def _is_due(self, stored: StoredEntry, ends: RetentionEnds, done: DueErased) -> bool:
        if stored.body is None or Leaf.parse(stored.leaf).type == EntryType.ERASE:
            return False
        if not ends.has_rule(stored.body.retention):
            done.unruled[stored.body.retention] += 1
            return False
        return ends.has_ended(stored)

    # --- doing it ---------------------------------------------------------------------------

    def _erase(
        self,
        stored: Sequence[StoredEntry],
        ground: ErasureGround,
        confirmed: Confirmed,
        relied_on: tuple[FactVersion, ...],
    ) -> tuple[int, ...]:
        if not stored:
            return ()
        for last in reversed(range(_TRIES)):
            # Read first: a hold that is placed from here on makes the epoch another one.
            epoch = self._holds.epoch()
            if not self._holds.held_entries().isdisjoint(s.entry_id for s in stored):
                raise Conflict("LEGAL_HOLD")
            change = self._change(stored, ground, confirmed)
            try:
                recorded = self._recorder.record(
                    Change(change.drafts, change.rows, relied_on, (epoch,))
                )
            except StaleFacts:
                if not last:
                    raise
                continue
            return recorded.indices
        raise StaleFacts("STALE_FACTS")

    def _change(
        self, stored: Sequence[StoredEntry], ground: ErasureGround, confirmed: Confirmed
    ) -> Change:
        rows: list[RowChange] = []
        classes: dict[str, list[EntryId]] = defaultdict(list)
        for one in stored:
            dropped = self._rows_of(one)
            if dropped is None:
                raise Conflict("DELIVERY_WAITING")
            rows += [*dropped, EraseBody(one.entry_id)]
            classes[one.body.retention if one.body else ""].append(one.entry_id)
        drafts = (
            self._draft(retention, ids, ground, confirmed) for retention, ids in classes.items()
        )
        return Change(tuple(map(self._recorder.prepare, drafts)), tuple(dict.fromkeys(rows)))

    def _draft(
        self, retention: str, ids: Sequence[EntryId], ground: ErasureGround, confirmed: Confirmed
    ) -> EntryDraft:
        body: dict[str, JSONValue] = {
            "code": ground.code,
            "article": ground.article,
            "retention": retention,
            "entry_ids": tuple(ids),
            "count": len(ids),
            "actor": confirmed.operator if confirmed.by is None else confirmed.by.actor_id,
            "second_actor": confirmed.second,
        }
        return EntryDraft(
            self._context.ids.entry(),
            EntryType.ERASE,
            self._context.clock.now(),
            body,
            retention="audit",
        )

    def _rows_of(self, stored: StoredEntry) -> tuple[DropRow, ...] | None:
        """Return the rows that go with an entry; ``None`` while something may still come of it."""
        type_ = Leaf.parse(stored.leaf).type
        if type_ not in {EntryType.DECISION, EntryType.RELEASE}:
            return ()
        decision_id = str(self._recorder.body_of(stored.entry_id).get("decision_id", ""))
        context = self._context
        unit = context.registers.row(context.tenant_id, "unit", decision_id)
        deliveries = self._rows_under("delivery", decision_id)
        if any(row["state"] == "waiting" for row in deliveries) or _is_open(unit, context):
            return None
        if type_ == EntryType.RELEASE:
            return tuple(_drop("delivery", row) for row in deliveries)
        tasks = self._rows_under("task", decision_id)
        units = [] if unit is None else [_drop("unit", unit)]
        return (*units, *(_drop("task", row) for row in tasks))

    def _rows_under(self, table: str, decision_id: str) -> Sequence[Mapping[str, object]]:
        context = self._context
        where = {"decision_id": decision_id}
        return context.registers.rows(context.tenant_id, table, where, limit=1_000)


def _is_open(unit: Mapping[str, object] | None, context: Context) -> bool:
    """Return whether a permit can still be used."""
    if unit is None or unit["state"] != "permitted":
        return False
    expires_at = unit["expires_at"]
    return isinstance(expires_at, int) and expires_at > context.clock.now()


def _drop(table: str, row: Mapping[str, object]) -> DropRow:
    return DropRow(table, str(row["id"]), str(row["state"]))


def _batches(ids: Iterable[EntryId]) -> Iterator[list[EntryId]]:
    remaining = iter(ids)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
