"""
Everything one unit needs, read in one statement: one snapshot, one round trip.

The statement answers with rows of five columns, told apart by the first:

* ``f``: a fact (kind, id, version, JSON text);
* ``s``: a resolved handle (subject, agency, 0, person);
* ``e``: the epoch of a key (key, nothing, epoch, nothing);
* ``c``: the count of earlier ad hoc permits about the first subject;
* ``l``: the count of units that the asking person asked about lately.
"""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import AgencyId, PersonId, SubjectId, TenantId
from gateway.domain.log import KeyEpoch
from gateway.domain.records import WORK_TABLES
from gateway.ports.registers import FactRow, FactsQuery, Row, SubjectRow, UnitFacts
from gateway.storage.connect import CONNECT_S, SILENCE_MS, open_sqlite, postgres_conninfo

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresFactsReader", "SQLiteFactsReader"]

_Found: TypeAlias = Iterable[tuple[Any, ...]]

# Numbered or named marks, because each list is needed in more than one place. SQLite keeps the
# order of a CROSS JOIN: few keys look up their facts, and it never walks through a register.
_STATEMENT: Final = """
WITH s AS MATERIALIZED (
  SELECT id, agency_id, person_id FROM subject
  WHERE tenant_id = {tenant} AND id IN ({subjects})
), k AS MATERIALIZED (
  {keys} UNION SELECT 'person:' || person_id FROM s
), named AS (
  SELECT DISTINCT rk.kind, rk.id FROM k CROSS JOIN register_key rk
  WHERE rk.tenant_id = {tenant} AND rk.key = k.key
)
SELECT 'f', f.kind, f.id, f.version, f.fact FROM named CROSS JOIN register_fact f
WHERE f.tenant_id = {tenant} AND f.kind = named.kind AND f.id = named.id
UNION ALL
SELECT 's', id, agency_id, 0, person_id FROM s
UNION ALL
SELECT 'e', k.key, '', coalesce(e.epoch, 0), '' FROM k
LEFT JOIN register_epoch e ON e.tenant_id = {tenant} AND e.key = k.key
UNION ALL
SELECT 'c', '', '', count(*), '' FROM unit
WHERE tenant_id = {tenant} AND sender_agency = {sender} AND recipient_agency = {recipient}
  AND person_id = (SELECT person_id FROM s WHERE id = {main})
  AND decided_at >= {since} AND ad_hoc = 1 AND state <> 'refused'
UNION ALL
SELECT 'l', '', '', count(*), '' FROM unit
WHERE tenant_id = {tenant} AND asking_actor = {asking} AND decided_at >= {lately}
"""
_SQLITE: Final = _STATEMENT.format(
    tenant="?1",
    subjects="SELECT value FROM json_each(?2)",
    keys="SELECT value AS key FROM json_each(?3)",
    main="?4",
    sender="?5",
    recipient="?6",
    since="?7",
    asking="?8",
    lately="?9",
)
_POSTGRES: Final = _STATEMENT.format(
    tenant="%(tenant)s",
    subjects="SELECT unnest(%(subjects)s::text[])",
    keys='SELECT unnest(%(keys)s::text[]) COLLATE "C" AS key',
    main="%(main)s",
    sender="%(sender)s",
    recipient="%(recipient)s",
    since="%(since)s::bigint",
    asking="%(asking)s",
    lately="%(lately)s::bigint",
)
_POOL_SIZE: Final = 4


class SQLiteFactsReader:
    """
    Reads in the calling thread: some tens of microseconds, less than a change of thread.

    Each thread that reads gets a connection of its own when it first does.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[Any] = []

    async def facts(self, tenant_id: TenantId, query: FactsQuery) -> UnitFacts:
        """Return the facts asked for; what is not there is simply absent."""
        values = (
            tenant_id,
            orjson.dumps(query.subjects).decode(),
            orjson.dumps(query.keys).decode(),
            query.subjects[0] if query.subjects else "",
            *query.pair,
            query.ad_hoc_since,
            query.asking_actor,
            query.lately_since,
        )
        try:
            return _answer(self._cursor().execute(_SQLITE, values))
        except sqlite.Error as error:
            raise StorageUnavailable("the registers cannot be read") from error

    async def row(self, tenant_id: TenantId, table: str, id_: str) -> Row | None:
        """Return one row of a work table by its key, or ``None``."""
        columns, statement = _row_statement(table, "?")
        try:
            found = self._cursor().execute(statement, (tenant_id, id_)).fetchone()
        except sqlite.Error as error:
            raise StorageUnavailable("the registers cannot be read") from error
        return None if found is None else dict(zip(columns, found, strict=True))

    def close(self) -> None:
        """Close the connections of every thread."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    def _cursor(self) -> Any:
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            connection = open_sqlite(self._path, read_only=True, any_thread=True)
            self._opened.append(connection)
            cursor = self._local.cursor = connection.cursor()
        return cursor


class PostgresFactsReader:
    """
    Reads over a few asynchronous connections, opened inside the running event loop.

    A connection that failed is dropped; the next read opens another.
    """

    def __init__(self, url: URL) -> None:
        import psycopg  # noqa: PLC0415 - an extra, which a gateway on SQLite does without

        self._connect = psycopg.AsyncConnection.connect
        self._silent = (psycopg.Error, OSError)
        self._conninfo = postgres_conninfo(url)
        self._idle: list[psycopg.AsyncConnection[tuple[Any, ...]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Semaphore(_POOL_SIZE)

    async def facts(self, tenant_id: TenantId, query: FactsQuery) -> UnitFacts:
        """Return the facts asked for; what is not there is simply absent."""
        values = {
            "tenant": tenant_id,
            "subjects": list(query.subjects),
            "keys": list(query.keys),
            "main": query.subjects[0] if query.subjects else "",
            "sender": query.pair[0],
            "recipient": query.pair[1],
            "since": query.ad_hoc_since,
            "asking": query.asking_actor,
            "lately": query.lately_since,
        }
        try:
            async with self._connection() as connection:
                cursor = await connection.execute(_POSTGRES, values, prepare=True)
                return _answer(await cursor.fetchall())
        except self._silent as error:
            raise StorageUnavailable("the registers cannot be read") from error

    async def row(self, tenant_id: TenantId, table: str, id_: str) -> Row | None:
        """Return one row of a work table by its key, or ``None``."""
        columns, statement = _row_statement(table, "%s")
        try:
            async with self._connection() as connection:
                cursor = await connection.execute(
                    statement.encode(), (tenant_id, id_), prepare=True
                )
                found = await cursor.fetchone()
        except self._silent as error:
            raise StorageUnavailable("the registers cannot be read") from error
        return None if found is None else dict(zip(columns, found, strict=True))

    async def aclose(self) -> None:
        """Close the idle connections; call it in the loop that opened them."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _connection(
        self,
    ) -> "AsyncIterator[psycopg.AsyncConnection[tuple[Any, ...]]]":
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # Connections belong to the loop that opened them; those of a loop that has
            # ended cannot be closed any more and are let go.
            self._loop, self._idle, self._free = loop, [], asyncio.Semaphore(_POOL_SIZE)
        async with self._free:
            connection = self._idle.pop() if self._idle else await self._open()
            try:
                yield connection
            except BaseException:
                await connection.close()
                raise
            self._idle.append(connection)

    async def _open(self) -> "psycopg.AsyncConnection[tuple[Any, ...]]":
        return await self._connect(
            self._conninfo,
            autocommit=True,
            application_name="tasuki-facts",
            connect_timeout=CONNECT_S,
            tcp_user_timeout=SILENCE_MS,
            options="-c default_transaction_read_only=on",
        )


@functools.cache
def _row_statement(table: str, mark: str) -> tuple[tuple[str, ...], str]:
    """Return the columns of a work table and the query of one row of it."""
    columns = ("id", *WORK_TABLES[table])
    names = ", ".join(f'"{column}"' for column in columns)
    query = f'SELECT {names} FROM "{table}" WHERE tenant_id = {mark} AND id = {mark}'  # noqa: S608 - names from WORK_TABLES
    return columns, query


def _answer(found: _Found) -> UnitFacts:
    facts: list[FactRow] = []
    subjects: list[SubjectRow] = []
    epochs: list[KeyEpoch] = []
    counts = {"c": 0, "l": 0}
    for what, first, second, number, text in found:
        if what == "f":
            facts.append(FactRow(first, second, number, orjson.loads(text)))
        elif what == "e":
            epochs.append(KeyEpoch(first, number))
        elif what == "s":
            subjects.append(SubjectRow(SubjectId(first), AgencyId(second), PersonId(text)))
        else:
            counts[what] = number
    facts.sort(key=lambda f: (f.kind, f.id))
    subjects.sort(key=lambda s: s.subject_id)
    epochs.sort(key=lambda e: e.key)
    return UnitFacts(tuple(facts), tuple(subjects), counts["c"], tuple(epochs), counts["l"])
