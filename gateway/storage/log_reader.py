"""
Reads the log and proves what is in it.

Proofs are made against the newest signed head. What the writer of this process has just
appended is found in memory; everything else comes from entries and stored tiles.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.crypto.merkle import Node, consistency_proof, inclusion_proof
from gateway.crypto.tiles import TILE_HEIGHT, TILE_WIDTH
from gateway.domain.errors import IntegrityError, LogUnavailable, NotFound, StorageUnavailable
from gateway.domain.ids import EntryId, LogId
from gateway.domain.log import SealedBody
from gateway.ports.log import Checkpoint, StoredEntry
from gateway.storage.memory import LogMemory
from gateway.storage.tree import reduce_tile, split_hashes

__all__ = ["MAX_BODIES", "MAX_LEAVES", "ReadCheckpoint", "SQLLogReader", "WriteProof"]

MAX_LEAVES: Final = 4_096
MAX_BODIES: Final = 256
_UNSIGNED_S: Final = 1.0  # a head is signed within milliseconds of its commit
_UNSIGNED_PAUSE_S: Final = 0.002
_MAX_LEVEL: Final = 8  # 256 ** 8 leaves are more than an index can count

WriteProof = Callable[[int, Sequence[bytes], Checkpoint], str]
ReadCheckpoint = Callable[[str], Checkpoint]

_WITH_BODY: Final = (
    "SELECT b.seq, b.entry_id, e.leaf, b.retention, b.kek_id, b.wrapped_key, b.nonce, b.ciphertext"
    " FROM log_body b JOIN log_entry e ON e.log_id = b.log_id AND e.seq = b.seq"
    " WHERE b.log_id = :log_id"
)
_ENTRY: Final = f"{_WITH_BODY} AND b.entry_id = :entry_id"
_STORED: Final = f"{_WITH_BODY} AND b.seq >= :start AND b.seq < :end ORDER BY b.seq"
_ABOUT: Final = (
    "SELECT x.entry_id FROM log_subject_ix x"
    " JOIN log_body b ON b.log_id = x.log_id AND b.entry_id = x.entry_id"
    " WHERE x.log_id = :log_id AND x.pseudonym = :pseudonym ORDER BY b.seq"
)
_WRAPPED_BY: Final = (
    "SELECT count(*) FROM log_body WHERE kek_id = :kek_id AND wrapped_key IS NOT NULL"
)
_INDEX: Final = "SELECT seq FROM log_body WHERE log_id = :log_id AND entry_id = :entry_id"
_CHECKPOINT: Final = (
    "SELECT note FROM log_checkpoint WHERE log_id = :log_id ORDER BY size DESC LIMIT 1"
)
_LEAVES: Final = (
    "SELECT leaf, leaf_hash FROM log_entry"
    " WHERE log_id = :log_id AND seq >= :start AND seq < :end ORDER BY seq"
)
_TILE: Final = (
    "SELECT hashes FROM log_tile WHERE log_id = :log_id AND level = :level AND n = :number"
)


class SQLLogReader:
    """
    Reads any log of one database; see :class:`gateway.ports.log.LogReader`.

    Args:
        engine: Where the tables are.
        memory: What the writer of this process tells; may be empty.
        read_checkpoint: Reads a stored signed note.
        write_proof: Writes index, hashes and head as a proof file.
    """

    def __init__(
        self,
        engine: Engine,
        memory: Mapping[LogId, LogMemory],
        *,
        read_checkpoint: ReadCheckpoint,
        write_proof: WriteProof,
    ) -> None:
        self._engine = engine
        self._memory = memory
        self._read_checkpoint = read_checkpoint
        self._write_proof = write_proof

    def checkpoint(self, log_id: LogId) -> Checkpoint:
        """
        Return the newest signed head.

        Raises:
            NotFound: Nothing has been signed yet, or there is no such log.
        """
        memory = self._memory.get(log_id)
        if memory is not None and memory.latest is not None:
            return memory.latest
        rows = self._rows(_CHECKPOINT, log_id=log_id)
        if not rows:
            raise NotFound
        return self._read_checkpoint(rows[0][0])

    def find(self, log_id: LogId, entry_id: EntryId) -> StoredEntry | None:
        """Return the entry with this id, or ``None``."""
        rows = self._rows(_ENTRY, log_id=log_id, entry_id=entry_id)
        return _stored(rows[0]) if rows else None

    def stored(self, log_id: LogId, start: int, end: int) -> Sequence[StoredEntry]:
        """Return the entries of ``[start, end)`` with their bodies, at most 256 at a time."""
        end = min(end, start + MAX_BODIES)
        return [_stored(row) for row in self._rows(_STORED, log_id=log_id, start=start, end=end)]

    def about(self, log_id: LogId, pseudonym: str) -> Sequence[EntryId]:
        """Return the entries that concern whoever a pseudonym stands for, in the log's order."""
        return [EntryId(row[0]) for row in self._rows(_ABOUT, log_id=log_id, pseudonym=pseudonym)]

    def proof(self, log_id: LogId, entry_id: EntryId) -> str:
        """
        Return the entry's proof as text (C2SP tlog-proof) against the newest head.

        An entry that was committed a moment ago is waited for until its head is signed.

        Raises:
            NotFound: There is no such entry.
            LogUnavailable: It is there, but no signed head covers it.
        """
        index = self._index(log_id, entry_id)
        if index is None:
            raise NotFound
        checkpoint = self._head_beyond(log_id, index)
        hashes = inclusion_proof(index, checkpoint.size, self._hash_at(log_id))
        return self._write_proof(index, hashes, checkpoint)

    def wrapped_by(self, kek_id: str) -> int:
        """Return how many bodies, of whichever log, a key-encryption key is needed for."""
        return int(self._rows(_WRAPPED_BY, kek_id=kek_id)[0][0])

    def consistency(self, log_id: LogId, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """
        Return the hashes that prove the tree of ``old_size`` a prefix of ``new_size``.

        Raises:
            NotFound: The sizes are not in order, or larger than the newest head.
        """
        if not 0 <= old_size <= new_size <= self.checkpoint(log_id).size:
            raise NotFound
        return consistency_proof(old_size, new_size, self._hash_at(log_id))

    def leaves(self, log_id: LogId, start: int, end: int) -> Sequence[bytes]:
        """Return leaf bytes of ``[start, end)``, at most 4096 at a time."""
        end = min(end, start + MAX_LEAVES)
        return [row[0] for row in self._rows(_LEAVES, log_id=log_id, start=start, end=end)]

    def tile(self, log_id: LogId, level: int, number: int, width: int = TILE_WIDTH) -> bytes:
        """
        Return the first ``width`` hashes of a tile (C2SP tlog-tiles).

        Raises:
            NotFound: The tile is not within the newest head, or the width is out of range.
        """
        in_range = 0 <= level < _MAX_LEVEL and number >= 0 and 0 < width <= TILE_WIDTH
        size = self.checkpoint(log_id).size
        if not in_range or number * TILE_WIDTH + width > size >> (TILE_HEIGHT * level):
            raise NotFound
        return b"".join(self._tile_hashes(log_id, level, number, width))

    def _head_beyond(self, log_id: LogId, index: int) -> Checkpoint:
        """Return a signed head that covers an entry, as soon as there is one."""
        deadline = time.monotonic() + _UNSIGNED_S
        while (checkpoint := self.checkpoint(log_id)).size <= index:
            if time.monotonic() >= deadline:
                raise LogUnavailable("the head of this entry is not signed yet")
            time.sleep(_UNSIGNED_PAUSE_S)
        return checkpoint

    def _index(self, log_id: LogId, entry_id: EntryId) -> int | None:
        memory = self._memory.get(log_id)
        index = None if memory is None else memory.entries.get(entry_id)
        if index is None:
            rows = self._rows(_INDEX, log_id=log_id, entry_id=entry_id)
            index = rows[0][0] if rows else None
        return index

    def _hash_at(self, log_id: LogId) -> Callable[[int, int], bytes]:
        nodes = self._memory.get(log_id, LogMemory()).nodes

        def hash_at(level: int, index: int) -> bytes:
            known = nodes.get((level, index))
            if known is not None:
                return known
            found = self._subtree(log_id, level, index)
            nodes.put(found)
            return found[level, index]

        return hash_at

    def _subtree(self, log_id: LogId, level: int, index: int) -> dict[Node, bytes]:
        """Return every node of the tile in which a complete subtree has its root."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        number = (index << height) // TILE_WIDTH
        first = number * TILE_WIDTH
        # Complete up to this node; more than that may not be there yet.
        width = ((index + 1) << height) - first
        found: dict[Node, bytes] = {}
        rows = reduce_tile(self._tile_hashes(log_id, tile_level, number, width))
        for up, hashes in enumerate(rows[:TILE_HEIGHT]):
            for at, node in enumerate(hashes, first >> up):
                found[tile_level * TILE_HEIGHT + up, at] = node
        return found

    def _tile_hashes(self, log_id: LogId, level: int, number: int, width: int) -> list[bytes]:
        rows = self._rows(_TILE, log_id=log_id, level=level, number=number)
        if rows:
            return split_hashes(rows[0][0])[:width]
        first = number * TILE_WIDTH
        if level == 0:
            entries = self._rows(_LEAVES, log_id=log_id, start=first, end=first + width)
            hashes = [bytes(row[1]) for row in entries]
        else:
            below = range(first, first + width)
            hashes = [self._tile_root(log_id, level - 1, n) for n in below]
        if len(hashes) != width:
            raise IntegrityError("entries are missing")
        return hashes

    def _tile_root(self, log_id: LogId, level: int, number: int) -> bytes:
        return reduce_tile(self._tile_hashes(log_id, level, number, TILE_WIDTH))[-1][0]

    def _rows(self, statement: str, **values: Any) -> Sequence[Any]:
        try:
            with self._engine.connect() as connection:
                return connection.execute(text(statement), values).fetchall()
        except SQLAlchemyError as error:
            raise StorageUnavailable("the log cannot be read") from error


def _stored(row: Any) -> StoredEntry:
    index, entry_id, leaf, retention, kek_id, key, nonce, ciphertext = row
    body = None
    if key is not None and ciphertext is not None:
        body = SealedBody(kek_id, key, nonce, ciphertext, retention)
    return StoredEntry(index, EntryId(entry_id), leaf, body)
