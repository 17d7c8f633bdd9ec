"""What must hold before a log is written to: the database and the signer tell one story."""

import shutil

import pytest

from gateway.crypto.merkle import Frontier, leaf_hash
from gateway.domain.errors import IntegrityError, StorageUnavailable
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import sqlite_path
from gateway.storage.database import Database
from tests.simulators.clock import FixedClock
from tests.simulators.databases import PostgresDatabases
from tests.simulators.kept_log import LOG, KeptLog, entry, pads
from tests.simulators.signer import HonestSigner
from tests.simulators.tampering import tamper


class KnownTree:
    """Root and frontier over leaves."""

    def __init__(self, leaves: list[bytes]) -> None:
        frontier = Frontier().extended(leaf_hash(leaf) for leaf in leaves)
        self.root = frontier.root()
        self.frontier = frontier.to_bytes()


def kept(url: str, size: int = 300) -> HonestSigner:
    """Write a log and close it; return its signer."""
    signer = HonestSigner()
    with KeptLog.open(url, signer=signer) as log:
        log.append(entries=pads(size)[: size - 3])
        log.append(entries=pads(size)[size - 3 :])
    return signer


def forget_copies(url: str) -> None:
    """Leave the database as it is when its process ended before a copy of a head was stored."""
    tamper(url, "DELETE FROM log_checkpoint WHERE size >= ?", 0)


def check_refused(url: str, signer: HonestSigner, match: str) -> None:
    """Check that the log is not opened, nothing is signed, and the lock is let go."""
    signed = list(signer.signed)
    for _ in range(2):
        with pytest.raises(IntegrityError, match=match):
            KeptLog(url, signer=signer)
    assert signer.signed == signed


# --- the signer knows better -------------------------------------------------------------


def test_open_of_a_database_that_lost_the_whole_log_is_refused(database_url: str) -> None:
    signer = HonestSigner()
    signer.sign(1, leaf_hash(b"leaf"), [b"leaf"])
    check_refused(database_url, signer, "the database has lost")


def test_open_of_a_restored_sqlite_backup_is_refused(sqlite_url: str) -> None:
    signer = kept(sqlite_url)
    path = sqlite_path(parsed(sqlite_url))
    backup = path.with_suffix(".backup")
    shutil.copy(path, backup)
    with KeptLog.open(sqlite_url, signer=signer) as log:
        log.append()
    shutil.copy(backup, path)
    check_refused(sqlite_url, signer, "the database has lost")


def test_open_of_a_restored_postgres_backup_is_refused(
    postgres_url: str, postgres_databases: PostgresDatabases
) -> None:
    signer, server = kept(postgres_url), postgres_databases.server
    backup = server.create(template=str(parsed(postgres_url).database))
    with KeptLog.open(postgres_url, signer=signer) as log:
        log.append()
    check_refused(server.url(backup), signer, "the database has lost")
    server.drop(backup)


def test_open_with_the_signer_of_another_history_is_refused(database_url: str) -> None:
    signer, other = kept(database_url), HonestSigner()
    leaves = [pad.leaf for pad in pads(300)]
    leaves[7] = entry().leaf
    other.sign(0, signer.signed[0].root, [])
    other.sign(300, KnownTree(leaves).root, leaves)
    check_refused(database_url, other, "another history")


@pytest.mark.parametrize("known", [None, 0, 297])
def test_open_with_a_signer_that_forgot_what_it_signed_is_refused(
    database_url: str, known: int | None
) -> None:
    """Its state was lost or restored; even the very same heads are not signed again."""
    kept(database_url)
    put_back = HonestSigner()
    if known is not None:
        leaves = [pad.leaf for pad in pads(300)][:known]
        put_back.sign(known, KnownTree(leaves).root, leaves)
    check_refused(database_url, put_back, "has forgotten")


def test_open_with_a_signer_between_two_heads_is_refused(database_url: str) -> None:
    kept(database_url)
    forget_copies(database_url)
    leaves = [pad.leaf for pad in pads(300)][:10]
    other = HonestSigner()
    other.sign(10, KnownTree(leaves).root, leaves)
    check_refused(database_url, other, "another history")


def test_open_of_a_log_rewritten_consistently_is_refused(database_url: str) -> None:
    signer = kept(database_url, 20)
    forged = [entry() for _ in range(20)]
    for index, other in enumerate(forged):
        tamper(
            database_url,
            "UPDATE log_entry SET leaf = ?, leaf_hash = ? WHERE seq = ?",
            other.leaf,
            other.leaf_hash,
            index,
        )
    tree = KnownTree([other.leaf for other in forged])
    for name in ("log_head", "log_tip"):
        tamper(
            database_url,
            f"UPDATE {name} SET root = ?, frontier = ? WHERE size = 20",  # noqa: S608 - ours
            tree.root,
            tree.frontier,
        )
    check_refused(database_url, signer, "another history")


def test_open_with_a_lying_backlog_is_refused_by_the_signer(database_url: str) -> None:
    kept(database_url)
    forget_copies(database_url)
    behind = HonestSigner()
    behind.sign(0, KnownTree([]).root, [])
    tamper(database_url, "UPDATE log_entry SET leaf = ? WHERE seq = 3", entry().leaf)
    with pytest.raises(IntegrityError, match="do not lead"):
        KeptLog(database_url, signer=behind)


# --- the database contradicts itself -----------------------------------------------------

OTHER = bytes(32)
TAMPERINGS: dict[str, tuple[str, tuple[str | int | bytes, ...]]] = {
    "a leaf": ("UPDATE log_entry SET leaf = ? WHERE seq = 299", (b"{}",)),
    "a leaf hash": ("UPDATE log_entry SET leaf_hash = ? WHERE seq = 299", (OTHER,)),
    "a leaf and its hash": (
        "UPDATE log_entry SET leaf = ?, leaf_hash = ? WHERE seq = 299",
        (b"{}", leaf_hash(b"{}")),
    ),
    "the last entry gone": ("DELETE FROM log_entry WHERE seq = ?", (299,)),
    "an entry of the edge gone": ("DELETE FROM log_entry WHERE seq = ?", (270,)),
    "an entry more": (
        "INSERT INTO log_entry (log_id, seq, leaf, leaf_hash) VALUES (?, ?, ?, ?)",
        (LOG, 300, b"{}", leaf_hash(b"{}")),
    ),
    "the root of the tip": ("UPDATE log_tip SET root = ?", (OTHER,)),
    "the frontier of the tip": ("UPDATE log_tip SET frontier = ?", (OTHER,)),
    "the root of the head": ("UPDATE log_head SET root = ? WHERE size = 300", (OTHER,)),
    "the newest head gone": ("DELETE FROM log_head WHERE size = ?", (300,)),
    "a tip behind": ("UPDATE log_tip SET size = ?", (297,)),
    "a tile": ("UPDATE log_tile SET hashes = ?", (bytes(8192),)),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_open_of_a_log_whose_tables_disagree_is_refused(database_url: str, what: str) -> None:
    signer = kept(database_url)
    statement, values = TAMPERINGS[what]
    tamper(database_url, statement, *values)
    check_refused(database_url, signer, r"the (tip|stored)|a stored leaf|entries are missing")


def test_open_of_a_log_without_a_tile_whose_entries_changed_is_refused(database_url: str) -> None:
    signer = kept(database_url)
    other = entry()
    for column, value in (("leaf", other.leaf), ("leaf_hash", other.leaf_hash)):
        statement = f"UPDATE log_entry SET {column} = ? WHERE seq = 5"  # noqa: S608 - ours
        tamper(database_url, statement, value)
    tamper(database_url, "DELETE FROM log_tile WHERE n >= ?", 0)
    check_refused(database_url, signer, "do not lead to the stored root")


# --- what can be mended ------------------------------------------------------------------


def test_open_of_a_log_without_a_tile_makes_it_again(database_url: str) -> None:
    signer = kept(database_url)
    with KeptLog.open(database_url, signer=signer) as log:
        before = log.rows("SELECT level, n, hashes FROM log_tile")
    tamper(database_url, "DELETE FROM log_tile WHERE n = ?", 0)
    with KeptLog.open(database_url, signer=signer) as log:
        assert log.rows("SELECT level, n, hashes FROM log_tile") == before
        assert len(before) == 1
        assert log.append().indices == (300,)
        assert log.verify() == 301


@pytest.mark.parametrize("known", [None, 0, 297])
def test_open_with_a_signer_behind_signs_what_it_missed(
    database_url: str, known: int | None
) -> None:
    kept(database_url)
    forget_copies(database_url)
    behind = HonestSigner()
    if known is not None:
        leaves = [pad.leaf for pad in pads(300)][:known]
        behind.sign(known, KnownTree(leaves).root, leaves)
    with KeptLog.open(database_url, signer=behind) as log:
        assert log.reader.checkpoint(LOG).size == 300
        assert log.append().size == 301
        assert log.verify() == 301


def test_open_of_a_new_log_signs_the_empty_head(database_url: str) -> None:
    with KeptLog.open(database_url) as log:
        assert [head.size for head in log.signer.signed] == [0]
        assert log.reader.checkpoint(LOG).size == 0
        assert log.verify() == 0


def test_open_with_a_signer_that_is_silent_is_refused_and_lets_go(database_url: str) -> None:
    class Silent(HonestSigner):
        def last(self) -> None:
            raise ConnectionError

    with pytest.raises(StorageUnavailable):
        KeptLog(database_url, signer=Silent())
    with KeptLog.open(database_url) as log:
        assert log.append().indices == (0,)


def test_open_while_the_log_is_locked_is_refused(database_url: str) -> None:
    with KeptLog.open(database_url) as log:
        other = Database.open(database_url)
        with pytest.raises(StorageUnavailable, match="another writer"):
            other.writer({LOG: log.signer}, FixedClock())
        other.close()
        assert log.append().indices == (0,)
