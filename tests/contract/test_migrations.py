"""Migrations: from nothing to the newest revision, and never twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from gateway.domain.errors import StorageUnavailable
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import engine_for
from gateway.storage.database import Database
from gateway.storage.migrate import config_for, differences, is_current, upgrade
from gateway.storage.schema import METADATA


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        name = server.create()
        yield server.url(name)
        server.drop(name)


def dump(url: str) -> list[tuple[object, ...]]:
    """Return every object of the schema with its text, and the revision."""
    engine = engine_for(parsed(url))
    try:
        with engine.connect() as connection:
            objects = (
                "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"
                if engine.dialect.name == "sqlite"
                else "SELECT oid, relname, relfilenode FROM pg_class ORDER BY 1"
            )
            rows = [tuple(row) for row in connection.execute(sa.text(objects))]
            revisions = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
            return rows + [tuple(row) for row in revisions]
    finally:
        engine.dispose()


def test_open_of_an_empty_database_is_refused(empty_url: str) -> None:
    with pytest.raises(StorageUnavailable, match="migrate first"):
        Database.open(empty_url)


def test_open_at_another_revision_is_refused(database_url: str) -> None:
    engine = engine_for(parsed(database_url), transactional=True)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    with pytest.raises(StorageUnavailable, match="migrate first"):
        Database.open(database_url)


def test_upgrade_over_tables_of_somebody_else_changes_nothing(empty_url: str) -> None:
    engine = engine_for(parsed(empty_url), transactional=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE log_tip (kept INTEGER)"))
    try:
        with pytest.raises(StorageUnavailable):
            upgrade(empty_url)
        assert sa.inspect(engine).get_table_names() == ["log_tip"]
    finally:
        engine.dispose()


def test_upgrade_from_nothing_makes_what_the_schema_says(empty_url: str) -> None:
    upgrade(empty_url)
    engine = engine_for(parsed(empty_url))
    try:
        assert is_current(engine)
        assert differences(engine) == []
        tables = set(sa.inspect(engine).get_table_names())
        assert tables == {*METADATA.tables, "alembic_version"}
    finally:
        engine.dispose()


def test_upgrade_of_an_earlier_revision_keeps_its_units(empty_url: str) -> None:
    engine = engine_for(parsed(empty_url), transactional=True)
    try:
        with engine.begin() as connection:
            command.upgrade(config_for(connection), "0001")
            old = sa.Table("unit", sa.MetaData(), autoload_with=connection)
            kept = {c.name: 1 if isinstance(c.type, sa.Integer) else "x" for c in old.c}
            connection.execute(old.insert(), kept)
        upgrade(empty_url)
        with engine.connect() as connection:
            (row,) = connection.execute(sa.select(METADATA.tables["unit"])).mappings()
        assert {**kept, "asking_actor": None} == dict(row)
    finally:
        engine.dispose()


def test_upgrade_a_second_time_does_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    before = dump(empty_url)
    upgrade(empty_url)
    assert dump(empty_url) == before


def test_differences_of_a_changed_database_are_told(database_url: str) -> None:
    engine = engine_for(parsed(database_url), transactional=True)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX ix_replay_expires_at"))
    try:
        assert len(differences(engine)) == 1
    finally:
        engine.dispose()
