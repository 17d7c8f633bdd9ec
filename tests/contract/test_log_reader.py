"""The contract of the log reader: proofs that a stranger verifies, at every size."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.audit.entry import open_body
from gateway.audit.proof_file import ProofFile
from gateway.audit.verify import verify_entry_proof, verify_growth
from gateway.crypto.merkle import InvalidProof, leaf_hash
from gateway.crypto.tiles import Tile, TileHashes
from gateway.domain.errors import IntegrityError, LogUnavailable, NotFound, StorageUnavailable
from gateway.domain.ids import EntryId, LogId
from gateway.domain.log import EntryType, EraseBody
from gateway.ports.log import LogReader
from gateway.storage.database import Database
from gateway.storage.log_reader import SQLLogReader
from tests.simulators.kept_log import KEK, LOG, KeptLog, entry, pads, raw, write_proof
from tests.simulators.signer import HeldSigner
from tests.simulators.tampering import tamper
from tests.simulators.waiting import eventually

SIZE = 700  # two full tiles, and a partial one of 188
HEADS = (1, 2, 3, 255, 256, 257, 511, 512, 513, SIZE)


def filled(log: KeptLog) -> KeptLog:
    """Append so that the log had a signed head at each of ``HEADS``."""
    start = 0
    for end in HEADS:
        log.append(entries=pads(SIZE)[start:end])
        start = end
    return log


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def log(request: pytest.FixtureRequest) -> Iterator[KeptLog]:
    """A log that no test of this module changes."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.fresh() as url, KeptLog.open(url) as log:
        filled(log)
        eventually(lambda: (SIZE,) in log.rows("SELECT size FROM log_checkpoint"))
        yield log
        assert log.verify() == SIZE


@pytest.fixture
def own_log(database_url: str) -> Iterator[KeptLog]:
    """A log for one test alone."""
    with KeptLog.open(database_url) as log:
        yield log


@pytest.fixture(params=["writer's process", "another process"])
def reader(request: pytest.FixtureRequest, log: KeptLog) -> Iterator[SQLLogReader]:
    """The reader that shares the writer's memory, and one that has only the tables."""
    if request.param == "writer's process":
        yield log.reader
        return
    database = Database.open(log.url)
    yield database.log_reader(read_checkpoint=log.signer.trusted.open, write_proof=write_proof)
    database.close()


# --- what is refused ---------------------------------------------------------------------


def test_checkpoint_of_a_log_that_is_not_there_is_not_found(reader: LogReader) -> None:
    with pytest.raises(NotFound):
        reader.checkpoint(LogId("midori-2027a"))


def test_proof_of_an_entry_that_is_not_there_is_not_found(reader: LogReader) -> None:
    for log_id, entry_id in ((LOG, entry().entry_id), (LogId("other"), pads(SIZE)[0].entry_id)):
        with pytest.raises(NotFound):
            reader.proof(log_id, entry_id)
        assert reader.find(log_id, entry_id) is None


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (5, 4), (0, SIZE + 1), (SIZE + 1, SIZE + 1)])
def test_consistency_of_sizes_out_of_order_is_not_found(
    reader: LogReader, old: int, new: int
) -> None:
    with pytest.raises(NotFound):
        reader.consistency(LOG, old, new)


@pytest.mark.parametrize(
    "tile",
    [
        (0, 2, 189),
        (0, 2, 256),
        (0, 3, 1),
        (0, 0, 0),
        (0, 0, 257),
        (0, -1, 256),
        (-1, 0, 1),
        (1, 0, 3),
        (2, 0, 1),
        (8, 0, 1),
        (64, 0, 1),
        (0, 2**60, 1),
    ],
)
def test_tile_beyond_the_head_is_not_found(
    reader: SQLLogReader, tile: tuple[int, int, int]
) -> None:
    with pytest.raises(NotFound):
        reader.tile(LOG, *tile)


def test_proof_of_an_entry_whose_head_is_not_signed_is_unavailable(database_url: str) -> None:
    signer, unsigned = HeldSigner(), entry()
    with KeptLog.open(database_url, signer=signer) as log:
        log.append()
        with signer.held():
            future = log.submit(entries=[unsigned])
            assert signer.asked.wait(30)
            with pytest.raises(LogUnavailable):
                log.reader.proof(LOG, unsigned.entry_id)
            assert log.reader.checkpoint(LOG).size == 1
        future.result(30)
        assert log.reader.proof(LOG, unsigned.entry_id)


def test_proof_asked_while_the_head_is_being_signed_waits_for_it(database_url: str) -> None:
    signer, unsigned = HeldSigner(), entry()
    with KeptLog.open(database_url, signer=signer) as log, ThreadPoolExecutor(1) as asker:
        with signer.held():
            log.submit(entries=[unsigned])
            assert signer.asked.wait(30)
            proof = asker.submit(log.reader.proof, LOG, unsigned.entry_id)
        assert "\nindex 0\n" in proof.result(30)


def stranger(log: KeptLog) -> Database:
    """Open the database of a log as another process, once its newest head is stored."""
    head = log.reader.checkpoint(LOG)
    eventually(lambda: (head.size,) in log.rows("SELECT size FROM log_checkpoint"))
    return Database.open(log.url)


def reader_of(database: Database, log: KeptLog) -> SQLLogReader:
    return database.log_reader(read_checkpoint=log.signer.trusted.open, write_proof=write_proof)


def test_proof_over_a_missing_entry_is_an_alarm(own_log: KeptLog) -> None:
    own_log.append(entries=pads(SIZE)[:20])
    database = stranger(own_log)
    tamper(own_log.url, "DELETE FROM log_entry WHERE seq = ?", 6)
    with pytest.raises(IntegrityError, match="missing"):
        reader_of(database, own_log).proof(LOG, pads(SIZE)[7].entry_id)
    database.close()


def test_proof_over_a_changed_leaf_hash_does_not_verify(own_log: KeptLog) -> None:
    own_log.append(entries=pads(SIZE)[:20])
    database = stranger(own_log)
    tamper(own_log.url, "UPDATE log_entry SET leaf_hash = ? WHERE seq = 6", bytes(32))
    text = reader_of(database, own_log).proof(LOG, pads(SIZE)[7].entry_id)
    database.close()
    with pytest.raises(InvalidProof):
        verify_entry_proof(pads(SIZE)[7].leaf, ProofFile.parse(text), own_log.signer.trusted)


def test_reader_of_a_database_that_is_silent_is_told_so(own_log: KeptLog) -> None:
    raw(own_log.url, "ALTER TABLE log_body RENAME TO log_body_away")
    with pytest.raises(StorageUnavailable):
        own_log.reader.find(LOG, EntryId("x"))


# --- what is proven ----------------------------------------------------------------------


def test_proof_of_every_kind_of_index_verifies(reader: LogReader, log: KeptLog) -> None:
    for index in (0, 1, 127, 255, 256, 300, 511, 512, 575, 576, 698, SIZE - 1):
        prepared = pads(SIZE)[index]
        proof = ProofFile.parse(reader.proof(LOG, prepared.entry_id))
        assert proof.index == index
        verify_entry_proof(prepared.leaf, proof, log.signer.trusted)
        with pytest.raises(InvalidProof):
            verify_entry_proof(pads(SIZE)[index - 1].leaf, proof, log.signer.trusted)


def test_consistency_between_all_heads_verifies(reader: LogReader, log: KeptLog) -> None:
    heads = log.signer.signed
    assert [head.size for head in heads] == [0, *HEADS]
    for position, old in enumerate(heads):
        for new in heads[position:]:
            hashes = reader.consistency(LOG, old.size, new.size)
            verify_growth(old, new.note, hashes, log.signer.trusted)


def test_tiles_are_those_a_stranger_derives(reader: SQLLogReader) -> None:
    hashes = b"".join(leaf_hash(pad.leaf) for pad in pads(SIZE))
    assert reader.tile(LOG, 0, 0) == hashes[: 256 * 32]
    assert reader.tile(LOG, 0, 1) == hashes[256 * 32 : 512 * 32]
    for width in (1, 100, 188):
        assert reader.tile(LOG, 0, 2, width) == hashes[512 * 32 : (512 + width) * 32]

    def read(tile: Tile) -> bytes:
        assert tile.level is not None
        return reader.tile(LOG, tile.level, tile.index, tile.width)

    source = TileHashes(SIZE, read)
    upper = b"".join(source.hash_at(8, index) for index in range(2))
    assert reader.tile(LOG, 1, 0, 2) == upper


def test_leaves_come_in_order_and_never_too_many(reader: LogReader) -> None:
    leaves = [pad.leaf for pad in pads(SIZE)]
    assert reader.leaves(LOG, 0, SIZE) == leaves
    assert reader.leaves(LOG, 250, 260) == leaves[250:260]
    assert reader.leaves(LOG, SIZE, SIZE + 10) == []
    assert reader.leaves(LOG, 5, 5) == []


def test_leaves_are_given_4096_at_a_time(database_url: str) -> None:
    with KeptLog.open(database_url) as log:
        log.append(entries=pads(4_100))
        assert len(log.reader.leaves(LOG, 0, 4_100)) == 4_096
        assert len(log.reader.leaves(LOG, 4_000, 9_000)) == 100
        assert log.verify() == 4_100


def test_stored_entries_come_in_order_with_their_bodies_and_never_too_many(
    database_url: str,
) -> None:
    with KeptLog.open(database_url) as log:
        erased = entry()
        log.append(entries=[*pads(300), erased])
        log.append(EraseBody(erased.entry_id), entries=[entry(EntryType.ERASE)])

        stored = log.reader.stored(LOG, 0, 302)
        last = log.reader.stored(LOG, 299, 400)

        assert list(range(256)) == [s.index for s in stored]
        assert [(p.entry_id, p.leaf, p.body) for p in pads(300)[:256]] == [
            (s.entry_id, s.leaf, s.body) for s in stored
        ]
        assert [True, False, True] == [s.body is not None for s in last]
        assert (erased.entry_id, erased.leaf) == (last[1].entry_id, last[1].leaf)
        assert [] == list(log.reader.stored(LOG, 302, 310))


def test_find_returns_the_body_as_it_was_appended(own_log: KeptLog) -> None:
    prepared = entry(EntryType.REGISTER, ["p-sato"])
    own_log.append(entries=[entry(), prepared])
    database = stranger(own_log)
    for reader in (own_log.reader, reader_of(database, own_log)):
        found = reader.find(LOG, prepared.entry_id)
        assert found is not None
        assert (found.index, found.leaf, found.body) == (1, prepared.leaf, prepared.body)
        assert found.body is not None
        opened = open_body(found.body, leaf=found.leaf, log_id=LOG, kek=KEK[1])
        assert opened.fields == {}
    database.close()


def test_checkpoint_of_another_process_is_the_newest_signed(own_log: KeptLog) -> None:
    own_log.append()
    own_log.append()
    database = stranger(own_log)
    assert reader_of(database, own_log).checkpoint(LOG) == own_log.signer.signed[-1]
    database.close()
