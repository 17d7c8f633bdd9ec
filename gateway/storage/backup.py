"""
A consistent copy of the embedded database, made while others write (SQLite's backup API).

The copy is one state of the database. It is for looking into and for what stands beside the log;
a log never goes on from it: what was acknowledged since is not in it.
"""

import os
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from gateway.domain.errors import Conflict, StorageUnavailable
from gateway.sqlite import open_sqlite
from gateway.storage.connect import database_url, sqlite_path

__all__ = ["copy_database"]


def copy_database(url: str, target: Path) -> None:
    """
    Copy an embedded database to a new file that only its owner can read.

    Args:
        url: The database.
        target: The new file; durable when this returns.

    Raises:
        Conflict: BACKUP_NOT_EMBEDDED: PostgreSQL is copied by its own tools; BACKUP_EXISTS:
            there is such a file already. Nothing was written.
        StorageUnavailable: The database cannot be read, or the copy cannot be written.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise Conflict("BACKUP_NOT_EMBEDDED")
    source = sqlite_path(parsed)
    if not source.is_file():
        raise StorageUnavailable("there is no database to copy")
    _claim(target)
    try:
        _copy(source, target)
        _synchronise(target)
    except (sqlite.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise StorageUnavailable("the copy cannot be written") from error


def _claim(target: Path) -> None:
    """Make the file, so that nobody else's is written over."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Conflict("BACKUP_EXISTS") from None
    except OSError as error:
        raise StorageUnavailable("the copy cannot be written") from error


def _copy(source: Path, target: Path) -> None:
    reading = open_sqlite(source, read_only=True)
    try:
        writing = sqlite.connect(str(target))
        try:
            reading.backup(writing)
        finally:
            writing.close()
    finally:
        reading.close()


def _synchronise(target: Path) -> None:
    for path, flags in ((target, os.O_RDONLY), (target.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
