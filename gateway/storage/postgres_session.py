"""The writer's connection to PostgreSQL, and the lock that makes it the only one."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import takewhile
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import errors
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import URL

from gateway.domain.errors import Conflict, StorageUnavailable
from gateway.storage.connect import open_postgres
from gateway.storage.session import StepFailed, WriteFailed
from gateway.storage.statements import POSTGRES, Dialect
from gateway.storage.steps import Refusal, Step, Value

__all__ = ["PostgresSession"]

_INVALID: Final = Refusal(Conflict, "ROW_INVALID")
_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended('tasuki-log-writer', 0))"
_FAILURES: Final = (psycopg.Error, UnicodeEncodeError)
_Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]


class PostgresSession:
    """
    Writes to one PostgreSQL database. Nobody else can: the session holds a lock.

    The lock ends with the server's session. A second connection that has it therefore
    knows that what the first one left in flight is over.

    Raises:
        StorageUnavailable: Another writer holds the lock, or the server is silent.
    """

    dialect: Dialect = POSTGRES

    def __init__(self, url: URL) -> None:
        self._connection = open_postgres(url)
        self._connection.adapters.register_dumper(int, Int8Dumper)
        self._connection.prepare_threshold = 0
        try:
            row = self._connection.execute(_LOCK).fetchone()
        except psycopg.Error as error:
            self.close()
            raise StorageUnavailable("the database cannot be opened") from error
        if row != (True,):
            self.close()
            raise StorageUnavailable("another writer holds this database")

    def begin(self) -> None:
        """Open a transaction."""
        self._plain(self.dialect.begin)

    def run(self, steps: Sequence[Step]) -> None:
        """Run the steps in this order, in one round trip."""
        execute = self._connection.execute
        cursors: list[_Cursor] = []
        try:
            with self._connection.pipeline():
                cursors.extend(execute(_numbered(step.statement), step.values) for step in steps)
        except _FAILURES as error:
            done = list(takewhile(_has_run, cursors))
            failed = _translated(error, steps[len(done)] if len(done) < len(steps) else None)
            if isinstance(failed, StepFailed):
                # Steps after one that achieved too little were sent all the same, and may
                # have failed only because of it.
                _check(steps, done)
            raise failed from error
        _check(steps, cursors)

    def fetch(self, statement: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            return self._connection.execute(_numbered(statement), values).fetchall()
        except _FAILURES as error:
            raise _translated(error, None) from error

    def savepoint(self) -> None:
        """Mark where to return to."""
        self._plain("SAVEPOINT change")

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        self._plain("RELEASE SAVEPOINT change")

    def undo(self) -> None:
        """Undo what was done since the savepoint."""
        self._plain("ROLLBACK TO SAVEPOINT change")
        self._plain("RELEASE SAVEPOINT change")

    def commit(self) -> None:
        """Commit; the server has waited for its disk when this returns."""
        # A transaction that failed before answers COMMIT with ROLLBACK and without error.
        if self._plain("COMMIT") != "COMMIT":
            raise WriteFailed

    def rollback(self) -> None:
        """Undo the transaction."""
        self._plain("ROLLBACK")

    def close(self) -> None:
        """Close the connection, and with it the lock."""
        with suppress(psycopg.Error):
            self._connection.close()

    def _plain(self, statement: str) -> str | None:
        try:
            return self._connection.execute(statement).statusmessage
        except psycopg.Error as error:
            raise WriteFailed from error


@cache
def _numbered(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def _has_run(cursor: _Cursor) -> bool:
    return cursor.rowcount >= 0


def _check(steps: Sequence[Step], cursors: Sequence[_Cursor]) -> None:
    for step, cursor in zip(steps, cursors, strict=False):
        if step.wants is not None and cursor.rowcount != step.wants:
            raise StepFailed(step.refusal)


def _translated(error: Exception, step: Step | None) -> StepFailed | WriteFailed:
    if isinstance(error, (errors.DataError, UnicodeEncodeError)):
        return StepFailed(_INVALID)
    if isinstance(error, errors.IntegrityError):
        return StepFailed(None if step is None else step.refusal)
    return WriteFailed()
