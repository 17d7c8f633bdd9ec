"""
What every test may ask for: real databases, fresh and migrated, a real OPA, a real browser.

* ``database_url`` runs a test on both databases; ``sqlite_url`` and ``postgres_url`` on one.
* A PostgreSQL server starts when a test first asks for it, one for each worker.
* What cannot be had here is skipped with the reason, and fails where ``CI=true``.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.authoring.opa_server import find_opa
from tests.simulators.browser import NoBrowser, find_browser
from tests.simulators.databases import PostgresDatabases, SQLiteDatabases
from tests.simulators.postgres_server import NoPostgres, PostgresServer

ROOT = Path(__file__).resolve().parents[1]
_MARKED = (("postgres_server", "postgres"), ("opa", "opa"), ("browser_programs", "browser"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        wanted = getattr(item, "fixturenames", ())
        for fixture, mark in _MARKED:
            if fixture in wanted:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of this worker."""
    try:
        server = PostgresServer.start()
    except NoPostgres as missing:
        _missing(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SQLiteDatabases:
    return SQLiteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: PostgresServer) -> PostgresDatabases:
    return PostgresDatabases(postgres_server)


@pytest.fixture
def sqlite_url(sqlite_databases: SQLiteDatabases) -> Iterator[str]:
    """A fresh SQLite database at the newest revision."""
    with sqlite_databases.fresh() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A fresh PostgreSQL database at the newest revision."""
    with postgres_databases.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database at the newest revision, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def opa() -> Path:
    """The OPA binary."""
    found = find_opa(ROOT)
    if found is None:
        _missing("no OPA binary: run `make tools`")
    return found


@pytest.fixture(scope="session")
def browser_programs() -> tuple[str, str]:
    """Chromium and its driver."""
    try:
        return find_browser()
    except NoBrowser as missing:
        _missing(str(missing))


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
