"""
Adapters that do what the real ones do, and tell the fuse how far they have come.

They are real adapters with a hook before or after each call; the product knows nothing of
them. Entry types are read from leaves, so that a hook knows whose step it is at.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final

from gateway.crypto.commitment import Leaf
from gateway.domain.ids import EntryId, LogId, TenantId
from gateway.domain.log import Appended, EntryType, JSONValue, LoggedChange
from gateway.domain.policy import PolicyAnswer
from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint, LogReader, LogWriter, Signer, StoredEntry
from gateway.ports.registers import FactsQuery, FactsReader, Row, UnitFacts
from gateway.storage import statements as sql
from gateway.storage.connect import sqlite_path
from gateway.storage.database import Database
from gateway.storage.postgres_session import PostgresSession
from gateway.storage.session import WriteSession
from gateway.storage.sqlite_session import SQLiteSession
from gateway.storage.steps import Step
from tests.crash.points import BEGUN, COMMITTED, RUN, SIGNED, SUBMITTED, Fuse, Point
from tests.simulators.policy_inputs import POLICIES, SCHEMAS

__all__ = ["WatchedDatabase", "WatchedPolicy", "is_entry"]

_DELIVERY: Final = "INSERT INTO delivery "
_UNIT: Final = "UPDATE unit "


class WatchedDatabase(Database):
    """
    A database of which every part is watched.

    Attributes:
        fuse: Set before any part is asked for.
        mutants: Mixins that spoil the writer's session, below what watches it.
    """

    fuse: Fuse
    mutants: tuple[type, ...] = ()

    @classmethod
    def watch(cls, url: str, fuse: Fuse, mutants: Sequence[type]) -> "WatchedDatabase":
        """Open a database to be watched."""
        database = cls.open(url)
        database.fuse, database.mutants = fuse, tuple(mutants)
        return database

    def facts_reader(self) -> Any:
        """Return the reader of the hot path, watched."""
        return _Facts(super().facts_reader(), self.fuse)

    def writer(self, signers: Mapping[LogId, Signer], clock: Clock, **how: int) -> Any:
        """Start the one writer with its session and its signers watched."""
        watched = {log_id: _Signer(signer, self.fuse) for log_id, signer in signers.items()}
        return _Writer(super().writer(watched, clock, **how), self.fuse)

    def log_reader(self, **how: Any) -> Any:
        """Return the reader of the log, watched."""
        return _Log(super().log_reader(**how), self.fuse)

    def _open_session(self) -> WriteSession:
        postgres = self._url.get_backend_name() == "postgresql"
        real: Any = PostgresSession if postgres else SQLiteSession
        watched: Any = type("WatchedSession", (_Watching, *self.mutants, real), {})
        session: Any = watched(self._url if postgres else sqlite_path(self._url))
        session.fuse = self.fuse
        return session


class WatchedPolicy(CurrentPolicy):
    """The repository's policy, watched."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__(POLICIES, PolicyContract.read(SCHEMAS))
        self._fuse = fuse

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """Decide, then tell."""
        answer = await super().decide(policy_input)
        self._fuse.reach(Point.POLICY_ANSWERED)
        return answer


def is_entry(step: Step) -> bool:
    """Return whether a step appends to the log."""
    return step.statement == sql.INSERT_ENTRY


class _Watching:
    """A mixin over a real session: tells before and after what matters."""

    fuse: Fuse
    _held: tuple[Leaf, ...] = ()

    def run(self, steps: Sequence[Step]) -> None:
        leaves = tuple(Leaf.parse(step.values[2]) for step in steps if is_entry(step))
        self._tell(BEGUN, leaves)
        cut = _delivery_step(steps) if self.fuse.point is Point.UNIT_MOVED else None
        if cut is None:
            super().run(steps)
        else:
            # In two parts only where it ends between them: elsewhere as in the product.
            super().run(steps[:cut])
            self.fuse.reach(Point.UNIT_MOVED, [leaf.entry_id for leaf in leaves])
            super().run(steps[cut:])
        self._held += leaves

    def commit(self) -> None:
        held, self._held = self._held, ()
        self._tell(RUN, held)
        super().commit()
        self._tell(COMMITTED, held)

    def rollback(self) -> None:
        self._held = ()
        super().rollback()

    def _tell(self, points: Mapping[EntryType, Point], leaves: Sequence[Leaf]) -> None:
        _tell(self.fuse, points, leaves)


class _Facts:
    def __init__(self, inner: FactsReader, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    async def facts(self, tenant_id: TenantId, query: FactsQuery) -> UnitFacts:
        found = await self._inner.facts(tenant_id, query)
        self._fuse.reach(Point.FACTS_READ)
        return found

    async def row(self, tenant_id: TenantId, table: str, id_: str) -> Row | None:
        return await self._inner.row(tenant_id, table, id_)


class _Writer:
    def __init__(self, inner: LogWriter, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def submit(self, change: LoggedChange) -> "Future[Appended]":
        _tell(self._fuse, SUBMITTED, [Leaf.parse(entry.leaf) for entry in change.entries])
        return self._inner.submit(change)


class _Signer:
    def __init__(self, inner: Signer, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def last(self) -> Checkpoint | None:
        return self._inner.last()

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        signed = self._inner.sign(size, root, new_leaves)
        _tell(self._fuse, SIGNED, [Leaf.parse(leaf) for leaf in new_leaves])
        return signed


class _Log:
    """Passes on everything else, because a reader has more than the port names."""

    def __init__(self, inner: LogReader, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def find(self, log_id: LogId, entry_id: EntryId) -> StoredEntry | None:
        found = self._inner.find(log_id, entry_id)
        if found is not None and Leaf.parse(found.leaf).type == EntryType.OPENED:
            self._fuse.reach(Point.OPENED_FOUND, [entry_id])
        return found

    def proof(self, log_id: LogId, entry_id: EntryId) -> str:
        proof = self._inner.proof(log_id, entry_id)
        self._fuse.reach(Point.ENTRY_PROVEN, [entry_id])
        return proof


def _tell(fuse: Fuse, points: Mapping[EntryType, Point], leaves: Sequence[Leaf]) -> None:
    """Tell of each type among the leaves once, with the ids of all of them."""
    for type_ in dict.fromkeys(leaf.type for leaf in leaves):
        fuse.reach(points.get(EntryType(type_)), [leaf.entry_id for leaf in leaves])


def _delivery_step(steps: Sequence[Step]) -> int | None:
    """Return where the first delivery is inserted, right after its unit was moved."""
    return next(_deliveries(steps), None)


def _deliveries(steps: Sequence[Step]) -> Iterator[int]:
    for index, step in enumerate(steps):
        if step.statement.startswith(_DELIVERY):
            assert steps[index - 1].statement.startswith(_UNIT)
            yield index
