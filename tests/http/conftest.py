"""A furnished gateway that many tests ask, and everything they need to ask it."""

from collections.abc import Iterator

import pytest

from tests.simulators.databases import SQLiteDatabases
from tests.simulators.member import CITY, Cast, Member, found_by
from tests.simulators.served import ServedGateway


@pytest.fixture(scope="module")
def cast(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """One gateway for a module, with its members."""
    city = Member(CITY, "city-desk", "city-1")
    home = tmp_path_factory.mktemp("gateway")
    with (
        sqlite_databases.fresh() as url,
        ServedGateway.on(url, home, before=found_by(city)) as gateway,
    ):
        yield Cast.furnish(gateway, city)
