"""Two agencies, enrolled in a real database."""

from collections.abc import Iterator

import pytest

from tests.simulators.databases import SQLiteDatabases
from tests.simulators.enrolment import Enrolment


@pytest.fixture(scope="module")
def unchanged(sqlite_databases: SQLiteDatabases) -> Iterator[Enrolment]:
    """An enrolment for tests that change nothing in it, not even the time."""
    with sqlite_databases.fresh() as url, Enrolment.open(url) as enrolment:
        yield enrolment


@pytest.fixture
def enrolment(database_url: str) -> Iterator[Enrolment]:
    """An enrolment of one's own, on each kind of database in turn."""
    with Enrolment.open(database_url) as enrolled:
        yield enrolled


@pytest.fixture
def local(sqlite_url: str) -> Iterator[Enrolment]:
    """An enrolment of one's own, on SQLite."""
    with Enrolment.open(sqlite_url) as enrolled:
        yield enrolled
