"""A signer in a process of its own is asked, believed no further than its key, and may die."""

import os
import random
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.crypto.key_files import save_private_key
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import Frontier, leaf_hash, tree_root
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import GatewayError, IntegrityError, LogUnavailable
from gateway.domain.log import Appended
from gateway.ports.log import Checkpoint, Signer
from gateway.signer.child import SignerProcess
from gateway.signer.frames import MAX_LEAF_BYTES, MAX_LEAVES, Last, write_question
from gateway.signer.remote import RemoteSigner, connect_to
from gateway.signer.server import SignerServer, listening_on
from gateway.signing import OwnSigner
from gateway.storage.log_reader import MAX_LEAVES as MAX_LEAVES_READ
from gateway.storage.writer import WriterState
from tests.simulators.kept_log import LOG, WAIT_S, KeptLog
from tests.simulators.killed_signer import POINTS
from tests.simulators.signer import HonestSigner, opened_child, serving_apart
from tests.simulators.waiting import eventually

ORIGIN = "gw.example/audit/2027a"
LEAVES = [f"leaf {n}".encode() for n in range(20)]
LAST = write_question(Last())


class Kept:
    """A log's key and where its signer keeps things."""

    def __init__(self, home: Path) -> None:
        private = generate_log_key()
        self.note = NoteSigner(ORIGIN, private)
        self.log = TrustedLog(ORIGIN, (self.note.key,))
        self.key, self.state, self.socket = home / "log.pem", home / "signer.json", home / "s.sock"
        save_private_key(self.key, private)

    def own(self) -> OwnSigner:
        """Return the signer on key and state."""
        return OwnSigner(ORIGIN, self.key, self.state)

    def remote(self, **how: float) -> RemoteSigner:
        """Return a gateway's side of the socket."""
        return RemoteSigner(self.log, connect_to(self.socket), **how)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


@pytest.fixture
def served(kept: Kept) -> Iterator[RemoteSigner]:
    """A gateway's side of a signer that listens on a socket."""
    with serving_apart(kept.own(), kept.socket):
        remote = kept.remote()
        yield remote
        remote.close()


def _root(size: int, leaves: Sequence[bytes] = LEAVES) -> bytes:
    return tree_root(leaf_hash(leaf) for leaf in leaves[:size])


def _grow(signer: Signer, start: int, size: int) -> Checkpoint:
    return signer.sign(size, _root(size), LEAVES[start:size])


# --- what the server refuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"\0\0\0\0",
        b"\0\0\0\1\xff",
        b"\0\0\0\2\1\1",
        b"\xff\xff\xff\xff",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0\0\0\x2d\2" + bytes(40) + b"\xff" * 4,
    ],
    ids=["no length", "unknown", "more", "oversized", "http", "leaves that do not come"],
)
def test_frame_that_is_no_question_closes_its_connection_alone(
    kept: Kept, served: RemoteSigner, sent: bytes
) -> None:
    _grow(served, 0, 3)
    with connect_to(kept.socket)() as stranger:
        stranger.sendall(sent)
        assert b"" == _rest(stranger)

    assert 4 == _grow(served, 3, 4).size


def test_frame_that_does_not_end_is_given_up(kept: Kept) -> None:
    with (
        serving_apart(kept.own(), kept.socket, frame_s=0.2),
        connect_to(kept.socket)() as stranger,
    ):
        stranger.sendall(LAST[:1] * 2)
        assert b"" == _rest(stranger)


def test_peer_of_another_user_is_closed_and_not_answered(kept: Kept) -> None:
    with listening_on(kept.socket) as listener, _serving(listener, {os.getuid() + 1}):
        remote = kept.remote()
        with pytest.raises(LogUnavailable):
            remote.last()
        with pytest.raises(LogUnavailable):
            _grow(remote, 0, 1)

    assert not kept.state.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="takes on the ids of other users")
def test_user_named_as_peer_is_answered_and_any_other_is_turned_away() -> None:
    """As the guide for operators sets the directory up; the signer is no superuser."""
    signer, gateway, stranger = 54_321, 54_322, 54_323
    with tempfile.TemporaryDirectory(prefix="tasuki-peers-") as name:
        home = Path(name)
        home.chmod(0o755)
        kept = Kept(home)
        run, var = home / "run", home / "var"
        for directory, mode, group in ((run, 0o2750, gateway), (var, 0o700, signer)):
            directory.mkdir()
            os.chown(directory, signer, group)
            directory.chmod(mode)
        os.chown(kept.key.rename(var / "log.pem"), signer, signer)
        program = (
            "import os, sys; from pathlib import Path; from gateway.signing import *\n"
            f"os.setgroups([]); os.setgid({signer}); os.setuid({signer})\n"
            f"key, state = Path({str(var / 'log.pem')!r}), Path({str(var / 'state')!r})\n"
            f"own = OwnSigner({ORIGIN!r}, key, state)\n"
            f"serve_apart(own, Path({str(run / 's')!r}), peers=frozenset({{{gateway}}}),"
            " listening=lambda: print('listening', flush=True), refused=print)"
        )
        process = subprocess.Popen(  # noqa: S603 - this interpreter, a fixed program
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None
            assert "listening\n" == process.stdout.readline()
            asked = [
                _asked_as(uid, gid, run / "s")
                for uid, gid in (
                    (gateway, gateway),
                    (signer, signer),
                    (stranger, gateway),
                    (stranger, stranger),
                )
            ]
            process.terminate()

    assert ["answered", "answered", "closed", "may not connect"] == asked
    assert 0 == process.returncode


def test_more_connections_than_there_are_places_are_closed(
    kept: Kept, served: RemoteSigner
) -> None:
    """Whoever was there first is still answered."""
    _grow(served, 0, 3)
    others = [connect_to(kept.socket)() for _ in range(12)]
    try:
        closed = [other for other in others if _is_closed(other)]
        assert 5 == len(closed)
        assert 4 == _grow(served, 3, 4).size
    finally:
        for other in others:
            other.close()


def test_socket_is_its_owners_alone_unless_a_group_is_let_in(kept: Kept) -> None:
    for group, mode in ((False, 0o600), (True, 0o660)):
        with listening_on(kept.socket, group=group):
            assert mode == stat.S_IMODE(kept.socket.stat().st_mode)
        assert not kept.socket.exists()


def test_second_signer_on_one_socket_does_not_listen(kept: Kept, served: RemoteSigner) -> None:
    with pytest.raises(LogUnavailable), listening_on(kept.socket):
        pytest.fail("it listens")

    assert served.last() is None


def test_file_in_the_place_of_the_socket_is_left_there(kept: Kept) -> None:
    kept.socket.write_text("someone's")

    with pytest.raises(LogUnavailable), listening_on(kept.socket):
        pytest.fail("it listens")

    assert "someone's" == kept.socket.read_text()


def test_socket_left_by_a_signer_that_was_killed_is_replaced(kept: Kept) -> None:
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(kept.socket))

    with serving_apart(kept.own(), kept.socket):
        assert kept.remote().last() is None


# --- what the gateway's side refuses --------------------------------------------------------


class Liar:
    """Says what it is told to say."""

    def __init__(self, says: Checkpoint | None) -> None:
        self.says = says

    def last(self) -> Checkpoint | None:
        """Say it."""
        return self.says

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """Say it."""
        del size, root, new_leaves
        assert self.says is not None
        return self.says


def test_head_signed_by_another_key_is_refused(kept: Kept) -> None:
    """A signer that was given the key of somebody else, or is somebody else."""
    with serving_apart(HonestSigner(ORIGIN), kept.socket):
        with pytest.raises(IntegrityError):
            _grow(kept.remote(), 0, 3)
        with pytest.raises(IntegrityError):
            kept.remote().last()


def test_head_of_another_log_is_refused(kept: Kept, tmp_path: Path) -> None:
    other = OwnSigner("gw.example/other", kept.key, tmp_path / "other.json")
    with serving_apart(other, kept.socket), pytest.raises(IntegrityError):
        _grow(kept.remote(), 0, 3)


@pytest.mark.parametrize("size", [4, 2, 3])
def test_head_that_was_not_asked_for_is_refused(kept: Kept, size: int) -> None:
    root = _root(size, [b"forged", *LEAVES]) if size == 3 else _root(size)
    liar = Liar(sign_checkpoint(ORIGIN, size, root, kept.note))

    with serving_apart(liar, kept.socket), pytest.raises(IntegrityError):
        _grow(kept.remote(), 0, 3)


@pytest.mark.parametrize("then", ["older", "another of the same size", "nothing"])
def test_signer_that_goes_back_is_refused(kept: Kept, then: str) -> None:
    liar = Liar(sign_checkpoint(ORIGIN, 3, _root(3), kept.note))
    with serving_apart(liar, kept.socket):
        remote = kept.remote()
        assert liar.says == remote.last()
        forged = sign_checkpoint(ORIGIN, 3, _root(3, [b"forged", *LEAVES]), kept.note)
        older = sign_checkpoint(ORIGIN, 2, _root(2), kept.note)
        liar.says = {"older": older, "nothing": None}.get(then, forged)

        with pytest.raises(IntegrityError):
            remote.last()


def test_state_restored_from_a_backup_while_the_signer_was_away_is_refused(kept: Kept) -> None:
    """The new process cannot know; the gateway that asks it does."""
    with opened_child(kept.log, kept.key, kept.state) as (remote, child):
        _grow(remote, 0, 3)
        backup = kept.state.read_bytes()
        _grow(remote, 3, 5)
        _kill(child)
        kept.state.write_bytes(backup)

        with pytest.raises(IntegrityError):
            _patiently(lambda: _grow(remote, 5, 6))
        with pytest.raises(IntegrityError):
            remote.last()
    assert backup == kept.state.read_bytes()


def test_state_that_vanished_while_the_signer_was_away_is_refused(kept: Kept) -> None:
    with opened_child(kept.log, kept.key, kept.state) as (remote, child):
        _grow(remote, 0, 3)
        _kill(child)
        kept.state.unlink()

        with pytest.raises(IntegrityError):
            _patiently(lambda: _grow(remote, 3, 4))
    assert not kept.state.exists()


def test_signer_that_does_not_answer_is_unavailable_in_time(kept: Kept) -> None:
    with listening_on(kept.socket), pytest.raises(LogUnavailable):
        kept.remote(answer_s=0.1).last()


@pytest.mark.parametrize(
    "said", [b"", b"\0\0\0\1\x09", b"\0\0\0\2\1", b"\xff" * 64, b"\0\0\0\1\2"], ids=bytes.hex
)
def test_answer_that_is_none_is_silence(kept: Kept, said: bytes) -> None:
    """The last one is an answer, but not to this question."""
    with listening_on(kept.socket) as listener:
        answering = threading.Thread(target=_answer_once, args=(listener, said))
        answering.start()
        with pytest.raises(LogUnavailable):
            _grow(kept.remote(answer_s=5), 0, 1)
        answering.join()


def test_signer_that_is_not_there_is_unavailable(kept: Kept) -> None:
    with pytest.raises(LogUnavailable):
        kept.remote().last()


@pytest.mark.parametrize(
    "leaves",
    [[b""] * (MAX_LEAVES + 1), [bytes(MAX_LEAF_BYTES + 1)]],
    ids=["many", "long"],
)
def test_batch_larger_than_any_is_not_sent(served: RemoteSigner, leaves: list[bytes]) -> None:
    with pytest.raises(IntegrityError):
        served.sign(len(leaves), _root(len(leaves), leaves), leaves)

    assert served.last() is None


def test_signer_that_may_not_read_its_key_refuses_each_question(kept: Kept) -> None:
    kept.key.chmod(0o644)
    with opened_child(kept.log, kept.key, kept.state) as (remote, _):
        for _ in range(2):
            with pytest.raises(IntegrityError):
                _grow(remote, 0, 1)
    assert not kept.state.exists()


# --- two gateways ---------------------------------------------------------------------------


def test_two_gateways_on_one_signer_cannot_have_two_histories(
    kept: Kept, served: RemoteSigner
) -> None:
    other = kept.remote()
    forged = [*LEAVES[:3], b"forged"]
    _grow(served, 0, 3)
    assert 3 == (other.last() or pytest.fail("nothing signed")).size
    newest = _grow(served, 3, 4)

    with pytest.raises(IntegrityError):
        other.sign(4, _root(4, forged), forged[3:])
    assert newest == other.last() == served.last()


def test_questions_at_once_are_answered_one_after_the_other(kept: Kept) -> None:
    """Eight gateways want the same growth; each is answered with the one head of each size."""
    heads: list[str] = []
    with serving_apart(kept.own(), kept.socket):

        def grow() -> None:
            remote = kept.remote()
            for size in range(1, 20):
                try:
                    heads.append(_grow(remote, size - 1, size).note)
                except IntegrityError:
                    continue  # another one was ahead
            remote.close()

        threads = [threading.Thread(target=grow) for _ in range(7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    opened = [kept.log.open(note) for note in set(heads)]
    assert list(range(1, 20)) == sorted(head.size for head in opened)
    assert all(_root(head.size) == head.root for head in opened)


# --- death ----------------------------------------------------------------------------------


def test_signer_killed_at_leisure_is_started_again_and_asked_again(kept: Kept) -> None:
    with opened_child(kept.log, kept.key, kept.state) as (remote, child):
        _grow(remote, 0, 3)
        before = child.pid
        _kill(child)

        assert 4 == _patiently(lambda: _grow(remote, 3, 4)).size
        assert before != child.pid


def test_signer_that_ended_a_moment_after_its_start_is_not_started_at_once(kept: Kept) -> None:
    """A signer that cannot stay does not keep the processor busy."""
    with opened_child(kept.log, kept.key, kept.state, pause_s=3600) as (remote, child):
        _grow(remote, 0, 3)
        _kill(child)

        for _ in range(3):
            with pytest.raises(LogUnavailable):
                remote.last()
        assert 0 == child.pid


@pytest.mark.parametrize("point", POINTS)
def test_signer_killed_while_signing_loses_nothing_and_signs_nothing_twice(
    kept: Kept, sqlite_url: str, tmp_path: Path, point: str
) -> None:
    """Whether the caller is answered depends on how soon the next process may start."""
    fuse = tmp_path / "fuse"
    program = (sys.executable, "-m", "tests.simulators.killed_signer", point, str(fuse))
    with (
        opened_child(kept.log, kept.key, kept.state, *program) as (remote, child),
        KeptLog.open(sqlite_url, signer=Known(remote, kept.log)) as log,
    ):
        acknowledged = [log.append().size for _ in range(3)]
        killed = child.pid
        fuse.touch()

        with suppress(LogUnavailable):
            acknowledged.append(log.append().size)
        assert not fuse.exists()
        eventually(lambda: log.writer.healthy)
        acknowledged += [log.append().size for _ in range(2)]

        assert killed != child.pid
        assert acknowledged in ([1, 2, 3, 5, 6], [1, 2, 3, 4, 5, 6])
        assert 6 == log.verify() == _signed_size(kept)


@pytest.mark.parametrize(
    "kills", [pytest.param(3, id="few"), pytest.param(200, id="many", marks=pytest.mark.long)]
)
def test_signer_killed_at_any_instant_under_load_leaves_one_history(
    kept: Kept, sqlite_url: str, kills: int
) -> None:
    """Whatever was acknowledged is in the log, at its index, under a head of that history."""
    seeded, ended = random.Random(kills), threading.Event()
    answers: list[Future[Appended]] = []
    with (
        opened_child(kept.log, kept.key, kept.state, pause_s=0) as (remote, child),
        KeptLog.open(sqlite_url, signer=Known(remote, kept.log)) as log,
    ):

        def load() -> None:
            while not ended.wait(0.002):
                answers.append(log.submit())

        loading = threading.Thread(target=load)
        loading.start()
        killed = set()
        for _ in range(kills):
            pid = eventually(lambda: child.pid if child.pid not in killed else 0)
            time.sleep(seeded.uniform(0, 0.3))
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        ended.set()
        loading.join()
        wait(answers, timeout=WAIT_S)
        eventually(lambda: log.writer.healthy)

        acknowledged = [a.result() for a in answers if a.exception() is None]
        size = log.append().size
        pages = range(0, size, MAX_LEAVES_READ)
        leaves = [
            leaf
            for start in pages
            for leaf in log.reader.leaves(LOG, start, min(start + MAX_LEAVES_READ, size))
        ]
        assert size == log.verify() == _signed_size(kept)

    indices = [index for a in acknowledged for index in a.indices]
    heads = {kept.log.open(a.checkpoint) for a in acknowledged}
    frontier = Frontier()
    for head in sorted(heads, key=lambda h: h.size):
        frontier = frontier.extended(map(leaf_hash, leaves[frontier.size : head.size]))
        assert (head.size, head.root) == (frontier.size, frontier.root())
    assert kills == len(killed)
    assert len(indices) == len(set(indices)) > 0
    assert all(max(a.indices) < a.size for a in acknowledged)


def test_writer_without_its_signer_is_silent_and_signs_what_it_missed_afterwards(
    kept: Kept, sqlite_url: str
) -> None:
    with closing(kept.remote()) as remote, ExitStack() as stack:
        with serving_apart(kept.own(), kept.socket):
            signer = Known(remote, kept.log)
            log = stack.enter_context(KeptLog.open(sqlite_url, signer=signer))
            log.append()
            remote.close()

        with pytest.raises(LogUnavailable):
            log.append()
        assert WriterState.SILENT is log.writer.state
        assert 1 == _signed_size(kept)

        stack.enter_context(serving_apart(kept.own(), kept.socket))
        eventually(lambda: log.writer.healthy)
        assert 2 == _signed_size(kept)
        assert 3 == log.append().size
        assert 3 == log.verify()
        log.writer.close()


def test_writer_whose_signer_went_back_stops_for_good(kept: Kept, sqlite_url: str) -> None:
    with opened_child(kept.log, kept.key, kept.state) as (remote, child):
        log = KeptLog(sqlite_url, signer=Known(remote, kept.log))
        log.append()
        backup = kept.state.read_bytes()
        log.append()
        _kill(child)
        kept.state.write_bytes(backup)

        with pytest.raises(GatewayError):
            log.append()
        eventually(lambda: log.writer.state is WriterState.STOPPED)
        log.close()
    assert backup == kept.state.read_bytes()


def test_child_ends_with_its_parent_and_knows_no_setting(kept: Kept, tmp_path: Path) -> None:
    """The parent is killed, so that nothing can tell the child to end."""
    program = (
        "import os, signal, sys; from pathlib import Path;"
        "from gateway.signer.child import SignerProcess;"
        "from gateway.signer.frames import *;"
        f"child = SignerProcess({ORIGIN!r}, Path({str(kept.key)!r}), Path({str(kept.state)!r}));"
        "channel = child.connect(); send(channel, b'\\x01', within_s=30);"
        "receive(channel, limit=9, within_s=30);"
        "names = Path(f'/proc/{child.pid}/environ').read_bytes().split(b'\\0');"
        "print(child.pid, sum(n.startswith(b'TASUKI_') for n in names), flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, a fixed program
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "TASUKI_DATABASE_URL": "postgresql://secret"},
    )
    pid, settings = map(int, done.stdout.split())

    assert -signal.SIGKILL == done.returncode
    assert 0 == settings
    eventually(lambda: not _runs(pid))


def test_child_does_not_heed_what_ends_the_gateway(kept: Kept) -> None:
    """A terminal's interrupt and a service manager's signal reach both."""
    with opened_child(kept.log, kept.key, kept.state) as (remote, child):
        _grow(remote, 0, 1)
        pid = child.pid
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)

        assert 2 == _grow(remote, 1, 2).size
        assert pid == child.pid
    assert not _runs(pid)


def test_memory_of_the_signer_is_kept_from_other_processes() -> None:
    program = (
        "import ctypes; from gateway.signing import keep_memory_private;"
        "get = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0);"
        "before = get(); keep_memory_private(); print(before, get())"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, a fixed program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert ["1", "0"] == done.stdout.split()


class Known:
    """A signer, and what a member knows of its log."""

    def __init__(self, inner: Signer, trusted: TrustedLog) -> None:
        self.trusted = trusted
        self.last, self.sign = inner.last, inner.sign


def _kill(child: SignerProcess) -> None:
    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: not _runs(child.pid))


def _runs(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _patiently(ask: Callable[[], Checkpoint]) -> Checkpoint:
    """Ask until the signer is started again; refusals come through."""
    found: list[Checkpoint] = []

    def asked() -> bool:
        try:
            found.append(ask())
        except LogUnavailable:
            return False
        return True

    eventually(asked)
    return found[0]


def _signed_size(kept: Kept) -> int:
    head = kept.own().last()
    return 0 if head is None else head.size


def _asked_as(uid: int, gid: int, path: Path) -> str:
    """Return what becomes of a question that another user asks."""
    program = (
        "import os, sys; from pathlib import Path; from gateway.signer.frames import *\n"
        "from gateway.signer.remote import connect_to\n"
        f"os.setgroups([]); os.setgid({gid}); os.setuid({uid})\n"
        f"try: channel = connect_to(Path({str(path)!r}))()\n"
        "except PermissionError: sys.exit('may not connect')\n"
        "try: send(channel, b'\\1', within_s=9); said = receive(channel, limit=9, within_s=9)\n"
        "except OSError: said = None\n"
        "sys.exit('answered' if said == b'\\2' else 'closed')"
    )
    return subprocess.run(  # noqa: S603 - this interpreter, a fixed program
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    ).stderr.strip()


@contextmanager
def _serving(listener: socket.socket, peers: set[int]) -> Iterator[None]:
    server = SignerServer(HonestSigner(ORIGIN))
    thread = threading.Thread(target=server.serve, args=(listener,), kwargs={"peers": peers})
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _answer_once(listener: socket.socket, said: bytes) -> None:
    channel, _ = listener.accept()
    with channel:
        channel.recv(1024)
        channel.sendall(said)


def _rest(channel: socket.socket) -> bytes:
    """Return what still comes until the other side closes."""
    channel.settimeout(10)
    try:
        return b"".join(iter(lambda: channel.recv(1024), b""))
    except ConnectionResetError:
        return b""


def _is_closed(channel: socket.socket) -> bool:
    channel.settimeout(0.2)
    try:
        return channel.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
