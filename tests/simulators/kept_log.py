"""
A log kept in a real database by the real writer, and everything one may ask it.

``KeptLog.verify`` is what a suspicious member would do: export everything as another
process reads it, and let ``fsck`` derive every tile, the root and the proofs again.
"""

import functools
import itertools
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from pysqlite3 import dbapi2 as sqlite

from gateway.audit.entry import prepare
from gateway.audit.export import export_log
from gateway.audit.fsck import fsck
from gateway.audit.proof_file import ProofFile
from gateway.crypto.encoding import b64u
from gateway.domain.ids import EntryId, LogId, PersonId, TenantId
from gateway.domain.log import (
    Appended,
    EntryDraft,
    EntryType,
    FactVersion,
    InsertRow,
    KeyEpoch,
    LoggedChange,
    PreparedEntry,
    RowChange,
)
from gateway.domain.records import WORK_TABLES
from gateway.ports.log import Checkpoint
from gateway.storage.connect import database_url, postgres_conninfo, sqlite_path
from gateway.storage.database import Database
from gateway.storage.log_reader import SQLLogReader
from gateway.storage.memory import LogMemory
from gateway.storage.session import WriteSession
from gateway.storage.writer import Writer
from tests.simulators.clock import NOON, FixedClock
from tests.simulators.signer import HeldSigner, HonestSigner, KnownSigner

__all__ = [
    "INDEX_KEY",
    "KEK",
    "LOG",
    "OTHER_TENANT",
    "TENANT",
    "WAIT_S",
    "KeptLog",
    "batch",
    "change",
    "entry",
    "pads",
    "raw",
    "row",
    "write_proof",
]

LOG = LogId("aoba-2027a")
TENANT = TenantId("aoba")
OTHER_TENANT = TenantId("midori")
KEK = ("kek-1", bytes(range(32)))
INDEX_KEY = bytes(range(1, 33))
WAIT_S = 30.0
_PAGE = 4_096
_ANYTHING: dict[str, str | int | bytes] = {"text": "x", "int": 1, "blob": b"x"}


def entry(
    type_: EntryType = EntryType.PAD, persons: Iterable[str] = (), *, log_id: LogId = LOG
) -> PreparedEntry:
    """Return an entry ready to append."""
    draft = EntryDraft(
        EntryId(b64u(os.urandom(16))), type_, NOON, {}, tuple(PersonId(p) for p in persons)
    )
    return prepare(draft, log_id=log_id, kek=KEK, index_key=INDEX_KEY)


@functools.cache
def pads(count: int) -> tuple[PreparedEntry, ...]:
    """Return the same entries each time, for logs that need many."""
    return tuple(entry() for _ in range(count))


def change(
    *changes: RowChange,
    entries: Sequence[PreparedEntry] | None = None,
    relied_on: Iterable[FactVersion] = (),
    relied_on_keys: Iterable[KeyEpoch] = (),
    tenant: TenantId = TENANT,
    log_id: LogId = LOG,
) -> LoggedChange:
    """Return a change with one entry, unless told which."""
    return LoggedChange(
        tenant_id=tenant,
        log_id=log_id,
        entries=(entry(log_id=log_id),) if entries is None else tuple(entries),
        changes=changes,
        relied_on=tuple(relied_on),
        relied_on_keys=tuple(relied_on_keys),
    )


def row(table: str, id_: str, **values: str | int | bytes | None) -> InsertRow:
    """Return a row to insert; every column that is needed and not named holds something."""
    kinds = {name: kind for name, kind in WORK_TABLES[table].items() if not kind.endswith("?")}
    anything = {name: _ANYTHING[kind] for name, kind in kinds.items()}
    return InsertRow(table, {**anything, "id": id_, **values})


def write_proof(index: int, hashes: Sequence[bytes], head: Checkpoint) -> str:
    """Write a proof file."""
    return ProofFile(index, tuple(hashes), head.note).to_text()


class KeptLog:
    """
    One database opened with its writer and one log.

    Args:
        url: The database.
        signer: Whoever signed before, when the log is opened again.
        open_session: How the writer connects, when something is to go wrong there.
        queue_size: As the writer takes it.
        batch_size: As the writer takes it.
    """

    def __init__(
        self,
        url: str,
        *,
        signer: KnownSigner | None = None,
        open_session: Callable[[], WriteSession] | None = None,
        queue_size: int = 4_096,
        batch_size: int = 256,
    ) -> None:
        self.url = url
        self.signer: KnownSigner = signer or HonestSigner()
        self.clock = FixedClock()
        self.database = Database.open(url)
        signers = {LOG: self.signer}
        how = {"queue_size": queue_size, "batch_size": batch_size}
        opened = {"read_checkpoint": self.signer.trusted.open, "write_proof": write_proof}
        try:
            if open_session is None:
                self.writer = self.database.writer(signers, self.clock, **how)
                self.reader = self.database.log_reader(**opened)
            else:
                memory: defaultdict[LogId, LogMemory] = defaultdict(LogMemory)
                self.writer = Writer(open_session, signers, memory, self.clock, **how)
                self.reader = SQLLogReader(self.database.engine, memory, **opened)
        except BaseException:
            self.database.close()
            raise
        self.registers = self.database.registers()

    @classmethod
    @contextmanager
    def open(cls, url: str, **how: Any) -> Iterator["KeptLog"]:
        """Yield an opened log and close it, whatever happens."""
        log = cls(url, **how)
        try:
            yield log
        finally:
            log.close()

    def close(self) -> None:
        """Stop the writer and close the database."""
        self.writer.close()
        self.database.close()

    def submit(self, *changes: RowChange, **how: Any) -> "Future[Appended]":
        """Queue a change."""
        return self.writer.submit(change(*changes, **how))

    def append(self, *changes: RowChange, **how: Any) -> Appended:
        """Append a change and wait for the answer."""
        return self.submit(*changes, **how).result(WAIT_S)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what a query finds, on a connection of its own."""
        return raw(self.url, statement)

    def verify(self) -> int:
        """
        Check the whole log and return its size.

        Raises:
            IntegrityError: Something does not verify.
        """
        note = self.reader.checkpoint(LOG).note
        stranger = Database.open(self.url)
        try:
            reader = stranger.log_reader(
                read_checkpoint=self.signer.trusted.open, write_proof=write_proof
            )
            with tempfile.TemporaryDirectory(prefix="tasuki-log-") as directory:
                folder = Path(directory) / "log"
                size = self.signer.trusted.open(note).size
                export_log(
                    folder,
                    log=self.signer.trusted,
                    checkpoint=note,
                    leaves=_leaves(reader, size),
                    proofs={0, size // 2, size - 1} if size else (),
                )
                fsck(folder, self.signer.trusted)
        finally:
            stranger.close()
        self._check_tables(size)
        return size

    def _check_tables(self, size: int) -> None:
        """Check that bodies and heads are as many as the entries, without a gap."""
        bodies = self.rows("SELECT seq FROM log_body ORDER BY seq")
        assert [seq for (seq,) in bodies][:size] == list(range(size))
        heads = self.rows("SELECT prev_size, size, n FROM log_head ORDER BY size")
        assert heads[0] == (None, 0, 0)
        for (_, before, _), (previous, now, n) in itertools.pairwise(heads):
            assert (previous, now) == (before, before + n)
        assert self.rows("SELECT size FROM log_tip") == [(heads[-1][1],)]


def batch(log: KeptLog, signer: HeldSigner, *changes: RowChange) -> list["Future[Appended]"]:
    """Submit changes so that they are committed together, and wait for all answers."""
    with signer.held():
        first = log.submit()
        assert signer.asked.wait(WAIT_S)
        futures = [log.submit(row) for row in changes]
    wait([first, *futures], timeout=WAIT_S)
    return futures


def raw(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as whoever owns the database, and return what the last one found."""
    parsed = database_url(url)
    connection: Any
    if parsed.get_backend_name() == "postgresql":
        connection = psycopg.connect(postgres_conninfo(parsed), autocommit=True)
    else:
        connection = sqlite.connect(str(sqlite_path(parsed)), isolation_level=None)
    try:
        for statement in statements:
            cursor = connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def _leaves(reader: SQLLogReader, size: int) -> Iterator[bytes]:
    for start in range(0, size, _PAGE):
        yield from reader.leaves(LOG, start, min(start + _PAGE, size))
