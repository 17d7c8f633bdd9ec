"""The contract of the replay store: an identifier passes once, whoever asks, on any replica."""

import threading
from collections.abc import Iterator

import pytest

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import Millis
from gateway.ports.replay import ReplayStore
from gateway.storage.database import Database
from tests.simulators.clock import NOON
from tests.simulators.kept_log import OTHER_TENANT, TENANT, raw

SOON = Millis(NOON + 60_000)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> ReplayStore:
    return database.replay(TENANT)


def remember(store: ReplayStore, id_: str = "jti-1", owner: str = "client-1") -> bool:
    return store.remember(owner, id_, expires_at=SOON, now=NOON)


def test_identifier_is_refused_the_second_time(store: ReplayStore) -> None:
    assert remember(store)
    assert not remember(store)
    assert not remember(store)
    assert remember(store, "jti-2")


def test_identifier_is_refused_on_another_replica(store: ReplayStore, database_url: str) -> None:
    assert remember(store)
    other = Database.open(database_url)
    assert not remember(other.replay(TENANT))
    other.close()


def test_identifier_of_one_instant_passes_once_among_many(database_url: str) -> None:
    databases = [Database.open(database_url) for _ in range(4)]
    barrier, answers = threading.Barrier(4), list[bool]()

    def present(store: ReplayStore) -> None:
        for number in range(10):
            barrier.wait(30)
            answers.append(remember(store, f"jti-{number}"))

    threads = [threading.Thread(target=present, args=[d.replay(TENANT)]) for d in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for database in databases:
        database.close()
    assert (answers.count(True), answers.count(False)) == (10, 30)


def test_identifier_that_cannot_be_remembered_is_unavailable(
    store: ReplayStore, database_url: str
) -> None:
    raw(database_url, "ALTER TABLE replay RENAME TO replay_away")
    with pytest.raises(StorageUnavailable):
        remember(store)


def test_identifier_that_no_database_takes_is_unavailable(store: ReplayStore) -> None:
    with pytest.raises(StorageUnavailable):
        remember(store, "\ud800")
    assert remember(store)


def test_identifier_of_another_owner_or_tenant_is_another(
    store: ReplayStore, database: Database
) -> None:
    assert remember(store)
    assert remember(store, owner="client-2")
    assert remember(database.replay(OTHER_TENANT))


def test_identifier_is_forgotten_only_after_it_expired(
    store: ReplayStore, database_url: str
) -> None:
    def at(now: int, id_: str) -> bool:
        return store.remember("c", id_, expires_at=Millis(now + 60_000), now=Millis(now))

    assert at(NOON, "early")
    assert at(NOON + 60_000, "late")
    assert not at(NOON + 60_000, "early")
    assert not at(NOON + 120_000, "late")
    assert at(NOON + 120_000, "later")
    kept = raw(database_url, "SELECT id FROM replay ORDER BY id")
    assert kept == [("c\nlate",), ("c\nlater",)]
