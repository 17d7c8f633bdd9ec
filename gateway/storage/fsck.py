"""
Checking the log where it is kept: every row against every other, and all against signed heads.

* Leaves, hashes, heads, tiles, tip and stored checkpoints are derived again from the leaves'
  bytes and compared; nothing that is stored is believed.
* Each leaf has a body or a tombstone. With the keys at hand every body is decrypted and must
  be what its leaf commits to, and every tombstone must be named by an ``erase`` entry.
* All of it is read in one transaction, so that a gateway may write meanwhile.
* Whoever owns the database can make its rows agree again. What they cannot do is agree with
  what was signed: name the signer's newest head, or a checkpoint that somebody has kept.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.entry import OpenedBody, open_body
from gateway.audit.tile_builder import TileBuilder
from gateway.crypto.commitment import InvalidOpening, Leaf
from gateway.crypto.encoding import BadEncoding
from gateway.crypto.envelope import BodyUnreadable
from gateway.crypto.merkle import Frontier, leaf_hash
from gateway.crypto.signed_note import InvalidNote, Note, NoteKey
from gateway.crypto.tiles import TILE_WIDTH
from gateway.domain.errors import GatewayError, IntegrityError, StorageUnavailable
from gateway.domain.ids import LogId
from gateway.domain.log import EntryType, SealedBody
from gateway.ports.log import Checkpoint

__all__ = ["DatabaseReport", "Finding", "KekOf", "check_database"]

KekOf = Callable[[str], bytes]

_KEPT_FINDINGS: Final = 100
_ROWS: Final = (
    "SELECT e.seq, e.leaf, e.leaf_hash, b.entry_id, b.retention, b.kek_id, b.wrapped_key,"
    " b.nonce, b.ciphertext FROM log_entry e"
    " LEFT JOIN log_body b ON b.log_id = e.log_id AND b.seq = e.seq"
    " WHERE e.log_id = :log_id AND e.seq >= :start AND e.seq < :end ORDER BY e.seq"
)
_SIZE: Final = "SELECT coalesce(max(seq) + 1, 0) FROM log_entry WHERE log_id = :log_id"
_HEADS: Final = (
    "SELECT size, prev_size, n, root, frontier FROM log_head WHERE log_id = :log_id ORDER BY size"
)
_TIP: Final = "SELECT size, root, frontier FROM log_tip WHERE log_id = :log_id"
_TILES: Final = (
    "SELECT hashes FROM log_tile WHERE log_id = :log_id AND level = :level AND n = :number"
)
_TILE_COUNT: Final = "SELECT count(*) FROM log_tile WHERE log_id = :log_id"
_CHECKPOINTS: Final = "SELECT size, note FROM log_checkpoint WHERE log_id = :log_id ORDER BY size"
_COSIGNATURES: Final = (
    "SELECT size, witness, cosigned_at, note, line FROM log_cosignature"
    " WHERE log_id = :log_id ORDER BY size, witness"
)
_STRAY_BODIES: Final = (
    "SELECT b.seq FROM log_body b WHERE b.log_id = :log_id AND NOT EXISTS"
    " (SELECT 1 FROM log_entry e WHERE e.log_id = b.log_id AND e.seq = b.seq) ORDER BY b.seq"
)
_STRAY_INDEX: Final = (
    "SELECT x.entry_id FROM log_subject_ix x LEFT JOIN log_body b"
    " ON b.log_id = x.log_id AND b.entry_id = x.entry_id"
    " WHERE x.log_id = :log_id AND b.wrapped_key IS NULL ORDER BY x.entry_id"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is not as it must be.

    Attributes:
        code: Stable, for example ``leaf-hash-differs``.
        where: Index, size or tile that it is about; never a person.
    """

    code: str
    where: str


@dataclass(slots=True)
class DatabaseReport:
    """
    What was checked and what was found.

    Attributes:
        size: Entries looked at.
        heads: Heads of the log.
        tiles: Full tiles.
        checkpoints: Stored checkpoints that the log signed.
        cosignatures: Cosignatures of witnesses on such heads, by the keys stored with them.
        bodies: Bodies that are there.
        opened: Bodies among them that were decrypted and are what their leaves commit to.
        tombstones: Leaves whose body was erased.
        findings: The first hundred; empty when all is well.
        counts: How often each code was found, also beyond the first hundred.
    """

    size: int = 0
    heads: int = 0
    tiles: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    bodies: int = 0
    opened: int = 0
    tombstones: int = 0
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def found(self, code: str, where: object) -> None:
        """Note something that is not as it must be."""
        self.counts[code] += 1
        if len(self.findings) < _KEPT_FINDINGS:
            self.findings.append(Finding(code, str(where)))


def check_database(
    engine: Engine,
    log_id: LogId,
    log: TrustedLog,
    *,
    kek_of: KekOf | None = None,
    signed: Sequence[Checkpoint] = (),
    progress: Callable[[int, int], None] | None = None,
) -> DatabaseReport:
    """
    Check one log of a database.

    Args:
        engine: Where its tables are.
        log_id: The log.
        log: Its origin and keys.
        kek_of: Returns the 32 bytes of a key-encryption key, or raises ``IntegrityError``;
            without it no body is opened.
        signed: Heads that the log is known to have signed, such as the signer's newest,
            obtained before this is called.
        progress: Called with entries done and entries in all, about every 256.

    Raises:
        StorageUnavailable: The database cannot be read.
    """
    try:
        with _snapshot(engine) as connection:
            check = _Check(connection, log_id, log, kek_of)
            check.run(signed, progress)
            return check.report
    except SQLAlchemyError as error:
        raise StorageUnavailable("the log cannot be read") from error


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees one state of the database throughout."""
    with engine.connect() as plain:
        if engine.dialect.name == "sqlite":
            plain.exec_driver_sql("BEGIN")
            try:
                yield plain
            finally:
                plain.exec_driver_sql("ROLLBACK")
            return
        with plain.execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection


class _Check:
    """One run over one log."""

    def __init__(
        self, connection: Connection, log_id: LogId, log: TrustedLog, kek_of: KekOf | None
    ) -> None:
        self._connection = connection
        self._log_id = log_id
        self._log = log
        self._kek_of = kek_of
        self._keks: dict[str, bytes | None] = {}
        self._tombstones: dict[str, int] = {}
        self._said_erased: set[str] = set()
        self._full_tiles = 0
        self._state = Frontier()
        self.report = DatabaseReport()

    def run(
        self, signed: Sequence[Checkpoint], progress: Callable[[int, int], None] | None
    ) -> None:
        size = int(self._rows(_SIZE)[0][0])
        heads = self._heads()
        notes = self._checkpoints(signed)
        builder = TileBuilder()
        sizes = sorted({*heads, *notes})
        for start in range(0, size, TILE_WIDTH):
            hashes = self._page(start, min(start + TILE_WIDTH, size))
            ends = [at for at in sizes if start < at <= start + len(hashes)]
            self._advance(hashes, start, ends, heads, notes)
            for tile, data in builder.add(hashes):
                self._tile(tile.level or 0, tile.index, data)
            if progress:
                progress(start + len(hashes), size)
            if len(hashes) < min(TILE_WIDTH, size - start):
                break  # An entry is missing; nothing after it can be derived.
        self._ends(heads, notes)
        self._strays()

    # --- what must follow from the leaves ----------------------------------------------------

    def _page(self, start: int, end: int) -> list[bytes]:
        hashes: list[bytes] = []
        for row in self._rows(_ROWS, start=start, end=end):
            seq, leaf, stored = row[0], bytes(row[1]), bytes(row[2])
            if seq != start + len(hashes):
                break
            hashes.append(leaf_hash(leaf))
            if hashes[-1] != stored:
                self.report.found("leaf-hash-differs", seq)
            self._entry(seq, leaf, row[3:])
        if len(hashes) < end - start:
            self.report.found("entry-missing", start + len(hashes))
        self.report.size += len(hashes)
        return hashes

    def _advance(
        self,
        hashes: Sequence[bytes],
        start: int,
        ends: Sequence[int],
        heads: Mapping[int, tuple[bytes, bytes]],
        notes: Mapping[int, bytes],
    ) -> None:
        at = start
        for end in ends:
            self._state = self._state.extended(hashes[at - start : end - start])
            self._compare(heads, notes)
            at = end
        self._state = self._state.extended(hashes[at - start :])

    def _compare(
        self, heads: Mapping[int, tuple[bytes, bytes]], notes: Mapping[int, bytes]
    ) -> None:
        size, root = self._state.size, self._state.root()
        if size in heads and heads[size] != (root, self._state.to_bytes()):
            self.report.found("head-differs", size)
        if size in notes and notes[size] != root:
            self.report.found("signed-head-differs", size)

    def _tile(self, level: int, number: int, derived: bytes) -> None:
        if len(derived) < TILE_WIDTH * 32:
            return
        self._full_tiles += 1
        rows = self._rows(_TILES, level=level, number=number)
        if not rows:
            self.report.found("tile-missing", f"{level}/{number}")
        elif bytes(rows[0][0]) != derived:
            self.report.found("tile-differs", f"{level}/{number}")

    # --- heads -------------------------------------------------------------------------------

    def _heads(self) -> dict[int, tuple[bytes, bytes]]:
        found: dict[int, tuple[bytes, bytes]] = {}
        before: int | None = None
        for size, previous, count, root, frontier in self._rows(_HEADS):
            if previous != before or count != size - (before or 0):
                self.report.found("head-out-of-chain", size)
            found[size] = (bytes(root), bytes(frontier))
            before = size
        self.report.heads = len(found)
        if 0 not in found:
            self.report.found("head-missing", 0)
        elif found[0] != (Frontier().root(), b""):
            self.report.found("head-differs", 0)
        return found

    def _checkpoints(self, signed: Sequence[Checkpoint]) -> dict[int, bytes]:
        """Return the root of every head that is known to be signed, by size."""
        roots = {head.size: head.root for head in signed}
        for size, note in self._rows(_CHECKPOINTS):
            head = self._opened_note(note)
            if head is None or head.size != size:
                self.report.found("checkpoint-not-signed", size)
                continue
            self.report.checkpoints += 1
            if roots.setdefault(head.size, head.root) != head.root:
                self.report.found("signed-twice", size)
        self._cosignatures(roots)
        return roots

    def _cosignatures(self, roots: dict[int, bytes]) -> None:
        """Check what witnesses are said to have cosigned, and take their heads for signed."""
        for size, witness, cosigned_at, note, line in self._rows(_COSIGNATURES):
            head = self._opened_note(note)
            if head is None or head.size != size or not _cosigned(note, line, witness, cosigned_at):
                self.report.found("cosignature-not-valid", size)
                continue
            self.report.cosignatures += 1
            if roots.setdefault(head.size, head.root) != head.root:
                self.report.found("signed-twice", size)

    def _opened_note(self, note: str) -> Checkpoint | None:
        try:
            return self._log.open(note)
        except GatewayError:
            return None

    def _ends(self, heads: Mapping[int, tuple[bytes, bytes]], notes: Mapping[int, bytes]) -> None:
        size = self._state.size
        for head in (at for at in sorted(heads) if at > size):
            self.report.found("head-beyond-entries", head)
        for note in (at for at in sorted(notes) if at > size):
            self.report.found("signed-entries-missing", note)
        tips = [(at, bytes(root), bytes(frontier)) for at, root, frontier in self._rows(_TIP)]
        if tips != [(size, self._state.root(), self._state.to_bytes())]:
            self.report.found("tip-differs", size)
        if size not in heads:
            self.report.found("head-missing", size)

    # --- bodies ------------------------------------------------------------------------------

    def _entry(self, seq: int, data: bytes, body: Sequence[Any]) -> None:
        leaf: Leaf | None
        try:
            leaf = Leaf.parse(data)
        except (InvalidOpening, BadEncoding):
            leaf = None
        if leaf is None:
            self.report.found("leaf-malformed", seq)
            return
        entry_id, retention, kek_id, key, nonce, ciphertext = body
        if entry_id is None:
            self.report.found("body-missing", seq)
        elif entry_id != leaf.entry_id:
            self.report.found("body-of-another-entry", seq)
        elif key is None and nonce is None and ciphertext is None:
            self.report.tombstones += 1
            self._tombstones[entry_id] = seq
        elif key is None or nonce is None or ciphertext is None or kek_id is None:
            self.report.found("body-torn", seq)
        else:
            self.report.bodies += 1
            sealed = SealedBody(kek_id, bytes(key), bytes(nonce), bytes(ciphertext), retention)
            self._body(seq, data, leaf, sealed)

    def _body(self, seq: int, data: bytes, leaf: Leaf, sealed: SealedBody) -> None:
        if self._kek_of is None:
            return
        kek = self._kek(sealed.kek_id)
        if kek is None:
            self.report.found("key-missing", seq)
            return
        opened: OpenedBody | None = None
        try:
            opened = open_body(sealed, leaf=data, log_id=self._log_id, kek=kek)
        except BodyUnreadable:
            self.report.found("body-unreadable", seq)
        except GatewayError:
            self.report.found("body-differs", seq)
        if opened is None:
            return
        self.report.opened += 1
        if leaf.type == EntryType.ERASE:
            ids = opened.fields.get("entry_ids", ())
            self._said_erased.update(ids if isinstance(ids, list) else ())

    def _kek(self, kek_id: str) -> bytes | None:
        if kek_id not in self._keks and self._kek_of is not None:
            try:
                self._keks[kek_id] = self._kek_of(kek_id)
            except IntegrityError:
                self._keks[kek_id] = None
        return self._keks.get(kek_id)

    # --- what nothing accounts for -----------------------------------------------------------

    def _strays(self) -> None:
        for (seq,) in self._rows(_STRAY_BODIES):
            self.report.found("body-without-entry", seq)
        for (entry_id,) in self._rows(_STRAY_INDEX):
            self.report.found("subject-index-of-erased", entry_id)
        self.report.tiles = int(self._rows(_TILE_COUNT)[0][0])
        if self.report.tiles > self._full_tiles:
            self.report.found("tile-beyond-entries", self.report.tiles)
        if self._kek_of is None:
            return
        for entry_id, seq in self._tombstones.items():
            if entry_id not in self._said_erased:
                self.report.found("erased-without-entry", seq)

    def _rows(self, statement: str, **values: Any) -> Sequence[Any]:
        found = self._connection.execute(text(statement), {"log_id": self._log_id, **values})
        return found.fetchall()


def _cosigned(note: str, line: str, witness: str, at: int) -> bool:
    """Return whether a witness's line under a note verifies, by the key stored with it."""
    try:
        return Note.parse(note + line).cosigned_at(NoteKey.parse(witness)) == at
    except InvalidNote:
        return False
