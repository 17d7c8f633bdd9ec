"""
What a witness remembers: one SQLite file, written before anything is answered.

* Reading the newest cosigned head, comparing and writing the next one are one transaction, so
  that of two requests at once the second sees what the first has done.
* A head never shrinks and never changes at its size, whoever asks: the file itself refuses.
* Refused requests that a log did sign are evidence. Each is kept once, of each kind at most
  ``MAX_EVIDENCE`` for each log, so that nobody fills the disk; those beyond are counted.
* The file belongs to one key. A witness that lost it must not go on with the key: it could
  cosign a second history.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from pysqlite3 import dbapi2 as sqlite

from gateway.audit.add_checkpoint import AddCheckpoint
from gateway.audit.checkpoint import InvalidCheckpoint, TrustedLog
from gateway.crypto.encoding import b64
from gateway.crypto.signed_note import NoteKey
from gateway.domain.errors import Conflict, IntegrityError, StorageUnavailable
from gateway.domain.ids import Millis
from gateway.sqlite import open_sqlite
from gateway.witness.judging import Cosigned, EvidenceKind, Status, Verdict

__all__ = ["MAX_EVIDENCE", "Evidence", "WitnessStore"]

MAX_EVIDENCE: Final = 1_000

_LOST: Final = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")
_TABLES: Final = """
CREATE TABLE witness (one INTEGER PRIMARY KEY CHECK (one = 1), vkey TEXT NOT NULL) STRICT;
CREATE TABLE log (origin TEXT NOT NULL, vkey TEXT NOT NULL PRIMARY KEY) STRICT;
CREATE TABLE cosigned (
  origin TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32), note TEXT NOT NULL
) STRICT;
CREATE TABLE evidence (
  origin TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL,
  size INTEGER NOT NULL, request TEXT NOT NULL,
  cosigned_size INTEGER NOT NULL, cosigned_note TEXT NOT NULL,
  PRIMARY KEY (origin, kind, digest)
) STRICT;
CREATE TABLE dropped (
  origin TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (origin, kind)
) STRICT;
"""
_WRONG: Final = "NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)"
_GUARDS: Final = (
    ("witness", "INSERT", "EXISTS (SELECT 1 FROM witness)"),
    ("witness", "UPDATE", ""),
    ("witness", "DELETE", ""),
    ("log", "UPDATE", ""),
    ("log", "DELETE", ""),
    ("cosigned", "UPDATE", f"NEW.origin <> OLD.origin OR {_WRONG}"),
    ("cosigned", "DELETE", ""),
    ("evidence", "UPDATE", ""),
    ("evidence", "DELETE", ""),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    A request that a log signed and this witness refused.

    Attributes:
        origin: The log's.
        kind: Why it was refused.
        at: When it first came.
        size: Size of the head it submits.
        request: The request, with the signatures of the log alone (C2SP tlog-witness).
        cosigned_note: The head that was cosigned then; empty for none.
    """

    origin: str
    kind: EvidenceKind
    at: Millis
    size: int
    request: str
    cosigned_note: str


class WitnessStore:
    """
    One witness's file, open.

    Every method raises :class:`StorageUnavailable` when the file cannot be read or written,
    and once the disk may have lost a write, for good.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise StorageUnavailable(
                "the witness's database is not there; if it was lost, retire the key:"
                " make a new witness with `tasuki witness init`"
            )
        self._lock = threading.Lock()
        self._lost = False
        self._connection = open_sqlite(path, any_thread=True)

    @classmethod
    def create(cls, path: Path, key: NoteKey) -> None:
        """
        Make the file of a new witness with this key.

        Raises:
            StorageUnavailable: There is one already, or it cannot be written.
        """
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise StorageUnavailable("there is a database already, or no room for one") from error
        connection = open_sqlite(path)
        try:
            guards = (_guard(*guard) for guard in _GUARDS)
            connection.executescript("\n".join(["BEGIN IMMEDIATE;", _TABLES, *guards, "COMMIT;"]))
            connection.execute("INSERT INTO witness VALUES (1, ?)", (key.to_text(),))
        except sqlite.Error as error:
            raise StorageUnavailable("the witness's database cannot be written") from error
        finally:
            connection.close()

    @classmethod
    @contextmanager
    def opened(cls, path: Path, key: NoteKey) -> Iterator[Self]:
        """
        Yield the store of this key's witness.

        Raises:
            StorageUnavailable: It is not there or cannot be opened.
            IntegrityError: It belongs to another key.
        """
        store = cls(path)
        try:
            store.check_key(key)
            yield store
        finally:
            store.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def check_key(self, key: NoteKey) -> None:
        """
        Check that the file was made for this key.

        Raises:
            IntegrityError: It was not.
        """
        if self._rows("SELECT vkey FROM witness") != [(key.to_text(),)]:
            raise IntegrityError("the database belongs to another key")

    # --- logs ------------------------------------------------------------------------------

    def add_log(self, key: NoteKey) -> None:
        """
        Watch a log; a further key of a watched log is one it may be signed with from now on.

        Raises:
            InvalidCheckpoint: It is not the key of a log.
            Conflict: It is watched already.
        """
        origin = TrustedLog(key.name, (key,)).origin
        with self._transaction() as run:
            if run("SELECT 1 FROM log WHERE vkey = ?", (key.to_text(),)).fetchall():
                raise Conflict("LOG_IS_WATCHED")
            run("INSERT INTO log VALUES (?, ?)", (origin, key.to_text()))

    def logs(self) -> dict[str, TrustedLog]:
        """
        Return the watched logs by origin.

        Raises:
            IntegrityError: What is stored is no key.
        """
        keys: dict[str, list[str]] = {}
        for origin, vkey in self._rows("SELECT origin, vkey FROM log ORDER BY origin, vkey"):
            keys.setdefault(origin, []).append(vkey)
        return {origin: TrustedLog.of(vkeys) for origin, vkeys in keys.items()}

    # --- heads -----------------------------------------------------------------------------

    def decide(
        self,
        request: AddCheckpoint,
        judged: Callable[[AddCheckpoint, Cosigned], Verdict],
        cosign: Callable[[str], str],
        *,
        log: TrustedLog,
        now: Millis,
    ) -> tuple[Verdict, int, str]:
        """
        Judge a request, and make durable what follows from it, in one transaction.

        Args:
            request: Signed by the log.
            judged: The rules.
            cosign: Makes the line over the head's text.
            log: Whose it is; signatures of others are not kept.
            now: The present instant.

        Returns:
            The verdict, the size now cosigned, and the line; empty unless cosigned.
        """
        with self._transaction() as run:
            size, root, note = self._newest(request.origin)
            verdict = judged(request, Cosigned(size, root))
            if verdict.evidence is not None:
                self._keep(run, request, verdict.evidence, note, size, log=log, now=now)
            if verdict.status is not Status.COSIGNED:
                return verdict, size, ""
            line = cosign(request.note.text)
            run(
                "INSERT INTO cosigned VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE"
                " SET size = excluded.size, root = excluded.root, note = excluded.note",
                (request.origin, request.size, request.root, _signed(request, log) + line),
            )
        return verdict, request.size, line

    def cosigned(self) -> Mapping[str, tuple[int, str]]:
        """Return the newest cosigned head of each log by origin: its size, and its note."""
        rows = self._rows("SELECT origin, size, note FROM cosigned ORDER BY origin")
        return {origin: (size, note) for origin, size, note in rows}

    def _newest(self, origin: str) -> tuple[int, bytes, str]:
        rows = self._connection.execute(
            "SELECT size, root, note FROM cosigned WHERE origin = ?", (origin,)
        ).fetchall()
        if not rows:
            return 0, Cosigned().root, ""
        size, root, note = rows[0]
        return size, bytes(root), note

    # --- evidence --------------------------------------------------------------------------

    def evidence(self) -> tuple[Evidence, ...]:
        """Return what was refused although a log signed it, oldest first."""
        rows = self._rows(
            "SELECT origin, kind, at, size, request, cosigned_note FROM evidence"
            " ORDER BY at, origin, kind, digest"
        )
        return tuple(
            Evidence(origin, EvidenceKind(kind), Millis(at), size, request, note)
            for origin, kind, at, size, request, note in rows
        )

    def dropped(self) -> Mapping[tuple[str, str], int]:
        """Return how many requests were not kept, by log and kind, because there was no room."""
        rows = self._rows("SELECT origin, kind, count FROM dropped ORDER BY origin, kind")
        return {(origin, kind): count for origin, kind, count in rows}

    @staticmethod
    def _keep(
        run: Callable[..., Any],
        request: AddCheckpoint,
        kind: EvidenceKind,
        cosigned_note: str,
        cosigned_size: int,
        *,
        log: TrustedLog,
        now: Millis,
    ) -> None:
        # By what the log signed: whoever sends it again with another proof adds nothing.
        digest = hashlib.sha256(request.note.text.encode()).hexdigest()
        key = (request.origin, str(kind))
        known = "SELECT 1 FROM evidence WHERE origin = ? AND kind = ? AND digest = ?"
        if run(known, (*key, digest)).fetchall():
            return
        count = "SELECT count(*) FROM evidence WHERE origin = ? AND kind = ?"
        ((kept,),) = run(count, key).fetchall()
        if kept >= MAX_EVIDENCE:
            run(
                "INSERT INTO dropped VALUES (?, ?, 1)"
                " ON CONFLICT (origin, kind) DO UPDATE SET count = count + 1",
                key,
            )
            return
        shown = AddCheckpoint.of(request.old_size, request.proof, _signed(request, log))
        content = (shown.to_bytes().decode(), cosigned_size, cosigned_note)
        run(
            "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, digest, now, request.size, *content),
        )

    # --- the file --------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., Any]]:
        """Yield what runs a statement; everything is durable when this ends, or undone."""
        with self._lock:
            self._check_disk()
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection.execute
                except BaseException:
                    self._undo()
                    raise
                self._connection.execute("COMMIT")
            except sqlite.Error as error:
                self._undo()
                # What the disk may have lost is never asked for again.
                name = str(getattr(error, "sqlite_errorname", ""))
                self._lost = self._lost or name.startswith(_LOST)
                raise StorageUnavailable("the witness's database cannot be written") from error

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self._lock:
            self._check_disk()
            try:
                rows: list[tuple[Any, ...]] = self._connection.execute(statement).fetchall()
            except sqlite.Error as error:
                raise StorageUnavailable("the witness's database cannot be read") from error
        return rows

    def _check_disk(self) -> None:
        if self._lost:
            raise StorageUnavailable("the disk may have lost what this witness has seen")


def _signed(request: AddCheckpoint, log: TrustedLog) -> str:
    """Return the head with the log's own signatures: what others add may be of any length."""
    known = {(key.name, key.key_id) for key in log.keys}
    lines = dict.fromkeys(
        f"\u2014 {name} {b64(key_id + signature)}\n"
        for name, key_id, signature in request.note.lines
        if (name, key_id) in known
    )
    if not lines:
        raise InvalidCheckpoint("the log did not sign")
    return f"{request.note.text}\n{''.join(lines)}"


def _guard(table: str, event: str, when: str) -> str:
    condition = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}{condition}"
        f" BEGIN SELECT RAISE(ABORT, '{table}: append only'); END;"
    )
