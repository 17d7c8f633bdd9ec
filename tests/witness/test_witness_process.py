"""A witness as a process: what it answers over HTTP, what it remembers, what it never does."""

import base64
import http.client
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.checkpoint import InvalidCheckpoint
from gateway.crypto.key_files import KeyFileUnusable
from gateway.crypto.signed_note import COSIGNATURE, InvalidNote, Note, NoteKey
from gateway.domain.errors import Conflict
from gateway.system import SystemClock
from gateway.witness.service import Witness, create_witness, database_path, load_cosigner
from gateway.witness.store import WitnessStore
from tests.simulators.served import Http
from tests.simulators.witness import TwoFacedLog, WitnessProcess, read_port

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "witness_requests.json").read_text(encoding="utf-8")
)
NAMES = itertools.count()


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WitnessProcess]:
    with WitnessProcess.running(tmp_path_factory.mktemp("witness") / "w") as witness:
        yield witness


@pytest.fixture
def log(witness: WitnessProcess) -> TwoFacedLog:
    """A log of its own for each test, watched from now on."""
    log = TwoFacedLog(f"gw.aoba.example/audit/{next(NAMES)}")
    witness.watch(log.vkey)
    return log


def kinds(witness: WitnessProcess, log: TwoFacedLog) -> list[str]:
    return [str(one.kind) for one in witness.evidence(log.signer.key.name)]


def subprocess_json(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "gateway.cli.main", "witness", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603 - ours
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve_refused(directory: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "gateway.cli.main", "witness", "serve", str(directory)]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--port", "0", "--json"], capture_output=True, check=False, timeout=60
    )
    assert done.returncode != 0
    error: dict[str, Any] = json.loads(done.stdout)["error"]
    return error


def test_requests_of_the_vector_file_are_answered_in_order(tmp_path: Path) -> None:
    """Forty requests, played to a fresh process; another witness can be compared on them."""
    assert len(VECTORS["requests"]) == 40
    with WitnessProcess.running(tmp_path / "w", *VECTORS["logs"]) as witness:
        for case in VECTORS["requests"]:
            answer = witness.add(base64.b64decode(case["body"]))
            assert answer.status == case["status"], case["name"]
            if "size" in case:
                assert answer.body == f"{case['size']}\n".encode()
                assert answer.headers["content-type"] == "text/x.tlog.size"
            if answer.status == 200:
                head = base64.b64decode(case["body"]).decode().partition("\n\n")[2]
                witness.check_cosigned(answer, head)
        kept = [str(one.kind) for one in witness.evidence()]
    assert kept.count("fork") == 1
    assert set(kept) == {"fork", "not-proven", "other-size"}


def test_oversized_body_is_refused(witness: WitnessProcess, log: TwoFacedLog) -> None:
    request = log.request(0, 5)
    assert witness.add(request + b"x" * 70_000).status == 400
    assert witness.add(request + b"x" * 600_000).status == 413
    assert kinds(witness, log) == []


def test_body_longer_than_it_said_is_refused(witness: WitnessProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", witness.port, timeout=10)
    connection.request("POST", "/add-checkpoint", headers={"Content-Length": "999999999999"})
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_method_is_refused(witness: WitnessProcess, method: str) -> None:
    assert Http(witness.port).send(method, "/add-checkpoint").status == 405


@pytest.mark.parametrize("name", ["", "x", "0" * 64, "..%2f..%2fwitness.pem"])
def test_head_of_an_unknown_log_is_not_found(witness: WitnessProcess, name: str) -> None:
    assert Http(witness.port).send("GET", f"/{name}/checkpoint").status == 404


def test_head_last_cosigned_is_shown_to_monitors(witness: WitnessProcess, log: TwoFacedLog) -> None:
    path = f"/{sha256(log.signer.key.name.encode()).hexdigest()}/checkpoint"
    assert Http(witness.port).send("GET", path).status == 404
    witness.add(log.request(0, 5))

    shown = Note.parse(Http(witness.port).send("GET", path).body.decode())

    assert set(shown.verify([log.signer.key, witness.key])) == {log.signer.key, witness.key}


def test_log_added_in_service_is_watched_at_once(witness: WitnessProcess) -> None:
    other = TwoFacedLog("gw.kawabe.example/audit/2027a")
    assert witness.add(other.request(0, 3)).status == 404
    witness.watch(other.vkey)
    assert witness.add(other.request(0, 3)).status == 200
    with pytest.raises(Conflict):
        witness.watch(other.vkey)


@pytest.mark.parametrize("vkey", ["", "x", "a+00000000+AA=="])
def test_log_with_an_unfit_key_is_not_watched(witness: WitnessProcess, vkey: str) -> None:
    with pytest.raises(InvalidNote):
        witness.watch(vkey)


def test_key_of_a_witness_is_not_taken_for_a_log(witness: WitnessProcess) -> None:
    with pytest.raises(InvalidCheckpoint):
        witness.watch(witness.key.to_text())


# --- one history ---------------------------------------------------------------------------


def test_second_history_is_refused_and_kept_as_evidence(
    witness: WitnessProcess, log: TwoFacedLog
) -> None:
    """Two gateways hold one key and show different entries: C11."""
    witness.check_cosigned(witness.add(log.request(0, 5)), log.head(5))

    fork = witness.add(log.request(5, 5, "b", parted_at=3))
    rewritten = witness.add(log.request(5, 9, "b", parted_at=3))

    assert (fork.status, rewritten.status) == (422, 422)
    kept = {str(one.kind): one for one in witness.evidence(log.signer.key.name)}
    assert log.head(5, "b", parted_at=3) in kept["fork"].request
    assert log.head(9, "b", parted_at=3) in kept["not-proven"].request
    assert log.trusted.open(log.head(5, "b", parted_at=3)).size == 5
    assert kept["fork"].cosigned_note.startswith(log.head(5))
    witness.check_cosigned(witness.add(log.request(5, 9)), log.head(9))


def test_fork_that_states_another_old_size_is_evidence_all_the_same(
    witness: WitnessProcess,
    log: TwoFacedLog,
) -> None:
    witness.add(log.request(0, 5))
    assert witness.add(log.request(0, 5, "b")).status == 409
    assert kinds(witness, log) == ["fork"]


def test_fork_that_states_an_impossible_old_size_is_evidence_all_the_same(
    witness: WitnessProcess, log: TwoFacedLog
) -> None:
    witness.add(log.request(0, 5))
    assert witness.add(log.request(9, 5, "b", proof_from=5)).status == 400
    assert kinds(witness, log) == ["fork"]


def test_refused_request_sent_again_is_kept_once(witness: WitnessProcess, log: TwoFacedLog) -> None:
    witness.add(log.request(0, 5))
    crowd = "".join(f"\u2014 x.example/{i} AAAAAAAA\n" for i in range(30)).encode()
    for body in (log.request(5, 9, "b"), log.request(5, 9, "b") + crowd):
        assert witness.add(body).status == 422
    (kept,) = witness.evidence(log.signer.key.name)
    assert "x.example" not in kept.request


def test_witness_that_was_killed_still_refuses_the_second_history(
    witness: WitnessProcess, log: TwoFacedLog
) -> None:
    witness.add(log.request(0, 5))
    witness.kill()
    witness.start()
    assert witness.add(log.request(5, 5, "b")).status == 422
    assert witness.add(log.request(0, 3)).status == 409
    assert witness.add(log.request(5, 7)).status == 200


def test_requests_at_once_are_answered_one_after_another(
    witness: WitnessProcess, log: TwoFacedLog
) -> None:
    """Whatever the order, one history grows and nothing that was cosigned is taken back."""
    witness.add(log.request(0, 5))
    bodies = [log.request(5, size) for size in range(6, 22)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(witness.add, bodies))
    cosigned = [size for size, a in zip(range(6, 22), answers, strict=True) if a.status == 200]
    assert len(cosigned) == 1
    assert {a.body for a in answers if a.status == 409} == {f"{cosigned[0]}\n".encode()}


DYING = """
import os, sys
from pathlib import Path
import uvicorn
from gateway.logging import configure_logging
from gateway.api.server import Server, uvicorn_config
from gateway.system import SystemClock
from gateway.witness.app import build_app
from gateway.witness.service import Witness, database_path, load_cosigner
from gateway.witness.store import WitnessStore

directory = Path(sys.argv[1])
configure_logging(level="info", log_format="json")
signer = load_cosigner(directory)
with WitnessStore.opened(database_path(directory), signer.cosigner) as store:
    app = build_app(Witness(store, signer, SystemClock()))

    async def dying(scope, receive, send):
        async def last(message):
            os._exit(9)
        await app(scope, receive, last if scope["type"] == "http" else send)

    Server(uvicorn_config(dying, "127.0.0.1", 0)).run()
"""


def test_kill_between_persisting_and_answering_loses_nothing(tmp_path: Path) -> None:
    """The log never got its line; it learns the size, and is cosigned at that very head."""
    log = TwoFacedLog()
    with WitnessProcess.running(tmp_path / "w", log.vkey) as witness:
        witness.kill()
        with subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", DYING, str(witness.directory)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            port = read_port(process)
            with pytest.raises(ConnectionError):
                Http(port).send("POST", "/add-checkpoint", log.request(0, 5))
            assert process.wait(30) == 9
        witness.start()
        assert witness.add(log.request(0, 5)).body == b"5\n"
        assert witness.add(log.request(5, 5, "b")).status == 422
        witness.check_cosigned(witness.add(log.request(5, 5)), log.head(5))


# --- key and database belong together ------------------------------------------------------


def test_witness_without_its_database_does_not_start(tmp_path: Path) -> None:
    witness = WitnessProcess(tmp_path / "w", "w.midori.example/2027")
    database_path(witness.directory).unlink()
    assert "retire the key" in serve_refused(witness.directory)["message"]
    assert not database_path(witness.directory).exists()


def test_witness_with_the_database_of_another_key_does_not_start(tmp_path: Path) -> None:
    witness = WitnessProcess(tmp_path / "w", "w.midori.example/2027")
    other = WitnessProcess(tmp_path / "other", "w.other.example/2027")
    database_path(other.directory).rename(database_path(witness.directory))
    assert serve_refused(witness.directory)["code"] == "integrity"


def test_commands_say_what_a_witness_is_and_keeps(tmp_path: Path) -> None:
    """From `init` to `evidence`, as its operator meets it."""
    made = subprocess_json("init", str(tmp_path / "w"), "--name", "w.midori.example/2027")
    assert NoteKey.parse(made["vkey"]).type == COSIGNATURE
    log = TwoFacedLog()
    added = subprocess_json("log", "add", str(tmp_path / "w"), log.vkey)
    assert added["origin"] == log.signer.key.name
    assert subprocess_json("log", "list", str(tmp_path / "w"))["logs"][0]["size"] is None
    with WitnessStore.opened(tmp_path / "w" / "witness.db", NoteKey.parse(made["vkey"])) as store:
        witness = Witness(store, load_cosigner(tmp_path / "w"), SystemClock())
        witness.add_checkpoint(log.request(0, 5))
        witness.add_checkpoint(log.request(5, 5, "b"))
    (kept,) = subprocess_json("evidence", str(tmp_path / "w"))["evidence"]
    assert (kept["kind"], kept["size"]) == ("fork", 5)


def test_witness_is_not_made_over_another(witness: WitnessProcess, log: TwoFacedLog) -> None:
    with pytest.raises(KeyFileUnusable):
        create_witness(witness.directory, "w.example/2")
    assert witness.add(log.request(0, 5)).status == 200
