"""The feeder shows real witnesses the log's heads; what they say decides what may be disclosed."""

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.audit.add_checkpoint import AddCheckpoint
from gateway.audit.witness_policy import PolicyRefused, WitnessMember, WitnessPolicy
from gateway.crypto.keys import generate_log_key
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import LogUnwitnessed
from gateway.ports.witnesses import KeptCosignature
from gateway.system import SystemClock
from gateway.witnessing.feeder import Feeder, check_policy
from gateway.witnessing.submission import Failed, OtherHistory, Submitter
from tests.simulators.clock import FixedClock
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.kept_log import LOG, KeptLog, entry
from tests.simulators.signer import HonestSigner
from tests.simulators.witness import WitnessProcess

WAIT_S = 20.0
NAMES = itertools.count()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[WitnessProcess]]:
    """Three members' witnesses, each in a process of its own."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                WitnessProcess.running(
                    tmp_path_factory.mktemp("witness") / "w", name=f"w.m{i}.example/2027"
                )
            )
            for i in range(3)
        ]


@pytest.fixture
def log(sqlite_url: str, three: list[WitnessProcess]) -> Iterator[KeptLog]:
    signer = HonestSigner(f"gw.example/audit/{next(NAMES)}")
    (key,) = signer.trusted.keys
    for witness in three:
        witness.watch(key.to_text())
    with KeptLog.open(sqlite_url, signer=signer) as log:
        yield log


def policy_of(witnesses: list[WitnessProcess], threshold: object = 2, **urls: str) -> WitnessPolicy:
    lines = [
        f"witness m{i} {w.key.to_text()} {urls.get(f'm{i}', w.url)}"
        for i, w in enumerate(witnesses)
    ]
    names = " ".join(f"m{i}" for i in range(len(witnesses)))
    lines += [f"group members {threshold} {names}", "quorum members", ""]
    return WitnessPolicy.parse("\n".join(lines).encode())


def feeder_of(log: KeptLog, policy: WitnessPolicy, **changes: Any) -> Feeder:
    kept = log.database.cosignatures(LOG)
    how = {"clock": SystemClock(), "max_age_s": 900, "interval_s": 0.05, **changes}
    return Feeder(policy, log.reader, LOG, kept, **how)


@contextmanager
def feeding(log: KeptLog, policy: WitnessPolicy, **changes: Any) -> Iterator[Feeder]:
    feeder = feeder_of(log, policy, **changes)
    feeder.start()
    try:
        yield feeder
    finally:
        feeder.close()


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def covers(feeder: Feeder, log: KeptLog, size: int) -> bool:
    try:
        return log.signer.trusted.open(feeder.checkpoint()).size >= size
    except LogUnwitnessed:
        return False


def silent_url() -> str:
    """Where nobody listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return f"http://127.0.0.1:{server.server_port}"


# --- the quorum ----------------------------------------------------------------------------


def test_no_head_is_shown_before_the_quorum_has_cosigned_one(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    log.append()
    policy = policy_of(three, "all", m2=silent_url())
    with feeding(log, policy) as feeder:
        until(lambda: len(log.rows("SELECT * FROM log_cosignature")) == 2)
        with pytest.raises(LogUnwitnessed):
            feeder.checkpoint()


def test_head_is_shown_with_its_cosignatures_once_the_quorum_is_met(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    """One witness is dead, two of three are enough."""
    policy = policy_of(three, 2, m2=silent_url())
    with feeding(log, policy) as feeder:
        for size in (1, 2, 3):
            log.append()
            until(lambda size=size: covers(feeder, log, size))  # type: ignore[misc] # the size of this turn
        verdict = policy.check(feeder.checkpoint())
        feeder.check_covers(2)
        with pytest.raises(LogUnwitnessed):
            feeder.check_covers(3)
    assert (verdict.satisfied, verdict.missing) == (True, ("m2",))
    assert "m2" not in verdict.cosigned


def test_all_witnesses_cosign_the_same_head_while_the_log_grows(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    stop = threading.Event()

    def grow() -> None:
        while not stop.is_set():
            log.append()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        with feeding(log, policy_of(three, "all")) as feeder:
            until(lambda: covers(feeder, log, 40))
    finally:
        stop.set()
        thread.join()


def test_cosigned_head_is_found_again_after_a_restart_without_asking_anybody(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    log.append()
    with feeding(log, policy_of(three, "all")) as feeder:
        until(lambda: covers(feeder, log, 1))
        shown = feeder.checkpoint()
    again = feeder_of(log, policy_of(three, "all"))
    assert again.checkpoint() == shown
    again.close()


def test_policy_that_became_stricter_shows_no_head_that_it_does_not_allow(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    log.append()
    with feeding(log, policy_of(three[:1], "all")) as feeder:
        until(lambda: covers(feeder, log, 1))
    stricter = feeder_of(log, policy_of(three, "all"))
    with pytest.raises(LogUnwitnessed):
        stricter.checkpoint()
    stricter.close()


def test_head_that_a_witness_cosigned_unheard_is_cosigned_again(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    """The answer was lost: the witness is where we are, and says so."""
    log.append()
    head = log.reader.checkpoint(LOG)
    request = AddCheckpoint.of(0, (), head.note)
    for witness in three:
        assert witness.add(request.to_bytes()).status == 200
    with feeding(log, policy_of(three, "all")) as feeder:
        until(lambda: covers(feeder, log, 1))


def test_policy_that_demands_nobody_says_so(log: KeptLog) -> None:
    log.append()
    with feeding(log, WitnessPolicy.parse(b"quorum none\n")) as feeder:
        until(lambda: covers(feeder, log, 1))
        feeder.check()
        assert "nobody outside" in feeder.describe()
        # What has to wait for a quorum would not be covered by nobody.
        assert not feeder.demands_quorum
        with pytest.raises(LogUnwitnessed):
            feeder.check_covers(0)


# --- too long unwatched --------------------------------------------------------------------


def test_entry_that_stays_uncosigned_stops_disclosures_until_it_is_cosigned(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    log.clock.set(SystemClock().now())
    witness = three[0]
    log.append()
    with feeding(log, policy_of(three[:1], "all"), max_age_s=1) as feeder:
        until(lambda: covers(feeder, log, 1))
        witness.kill()
        try:
            until(lambda: feeder.healthy)
            log.clock.set(SystemClock().now())
            log.append()
            until(lambda: not feeder.healthy)
            with pytest.raises(LogUnwitnessed):
                feeder.check()
            assert "Too few" in feeder.describe()
        finally:
            witness.start()
        until(lambda: feeder.healthy)
        feeder.check()


def test_idle_log_stays_watched(log: KeptLog, three: list[WitnessProcess]) -> None:
    """As long as somebody looks; nothing new has to be cosigned for it."""
    log.append()
    clock = FixedClock(SystemClock().now())
    with feeding(log, policy_of(three, "all"), clock=clock) as feeder:
        until(lambda: covers(feeder, log, 1))
        clock.advance(901_000)
        until(lambda: feeder.healthy)
        feeder.check()


def test_feeder_that_stands_still_stops_disclosures(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    """Nothing is uncovered as far as is known, but nobody has looked for too long."""
    clock = FixedClock()
    log.append()
    kept = log.database.cosignatures(LOG)
    feeder = Feeder(policy_of(three), log.reader, LOG, kept, clock, max_age_s=900, interval_s=0.05)
    feeder.check()
    clock.advance(901_000)
    with pytest.raises(LogUnwitnessed):
        feeder.check()
    feeder.close()


# --- another history -----------------------------------------------------------------------


@contextmanager
def second_history(log: KeptLog, databases: SQLiteDatabases) -> Iterator[KeptLog]:
    """Yield a log that signs with the same key, as an administrator could make it."""
    (key,) = log.signer.trusted.keys
    signer = HonestSigner(key.name)
    signer._key = log.signer._key  # noqa: SLF001 - the stolen key
    signer.trusted = log.signer.trusted
    with databases.fresh() as url, KeptLog.open(url, signer=signer) as second:
        yield second


@pytest.mark.parametrize("entries", [2, 3], ids=["same size", "larger"])
def test_second_history_is_an_alarm_and_leaves_evidence(
    log: KeptLog, three: list[WitnessProcess], sqlite_databases: SQLiteDatabases, entries: int
) -> None:
    """C11: two gateways hold one key and show different entries."""
    log.append(entries=[entry(), entry()])
    policy = policy_of(three, "all")
    with feeding(log, policy) as feeder:
        until(lambda: covers(feeder, log, 2))
    with second_history(log, sqlite_databases) as second, capture_logs() as lines:
        second.append(entries=[entry() for _ in range(entries)])
        with feeding(second, policy) as feeder:
            until(lambda: sum(line["log_level"] == "critical" for line in lines) == 3)
            time.sleep(0.5)
            assert not feeder.healthy
            assert "another history" in feeder.describe()
            with pytest.raises(LogUnwitnessed):
                feeder.check()
            with pytest.raises(LogUnwitnessed):
                feeder.checkpoint()
    # Once for each witness: an alarm is not tried again.
    alarms = [line for line in lines if line["event"] == "witness.other_history"]
    assert sorted(line["witness"] for line in alarms) == ["m0", "m1", "m2"]
    (key,) = log.signer.trusted.keys
    for witness in three:
        kinds = {str(one.kind) for one in witness.evidence(key.name)}
        assert ("fork" if entries == 2 else "not-proven") in kinds


def test_witness_that_knows_a_larger_log_is_an_alarm(
    log: KeptLog, three: list[WitnessProcess], sqlite_databases: SQLiteDatabases
) -> None:
    """The database was restored from a backup: the log is dead."""
    log.append(entries=[entry() for _ in range(5)])
    policy = policy_of(three, "all")
    with feeding(log, policy) as feeder:
        until(lambda: covers(feeder, log, 5))
    with second_history(log, sqlite_databases) as second, capture_logs() as lines:
        second.append()
        with feeding(second, policy) as feeder:
            until(lambda: not feeder.healthy)
    assert "larger" in {line["reason"] for line in lines if line["log_level"] == "critical"}


def test_witness_that_forgot_what_it_cosigned_is_given_up(
    log: KeptLog, three: list[WitnessProcess], tmp_path: Path
) -> None:
    """It was started from an older copy of its database: its key is to be retired."""
    witness = three[1]
    policy = policy_of(three, 2)
    witness.kill()
    older = shutil.copytree(witness.directory, tmp_path / "older")
    witness.start()
    log.append()
    with feeding(log, policy_of(three, "all")) as feeder:
        until(lambda: covers(feeder, log, 1))
    witness.kill()
    for file in witness.directory.glob("witness.db*"):
        file.unlink()
    shutil.copytree(older, witness.directory, dirs_exist_ok=True)
    witness.start()
    log.append()
    with capture_logs() as lines, feeding(log, policy) as feeder:
        until(lambda: covers(feeder, log, 2))
        until(lambda: any(line["event"] == "witness.rolled_back" for line in lines))
        feeder.check()
        assert "m1" not in policy.check(feeder.checkpoint()).cosigned


# --- witnesses that misbehave ---------------------------------------------------------------

MEMBER = NoteSigner("w.bad.example/2027", generate_log_key())
STRANGER = NoteSigner("w.bad.example/2027", generate_log_key())
NOW_S = SystemClock().now() // 1000


def told(
    status: int, text: str, **headers: str
) -> Callable[[str], tuple[int, dict[str, str], bytes]]:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: (status, shown, text.encode())


def cosigned(by: NoteSigner, at: int, change: str = "") -> Callable[[str], Any]:
    return lambda text: (200, {}, by.cosign(text + change, at).encode())


SIZE = {"Content_Type": "text/x.tlog.size"}
MISBEHAVING = {
    "garbage": (told(200, "garbage\n"), Failed("cosignature_invalid")),
    "nothing": (told(200, ""), Failed("cosignature_invalid")),
    "not UTF-8": (lambda _: (200, {}, b"\xff\n"), Failed("cosignature_invalid")),
    "another key": (cosigned(STRANGER, NOW_S), Failed("cosignature_invalid")),
    "another head": (cosigned(MEMBER, NOW_S, "x\n"), Failed("cosignature_invalid")),
    "the future": (cosigned(MEMBER, NOW_S + 86_400), Failed("cosignature_from_the_future")),
    "too much": (told(200, "x" * 1_000_000), Failed("answer_too_large")),
    "an error": (told(500, "x"), Failed("status_500")),
    "elsewhere": (told(302, "", Location="http://127.0.0.1/"), Failed("status_302")),
    "unknown log": (told(404, "x"), Failed("status_404")),
    "no size": (told(409, "many\n", **SIZE), Failed("size_unreadable")),
    "a size below zero": (told(409, "-1\n", **SIZE), Failed("size_unreadable")),
    "a size that is no size": (told(409, "9" * 40, **SIZE), Failed("size_unreadable")),
    "always the same size": (told(409, "1\n", **SIZE), Failed("size_keeps_changing")),
    "a larger log": (told(409, "99\n", **SIZE), OtherHistory("larger")),
    "conflict without a size": (told(409, "x"), OtherHistory("not_consistent")),
    "not proven": (told(422, "x"), OtherHistory("not_consistent")),
}


@contextmanager
def misbehaving(answer: Callable[[str], tuple[int, dict[str, str], bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            text = body.partition("\n\n")[2].partition("\n\n")[0] + "\n"
            status, headers, content = answer(text)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", MISBEHAVING)
def test_answer_of_a_misbehaving_witness_counts_for_nothing(sqlite_url: str, name: str) -> None:
    answer, expected = MISBEHAVING[name]
    with KeptLog.open(sqlite_url) as log, misbehaving(answer) as url:
        log.append()
        member = WitnessMember("m", MEMBER.cosigner, url)
        submitter = Submitter(
            member, lambda old, new: log.reader.consistency(LOG, old, new), lambda: 1, SystemClock()
        )
        assert submitter.submit(log.reader.checkpoint(LOG), 0) == expected
        submitter.close()


def test_log_that_grew_meanwhile_is_no_alarm(sqlite_url: str) -> None:
    """Somebody else has shown the witness a newer head of ours."""
    with KeptLog.open(sqlite_url) as log, misbehaving(told(409, "2\n", **SIZE)) as url:
        log.append()
        head = log.reader.checkpoint(LOG)
        log.append()
        submitter = Submitter(
            WitnessMember("m", MEMBER.cosigner, url), lambda *_: (), lambda: 2, SystemClock()
        )
        assert submitter.submit(head, 0) == Failed("ahead")
        submitter.close()


def test_witness_that_does_not_answer_does_not_hold_the_writer(sqlite_url: str) -> None:
    held, answer_now = threading.Event(), threading.Event()

    def late(_: str) -> tuple[int, dict[str, str], bytes]:
        held.set()
        answer_now.wait(WAIT_S)
        return 500, {}, b""

    with KeptLog.open(sqlite_url) as log, misbehaving(late) as url:
        log.append()
        text = f"witness m {MEMBER.cosigner.to_text()} {url}\nquorum m\n"
        try:
            with feeding(log, WitnessPolicy.parse(text.encode())):
                assert held.wait(WAIT_S)
                assert [log.append().indices for _ in range(5)] == [(i,) for i in range(1, 6)]
                answer_now.set()
        finally:
            answer_now.set()


# --- what is asked for -----------------------------------------------------------------------


def test_policy_about_other_logs_is_refused(log: KeptLog, three: list[WitnessProcess]) -> None:
    other = HonestSigner("gw.other.example/a").trusted.keys[0].to_text()
    with pytest.raises(PolicyRefused, match="this log's key"):
        check_policy(
            WitnessPolicy.parse(f"log {other}\nquorum none\n".encode()), log.signer.trusted
        )


def test_policy_with_a_witness_nobody_can_ask_is_refused(
    log: KeptLog, three: list[WitnessProcess]
) -> None:
    text = f"witness m {three[0].key.to_text()}\nquorum m\n"
    with pytest.raises(PolicyRefused, match="no address"):
        check_policy(WitnessPolicy.parse(text.encode()), log.signer.trusted)


# --- what is kept ----------------------------------------------------------------------------


def test_cosignatures_are_kept_once_and_found_by_head(database_url: str) -> None:
    with KeptLog.open(database_url) as log:
        kept = log.database.cosignatures(LOG)
        assert (dict(kept.newest_sizes()), list(kept.heads_before(9))) == ({}, [])
        for size, witness in ((1, "a"), (2, "b"), (2, "a"), (1, "a")):
            kept.keep(KeptCosignature(size, witness, 7, f"note {size}", f"line {witness}"))
        assert dict(kept.newest_sizes()) == {"a": 2, "b": 2}
        heads = [[(one.size, one.witness) for one in said] for said in kept.heads_before(9)]
        assert heads == [[(2, "a"), (2, "b")], [(1, "a")]]
        assert [said[0].size for said in kept.heads_before(2)] == [1]


def test_oldest_entry_beyond_a_head_is_found_by_when_it_was_committed(database_url: str) -> None:
    with KeptLog.open(database_url) as log:
        kept = log.database.cosignatures(LOG)
        assert kept.oldest_beyond(0) is None
        first = log.clock.now()
        log.append(entries=[entry(), entry()])
        log.clock.advance(5_000)
        log.append()
        assert [kept.oldest_beyond(n) for n in (0, 1, 2, 3)] == [first, first, first + 5_000, None]
