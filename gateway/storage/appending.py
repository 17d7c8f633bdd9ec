"""
A batch of changes becomes one transaction: entries, rows, tiles, one head, the tip.

First all changes run together. If any of them cannot be, the transaction is undone and
each runs in its own savepoint, so that only the failing one is dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.domain.errors import Conflict, IntegrityError
from gateway.domain.ids import EntryId, LogId, Millis
from gateway.ports.log import Checkpoint
from gateway.storage import statements as sql
from gateway.storage.merging import merge_steps
from gateway.storage.session import StepFailed, WriteSession
from gateway.storage.steps import CompiledChange, Step, entry_steps
from gateway.storage.tree import Growth, Tree, grow

__all__ = ["Outcome", "Written", "append", "checkpoint_step", "find_indices"]

Outcome: TypeAlias = tuple[int, ...] | Conflict


@dataclass(frozen=True, slots=True)
class Written:
    """
    What a committed batch has brought about.

    Attributes:
        outcomes: For each change the indices of its entries, or why it was dropped.
        growths: For each log that grew, what it grew to.
        leaves: For each log that grew, the new leaves.
        entries: For each log that grew, the index of each new entry.
    """

    outcomes: tuple[Outcome, ...]
    growths: Mapping[LogId, Growth]
    leaves: Mapping[LogId, Sequence[bytes]]
    entries: Mapping[LogId, Mapping[EntryId, int]]


@dataclass(slots=True)
class _Batch:
    """Entries accepted so far, by log; indices follow from how many there are."""

    trees: Mapping[LogId, Tree]
    accepted: dict[LogId, list[CompiledChange]] = field(default_factory=dict)
    sizes: dict[LogId, int] = field(default_factory=dict)

    def next_index(self, log_id: LogId) -> int:
        return self.sizes.get(log_id, self.trees[log_id].size)

    def accept(self, change: CompiledChange) -> tuple[int, ...]:
        first = self.next_index(change.log_id)
        self.sizes[change.log_id] = first + len(change.entries)
        self.accepted.setdefault(change.log_id, []).append(change)
        return tuple(range(first, self.sizes[change.log_id]))

    def growths(self) -> dict[LogId, Growth]:
        return {
            log_id: grow(self.trees[log_id], (e.leaf_hash for c in changes for e in c.entries))
            for log_id, changes in self.accepted.items()
        }


def append(
    session: WriteSession,
    trees: Mapping[LogId, Tree],
    changes: Sequence[CompiledChange],
    checkpoints: Mapping[LogId, Checkpoint],
    now: Millis,
) -> Written:
    """
    Commit the changes in one transaction; what fails is dropped, the others stay.

    Args:
        session: The writer's connection, no transaction open.
        trees: Each log's tree as last committed.
        changes: In the order in which they take their indices.
        checkpoints: Signed heads to store along with this batch.
        now: When the heads are committed.

    Raises:
        WriteFailed: The database failed; the outcome is unknown.
        IntegrityError: Somebody else has written to the log; nothing was committed.
    """
    session.begin()
    together = _together(session, trees, changes, checkpoints, now)
    if together is None:
        session.rollback()
        session.begin()
        batch, outcomes = _one_by_one(session, trees, changes)
        growths = batch.growths()
        try:
            session.run(list(_closing_steps(trees, growths, checkpoints, now)))
        except StepFailed as error:
            session.rollback()
            raise IntegrityError("somebody else writes to this log") from error
    else:
        batch, outcomes, growths = together
    session.commit()
    return _written(batch, outcomes, growths)


def checkpoint_step(log_id: LogId, checkpoint: Checkpoint) -> Step:
    """Return the step that stores a signed head unless a newer one is stored."""
    size = checkpoint.size
    return Step(sql.INSERT_CHECKPOINT, (log_id, size, checkpoint.note, log_id, size))


def find_indices(
    session: WriteSession, changes: Sequence[CompiledChange]
) -> list[tuple[int, ...] | None]:
    """Return for each change the indices of its entries, or ``None`` if they are not there."""
    found: list[tuple[int, ...] | None] = []
    for change in changes:
        rows = [
            session.fetch(sql.SELECT_INDEX, (change.log_id, e.entry_id)) for e in change.entries
        ]
        found.append(tuple(r[0][0] for r in rows) if all(rows) else None)
    return found


def _together(
    session: WriteSession,
    trees: Mapping[LogId, Tree],
    changes: Sequence[CompiledChange],
    checkpoints: Mapping[LogId, Checkpoint],
    now: Millis,
) -> tuple[_Batch, list[Outcome], dict[LogId, Growth]] | None:
    if any(change.reads_first for change in changes):
        return None
    batch = _Batch(trees)
    steps = list(_locks(session, changes))
    outcomes: list[Outcome] = []
    for change in changes:
        steps += _change_steps(session, batch, change)
        outcomes.append(batch.accept(change))
    growths = batch.growths()
    steps += _closing_steps(trees, growths, checkpoints, now)
    try:
        session.run(steps)
    except StepFailed:
        return None
    return batch, outcomes, growths


def _one_by_one(
    session: WriteSession, trees: Mapping[LogId, Tree], changes: Sequence[CompiledChange]
) -> tuple[_Batch, list[Outcome]]:
    batch = _Batch(trees)
    session.run(list(_locks(session, changes)))
    outcomes: list[Outcome] = []
    for change in changes:
        session.savepoint()
        try:
            _run_change(session, batch, change)
        except StepFailed as error:
            session.undo()
            if error.refusal is None:
                session.rollback()
                raise IntegrityError("somebody else writes to this log") from error
            outcomes.append(error.refusal.as_error())
        else:
            session.release()
            outcomes.append(batch.accept(change))
    return batch, outcomes


def _run_change(session: WriteSession, batch: _Batch, change: CompiledChange) -> None:
    if not change.reads_first:
        session.run(list(_change_steps(session, batch, change)))
        return
    session.run(list(change.checks(session.dialect)))
    for part in change.parts:
        if isinstance(part, Step):
            session.run([part])
        else:
            steps = merge_steps(session.fetch, change.tenant_id, part, change.changed_at)
            session.run(list(steps))
    session.run(list(_entries(batch, change)))


def _change_steps(session: WriteSession, batch: _Batch, change: CompiledChange) -> Iterator[Step]:
    yield from change.checks(session.dialect)
    for part in change.parts:
        if isinstance(part, Step):
            yield part
    yield from _entries(batch, change)


def _entries(batch: _Batch, change: CompiledChange) -> Iterator[Step]:
    first = batch.next_index(change.log_id)
    for seq, entry in enumerate(change.entries, first):
        yield from entry_steps(change.log_id, entry, seq)


def _locks(session: WriteSession, changes: Sequence[CompiledChange]) -> Iterator[Step]:
    if session.dialect.lock_tip is not None:
        for log_id in sorted({change.log_id for change in changes}):
            yield Step(session.dialect.lock_tip, (log_id,), 1)


def _closing_steps(
    trees: Mapping[LogId, Tree],
    growths: Mapping[LogId, Growth],
    checkpoints: Mapping[LogId, Checkpoint],
    now: Millis,
) -> Iterator[Step]:
    for log_id, growth in growths.items():
        old, new = trees[log_id], growth.tree
        frontier = new.frontier.to_bytes()
        for level, number, hashes in growth.tiles:
            yield Step(sql.INSERT_TILE, (log_id, level, number, hashes), 1)
        head = (log_id, new.size, old.size, new.root, frontier, new.size - old.size, now)
        yield Step(sql.INSERT_HEAD, head, 1)
        yield Step(sql.EXTEND_TIP, (new.size, new.root, frontier, log_id, old.size), 1)
    for log_id, checkpoint in checkpoints.items():
        yield checkpoint_step(log_id, checkpoint)


def _written(batch: _Batch, outcomes: list[Outcome], growths: Mapping[LogId, Growth]) -> Written:
    entries = {
        log_id: [entry for change in changes for entry in change.entries]
        for log_id, changes in batch.accepted.items()
    }
    return Written(
        outcomes=tuple(outcomes),
        growths=growths,
        leaves={log_id: [e.leaf for e in added] for log_id, added in entries.items()},
        entries={
            log_id: {e.entry_id: i for i, e in enumerate(added, batch.trees[log_id].size)}
            for log_id, added in entries.items()
        },
    )
