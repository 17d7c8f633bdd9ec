"""
Connections to SQLite and PostgreSQL, each with its promises checked when it opens.

* SQLite: WAL with ``synchronous=FULL``, foreign keys, recursive triggers and no trusted
  schema, read back after they were set; nothing older than 3.51.3, whose write-ahead log
  can be corrupted when one connection writes while another checkpoints.
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

MINIMUM_SQLITE: Final = (3, 51, 3)
DURABLE_COMMITS: Final = frozenset({"on", "remote_write", "remote_apply"})
_BUSY_MS: Final = 5_000
_CHECKPOINT_PAGES: Final = 1_000
CONNECT_S: Final = 5
SILENCE_MS: Final = 10_000  # unanswered packets for this long mean a lost connection
_CACHED_STATEMENTS: Final = 512

# Pragma, value to set, value that must be read back.
_PRAGMAS: Final = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "on", 1),
    ("trusted_schema", "off", 0),
    ("recursive_triggers", "on", 1),
    ("busy_timeout", _BUSY_MS, _BUSY_MS),
    ("wal_autocheckpoint", _CHECKPOINT_PAGES, _CHECKPOINT_PAGES),
)
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


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """
    Check that this SQLite may hold the log.

    Raises:
        StorageUnavailable: It is older than 3.51.3 (https://sqlite.org/wal.html, the
            reset of the write-ahead log).
    """
    if version < MINIMUM_SQLITE:
        raise StorageUnavailable("SQLite is older than 3.51.3 and could corrupt the log")


def open_sqlite(path: Path, *, read_only: bool = False, any_thread: bool = False) -> Any:
    """
    Return a driver connection in autocommit with every promise checked.

    Args:
        path: The database file; it is created when a writing connection opens.
        read_only: Refuse every write on this connection.
        any_thread: The caller promises that no two threads use it at the same time.

    Raises:
        StorageUnavailable: It cannot be opened, or a pragma did not take.
    """
    check_sqlite_version(sqlite.sqlite_version_info)
    try:
        connection = sqlite.connect(
            str(path),
            isolation_level=None,
            check_same_thread=not any_thread,
            cached_statements=_CACHED_STATEMENTS,
        )
        for name, wanted, effective in _PRAGMAS:
            connection.execute(f"PRAGMA {name}={wanted}").fetchall()
            (found,) = connection.execute(f"PRAGMA {name}").fetchone()
            if found != effective:
                raise StorageUnavailable(f"SQLite does not keep {name}")
        if read_only:
            connection.execute("PRAGMA query_only=on")
    except sqlite.Error as error:
        raise StorageUnavailable("the database cannot be opened") from error
    return connection


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
