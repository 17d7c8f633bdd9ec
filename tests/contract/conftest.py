"""What the contracts of storage share: a log in each kind of database."""

from collections.abc import Iterator

import pytest

from tests.simulators.kept_log import KeptLog


@pytest.fixture
def log(database_url: str) -> Iterator[KeptLog]:
    """A new log in a fresh database, verified once more when the test is over."""
    with KeptLog.open(database_url) as log:
        yield log
        assert log.writer.healthy
        log.verify()
