"""Bring a database to the newest revision, and tell whether it is there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.domain.errors import StorageUnavailable
from gateway.storage.connect import database_url, engine_for
from gateway.storage.schema import METADATA

__all__ = ["check_current", "config_for", "differences", "is_current", "upgrade"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def config_for(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection when revisions are to run."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> None:
    """
    Bring the database to the newest revision, in one transaction; it may be empty before.

    Raises:
        StorageUnavailable: It cannot be opened or changed; nothing has changed.
    """
    engine = engine_for(database_url(url), transactional=True)
    try:
        with engine.begin() as connection:
            command.upgrade(config_for(connection), "head")
    except SQLAlchemyError as error:
        raise StorageUnavailable("the database cannot be brought to the newest revision") from error
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """
    Return whether the database is at the newest revision this code knows.

    Raises:
        StorageUnavailable: It cannot be read.
    """
    heads = set(ScriptDirectory.from_config(config_for()).get_heads())
    try:
        with engine.connect() as connection:
            return set(MigrationContext.configure(connection).get_current_heads()) == heads
    except SQLAlchemyError as error:
        raise StorageUnavailable("the database cannot be read") from error


def check_current(engine: Engine) -> None:
    """
    Check that the database is at the newest revision.

    Raises:
        StorageUnavailable: It is not, or cannot be read.
    """
    if not is_current(engine):
        raise StorageUnavailable("the database is not at the newest revision; migrate first")


def differences(engine: Engine) -> list[object]:
    """Return how the tables in the database differ from ``schema.py``; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))
