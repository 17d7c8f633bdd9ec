"""The contract of policy revisions: a bundle is kept once and never changes."""

from collections.abc import Iterator

import pytest

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import Millis
from gateway.storage.database import Database
from gateway.storage.policy_revisions import PolicyRevisions
from tests.simulators.clock import NOON
from tests.simulators.kept_log import OTHER_TENANT, TENANT, raw

LATER = Millis(NOON + 1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    yield database
    database.close()


@pytest.fixture
def revisions(database: Database) -> PolicyRevisions:
    return database.policy_revisions(TENANT)


def test_bundle_that_was_never_kept_is_none(revisions: PolicyRevisions) -> None:
    assert revisions.bundle("sha256:none") is None
    assert revisions.digests() == []


def test_bundle_kept_again_stays_as_it_was(revisions: PolicyRevisions) -> None:
    revisions.keep("sha256:b", b"first", now=NOON)
    revisions.keep("sha256:b", b"other", now=LATER)
    assert revisions.bundle("sha256:b") == b"first"
    assert revisions.digests() == ["sha256:b"]


def test_bundles_of_another_tenant_are_not_seen(
    revisions: PolicyRevisions, database: Database
) -> None:
    database.policy_revisions(OTHER_TENANT).keep("sha256:a", b"theirs", now=NOON)
    assert revisions.bundle("sha256:a") is None
    assert revisions.digests() == []


def test_bundles_of_a_silent_database_are_unavailable(
    revisions: PolicyRevisions, database_url: str
) -> None:
    raw(database_url, "ALTER TABLE policy_revision RENAME TO policy_revision_away")
    with pytest.raises(StorageUnavailable):
        revisions.keep("sha256:a", b"a", now=NOON)
    with pytest.raises(StorageUnavailable):
        revisions.bundle("sha256:a")
    with pytest.raises(StorageUnavailable):
        revisions.digests()


def test_digests_come_in_the_order_of_first_use(
    revisions: PolicyRevisions, database_url: str
) -> None:
    bundle = bytes(range(256)) * 400
    for digest, now in (("sha256:z", NOON), ("sha256:b", LATER), ("sha256:a", LATER)):
        revisions.keep(digest, bundle, now=now)
    other = Database.open(database_url)
    assert other.policy_revisions(TENANT).digests() == ["sha256:z", "sha256:a", "sha256:b"]
    assert other.policy_revisions(TENANT).bundle("sha256:a") == bundle
    other.close()
