"""The writer's connection to SQLite, and the lock that makes it the only one."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pysqlite3 import dbapi2 as sqlite

from gateway.domain.errors import Conflict, StorageUnavailable
from gateway.storage.connect import open_sqlite
from gateway.storage.session import StepFailed, WriteFailed
from gateway.storage.statements import SQLITE, Dialect
from gateway.storage.steps import Refusal, Step, Value

__all__ = ["SQLiteSession"]

_INVALID: Final = Refusal(Conflict, "ROW_INVALID")
# What a failed write to the disk is called; a full disk is not among them, it lost nothing.
_LOST: Final = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")
_FAILURES: Final = (sqlite.Error, UnicodeEncodeError, OverflowError)


class SQLiteSession:
    """
    Writes to one SQLite file. Nobody else can: the file beside it is locked.

    Raises:
        StorageUnavailable: Another writer holds the lock, or the file cannot be opened.
    """

    dialect: Dialect = SQLITE

    def __init__(self, path: Path) -> None:
        self._lock = _locked(path)
        try:
            self._connection = open_sqlite(path, any_thread=True)
        except BaseException:
            os.close(self._lock)
            raise
        self._execute = self._connection.cursor().execute

    def begin(self) -> None:
        """Open a transaction."""
        self._plain(self.dialect.begin)

    def run(self, steps: Sequence[Step]) -> None:
        """Run the steps in this order."""
        execute = self._execute
        step: Step | None = None
        try:
            for step in steps:
                cursor = execute(step.statement, step.values)
                if step.wants is None:
                    continue
                touched = cursor.rowcount
                if touched < 0:
                    touched = len(cursor.fetchall())
                if touched != step.wants:
                    raise StepFailed(step.refusal)
        except _FAILURES as error:
            raise _translated(error, step) from error

    def fetch(self, statement: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            rows: list[tuple[Any, ...]] = self._execute(statement, values).fetchall()
        except _FAILURES as error:
            raise _translated(error, None) from error
        return rows

    def savepoint(self) -> None:
        """Mark where to return to."""
        self._plain("SAVEPOINT change")

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        self._plain("RELEASE change")

    def undo(self) -> None:
        """Undo what was done since the savepoint."""
        self._plain("ROLLBACK TO change")
        self._plain("RELEASE change")

    def commit(self) -> None:
        """Write and sync; SQLite has waited for the disk when this returns."""
        self._plain("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, unless SQLite already has."""
        if self._connection.in_transaction:
            self._plain("ROLLBACK")

    def close(self) -> None:
        """Close the connection and let go of the lock."""
        try:
            self._connection.close()
        except sqlite.Error:
            pass
        finally:
            os.close(self._lock)

    def _plain(self, statement: str) -> None:
        try:
            self._execute(statement)
        except sqlite.Error as error:
            raise _failed(error) from error


def _translated(error: Exception, step: Step | None) -> StepFailed | WriteFailed:
    if isinstance(error, sqlite.IntegrityError):
        return StepFailed(None if step is None else step.refusal)
    if isinstance(error, (sqlite.DataError, UnicodeEncodeError, OverflowError)):
        return StepFailed(_INVALID)
    return _failed(error)


def _failed(error: Exception) -> WriteFailed:
    name = str(getattr(error, "sqlite_errorname", ""))
    return WriteFailed(final=name.startswith(_LOST))


def _locked(path: Path) -> int:
    """Return a descriptor that holds the writer's lock until it is closed."""
    lock = os.open(path.with_name(path.name + "-writer"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StorageUnavailable("another writer holds this database") from error
    return lock
