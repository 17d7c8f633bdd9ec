"""The log as services see it: append, and prove."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.ids import EntryId, LogId
from gateway.domain.log import Appended, LoggedChange, SealedBody

__all__ = ["Checkpoint", "LogReader", "LogWriter", "Signer", "StoredEntry"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head: ``note`` is the whole signed note as text (C2SP tlog-checkpoint)."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry as stored; ``body`` is ``None`` once it has been erased."""

    index: int
    entry_id: EntryId
    leaf: bytes
    body: SealedBody | None


class Signer(Protocol):
    """
    Signs heads of one log and nothing else; keeps its own state of what it last signed.

    It recomputes the root from the leaf bytes, so whoever can change the database alone
    cannot obtain two signatures that contradict each other.
    """

    def last(self) -> Checkpoint | None:
        """Return the newest head signed here, or ``None`` for a new log."""
        ...

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """
        Sign the head of ``size`` after checking that ``new_leaves`` lead to it.

        Args:
            size: Tree size to sign.
            root: The root the caller computed.
            new_leaves: Leaf bytes from the last signed size up to ``size``.

        Raises:
            IntegrityError: Smaller size, or another root than the leaves lead to.
            LogUnavailable: It is silent, or its clock is behind the last signature; it may be
                asked the same again.
        """
        ...


class LogWriter(Protocol):
    """The one writer: owns each transaction that holds a log entry."""

    def submit(self, change: LoggedChange) -> "Future[Appended]":
        """
        Queue a change; the future answers once it is durable and its head is signed.

        The future raises:
            StaleFacts: A fact in ``relied_on`` or an ``expected_version`` has changed.
            Conflict: A unique key is taken, or a row is not in the state to move from.
            LogUnavailable: It could not be made durable and signed, or the queue is full.
                An outcome that is unknown after a failure is looked up by entry id before
                anything is answered; where even that cannot be told, and where only the
                signature is missing, the change may still turn out to be there.
        """
        ...


class LogReader(Protocol):
    """Reads the log and proves what is in it."""

    def checkpoint(self, log_id: LogId) -> Checkpoint:
        """Return the newest signed head."""
        ...

    def find(self, log_id: LogId, entry_id: EntryId) -> StoredEntry | None:
        """Return the entry with this id, or ``None``."""
        ...

    def stored(self, log_id: LogId, start: int, end: int) -> Sequence[StoredEntry]:
        """Return the entries of ``[start, end)`` with their bodies, at most 256 at a time."""
        ...

    def about(self, log_id: LogId, pseudonym: str) -> Sequence[EntryId]:
        """Return the entries that concern whoever a pseudonym stands for, in the log's order."""
        ...

    def proof(self, log_id: LogId, entry_id: EntryId) -> str:
        """
        Return the entry's proof as text (C2SP tlog-proof) against the newest head.

        Raises:
            NotFound: There is no such entry.
            LogUnavailable: It is there, but no signed head covers it.
        """
        ...

    def wrapped_by(self, kek_id: str) -> int:
        """Return how many bodies, of whichever log, a key-encryption key is needed for."""
        ...

    def consistency(self, log_id: LogId, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """Return the hashes that prove the tree of ``old_size`` a prefix of ``new_size``."""
        ...

    def leaves(self, log_id: LogId, start: int, end: int) -> Sequence[bytes]:
        """Return leaf bytes of ``[start, end)``, at most 4096 at a time."""
        ...
