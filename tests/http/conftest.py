"""A furnished gateway that many tests ask, and everything they need to ask it."""

from collections.abc import Iterator

import pytest

from tests.simulators.databases import SQLiteDatabases
from tests.simulators.member import Cast


@pytest.fixture(scope="module")
def cast(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """One gateway for a module, with its members."""
    home = tmp_path_factory.mktemp("gateway")
    with sqlite_databases.fresh() as url, Cast.on(url, home) as cast:
        yield cast


@pytest.fixture
def own_cast(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A gateway of one test, for what cannot be undone."""
    home = tmp_path_factory.mktemp("own")
    with sqlite_databases.fresh() as url, Cast.on(url, home) as cast:
        yield cast
