"""What whoever owns a database can do to it: take the guards away and change anything."""

from typing import Any

import psycopg
from pysqlite3 import dbapi2 as sqlite

from gateway.storage.connect import database_url, postgres_conninfo, sqlite_path
from gateway.storage.schema import METADATA

__all__ = ["tamper"]


def tamper(url: str, statement: str, *values: str | int | bytes) -> None:
    """Run a statement past every guard and foreign key; ``?`` marks a value."""
    parsed = database_url(url)
    connection: Any
    if parsed.get_backend_name() == "postgresql":
        with psycopg.connect(postgres_conninfo(parsed), autocommit=True) as connection:
            for table in METADATA.tables:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            connection.execute(statement.replace("?", "%s"), values)
        return
    connection = sqlite.connect(str(sqlite_path(parsed)), isolation_level=None)
    try:
        triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)
    finally:
        connection.close()
