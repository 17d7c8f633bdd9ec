"""
Connections to SQLite and PostgreSQL, each with its promises checked when it opens.

* SQLite: as :mod:`gateway.sqlite` promises.
* PostgreSQL: ``fsync``, ``full_page_writes`` and ``synchronous_commit`` must be on. Any role
  can switch the last one off, so the database guards it once more at commit.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from gateway.domain.errors import StorageUnavailable
from gateway.sqlite import MINIMUM_SQLITE, check_sqlite_version, open_sqlite

if TYPE_CHECKING:
    import psycopg

__all__ = [
    "CONNECT_S",
    "DURABLE_COMMITS",
    "MINIMUM_SQLITE",
    "SILENCE_MS",
    "check_postgres",
    "check_sqlite_version",
    "database_url",
    "engine_for",
    "open_postgres",
    "open_sqlite",
    "postgres_conninfo",
    "sqlite_path",
]

DURABLE_COMMITS: Final = frozenset({"on", "remote_write", "remote_apply"})
CONNECT_S: Final = 5
SILENCE_MS: Final = 10_000  # unanswered packets for this long mean a lost connection

_POSTGRES_PROMISES: Final[Mapping[str, frozenset[str]]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": DURABLE_COMMITS,
}


def database_url(url: str) -> URL:
    """
    Return the parsed URL of a database this gateway can keep its log in.

    Raises:
        StorageUnavailable: Neither a SQLite file nor PostgreSQL, or its driver is missing.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageUnavailable("the database URL cannot be read") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    if backend == "postgresql" and find_spec("psycopg") is None:
        raise StorageUnavailable("PostgreSQL needs the extra 'postgres' of this package")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise StorageUnavailable("only a SQLite file or PostgreSQL can hold the log")


def sqlite_path(url: URL) -> Path:
    """Return the file a SQLite URL names."""
    return Path(str(url.database))


def postgres_conninfo(url: URL) -> str:
    """Return the libpq connection URI of a PostgreSQL URL, password included."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def open_postgres(url: URL) -> "psycopg.Connection[tuple[Any, ...]]":
    """
    Return a driver connection in autocommit with every promise checked.

    Raises:
        StorageUnavailable: The server is silent, or may lose what it acknowledged.
    """
    import psycopg  # noqa: PLC0415 - an extra, which a gateway on SQLite does without

    try:
        connection = psycopg.connect(
            postgres_conninfo(url),
            autocommit=True,
            application_name="tasuki-log-writer",
            connect_timeout=CONNECT_S,
            tcp_user_timeout=SILENCE_MS,
            options="-c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
        )
    except psycopg.Error as error:
        raise StorageUnavailable("the database cannot be opened") from error
    try:
        check_postgres(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def check_postgres(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """
    Check that what this server acknowledges survives a crash.

    Raises:
        StorageUnavailable: One of its settings would let an acknowledged entry be lost.
    """
    for name, allowed in _POSTGRES_PROMISES.items():
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
        if row is None or row[0] not in allowed:
            raise StorageUnavailable(f"PostgreSQL has {name} switched off")


def engine_for(url: URL, *, transactional: bool = False) -> Engine:
    """
    Return an SQLAlchemy engine for reads, or for migrations when ``transactional``.

    Reads run in autocommit: each statement sees the newest committed state.
    """
    isolation: dict[str, Any] = {} if transactional else {"isolation_level": "AUTOCOMMIT"}
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, **isolation)
    engine = create_engine(
        "sqlite://",
        creator=lambda: open_sqlite(sqlite_path(url), read_only=not transactional, any_thread=True),
        module=sqlite,
        poolclass=QueuePool,
        **isolation,
    )
    if transactional:
        # The driver is in autocommit, so that tables, too, are made inside a transaction.
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine
