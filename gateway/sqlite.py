"""
SQLite files that keep what they acknowledged: every promise checked when one is opened.

WAL with ``synchronous=FULL``, foreign keys, recursive triggers and no trusted schema, read back
after they were set; nothing older than 3.51.3, whose write-ahead log can be corrupted when one
connection writes while another checkpoints.
"""

from pathlib import Path
from typing import Any, Final

from pysqlite3 import dbapi2 as sqlite

from gateway.domain.errors import StorageUnavailable

__all__ = ["MINIMUM_SQLITE", "check_sqlite_version", "open_sqlite"]

MINIMUM_SQLITE: Final = (3, 51, 3)

_BUSY_MS: Final = 5_000
_CHECKPOINT_PAGES: Final = 1_000
_CACHED_STATEMENTS: Final = 512

# Pragma, value to set, value that must be read back.
_PRAGMAS: Final = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "on", 1),
    ("trusted_schema", "off", 0),
    ("recursive_triggers", "on", 1),
    ("secure_delete", "on", 1),  # what is erased is overwritten, not only forgotten
    ("busy_timeout", _BUSY_MS, _BUSY_MS),
    ("wal_autocheckpoint", _CHECKPOINT_PAGES, _CHECKPOINT_PAGES),
)


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
