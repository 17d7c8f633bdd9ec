"""What a witness remembers, under a stalled request, a full shelf and a hand in its file."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import StorageUnavailable
from gateway.witness import store as store_module
from gateway.witness.service import Witness, create_witness, database_path
from gateway.witness.store import WitnessStore
from tests.simulators.clock import NOON, FixedClock
from tests.simulators.witness import TwoFacedLog

LOG = TwoFacedLog()
WAIT_S = 20.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "w"


@pytest.fixture
def signer(directory: Path) -> NoteSigner:
    return create_witness(directory, "w.midori.example/2027")


@pytest.fixture
def store(directory: Path, signer: NoteSigner) -> Iterator[WitnessStore]:
    with WitnessStore.opened(database_path(directory), signer.cosigner) as store:
        store.add_log(LOG.signer.key)
        yield store


@pytest.fixture
def witness(store: WitnessStore, signer: NoteSigner) -> Witness:
    return Witness(store, signer, FixedClock())


class StalledSigner:
    """Signs as the witness does, and stops once between checking and committing."""

    def __init__(self, signer: NoteSigner) -> None:
        self._signer = signer
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def cosign(self, text: str, at_seconds: int) -> str:
        """Return the line, the first time only once it is let."""
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(WAIT_S)
        return self._signer.cosign(text, at_seconds)


@pytest.mark.parametrize("processes", [1, 2])
def test_request_stalled_between_check_and_commit_takes_nothing_back(
    directory: Path, store: WitnessStore, signer: NoteSigner, processes: int
) -> None:
    """C10: while one request stands between check and commit, the next one waits for it."""
    stalled = StalledSigner(signer)
    slow = Witness(store, stalled, FixedClock())  # type: ignore[arg-type] # it can do what is asked of it
    with WitnessStore.opened(database_path(directory), signer.cosigner) as second:
        fast = Witness(store if processes == 1 else second, signer, FixedClock())
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(slow.add_checkpoint, LOG.request(0, 5))
            assert stalled.reached.wait(WAIT_S)
            larger = pool.submit(fast.add_checkpoint, LOG.request(0, 9))
            with pytest.raises(TimeoutError):
                larger.result(0.3)
            stalled.go_on.set()
            assert first.result(WAIT_S).status == 200
            assert (larger.result(WAIT_S).status, larger.result().text) == (409, "5\n")
    assert store.cosigned()[LOG.signer.key.name][0] == 5


def test_refused_requests_beyond_the_shelf_are_counted(
    witness: Witness, store: WitnessStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MAX_EVIDENCE", 3)
    witness.add_checkpoint(LOG.request(0, 5))
    for size in range(6, 12):
        assert witness.add_checkpoint(LOG.request(5, size, "b")).status == 422
    # Another kind has a shelf of its own: who fills one hides nothing of the other.
    assert witness.add_checkpoint(LOG.request(5, 5, "b")).status == 422
    kinds = [str(one.kind) for one in store.evidence()]
    assert sorted(kinds) == ["fork", "not-proven", "not-proven", "not-proven"]
    assert store.dropped() == {(LOG.signer.key.name, "not-proven"): 3}


def test_write_that_fails_is_answered_with_nothing(
    directory: Path, witness: Witness, store: WitnessStore
) -> None:
    other = sqlite.connect(str(database_path(directory)), isolation_level=None)
    other.execute(
        "CREATE TRIGGER full BEFORE INSERT ON cosigned BEGIN SELECT RAISE(ABORT, 'x'); END"
    )
    with pytest.raises(StorageUnavailable):
        witness.add_checkpoint(LOG.request(0, 5))
    assert store.cosigned() == {}
    other.execute("DROP TRIGGER full")
    other.close()
    assert witness.add_checkpoint(LOG.request(0, 5)).status == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cosigned SET size = 4",
        "UPDATE cosigned SET root = zeroblob(32)",
        "UPDATE cosigned SET origin = 'other'",
        "DELETE FROM cosigned",
        "DELETE FROM evidence",
        "UPDATE evidence SET size = 1",
        "DELETE FROM log",
        "UPDATE witness SET vkey = 'x'",
        "INSERT OR REPLACE INTO witness VALUES (1, 'x')",
    ],
)
def test_statement_that_takes_something_back_is_refused(
    directory: Path, witness: Witness, store: WitnessStore, statement: str
) -> None:
    witness.add_checkpoint(LOG.request(0, 5))
    witness.add_checkpoint(LOG.request(5, 5, "b"))
    other = sqlite.connect(str(database_path(directory)), isolation_level=None)
    with pytest.raises(sqlite.IntegrityError, match="append only"):
        other.execute(statement)
    other.close()
    assert store.cosigned()[LOG.signer.key.name][0] == 5


def test_cosignature_says_the_time_of_the_clock(witness: Witness, signer: NoteSigner) -> None:
    answer = witness.add_checkpoint(LOG.request(0, 5))
    text = LOG.head(5).partition("\n\n")[0] + "\n"
    assert answer.text == signer.cosign(text, NOON // 1000)


def test_log_with_a_further_key_is_verified_by_either(
    witness: Witness, store: WitnessStore
) -> None:
    successor = TwoFacedLog(LOG.signer.key.name)
    assert witness.add_checkpoint(successor.request(0, 5)).status == 403
    store.add_log(successor.signer.key)
    assert witness.add_checkpoint(successor.request(0, 5)).status == 200
    assert witness.add_checkpoint(LOG.request(5, 6)).status == 200
