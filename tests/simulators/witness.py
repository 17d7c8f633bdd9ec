"""Witnesses as members run them: a process of its own, spoken to over HTTP alone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.audit.checkpoint import TrustedLog, checkpoint_text
from gateway.audit.tree import MemoryTree, prove_consistency
from gateway.crypto.encoding import b64
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import leaf_hash, tree_root
from gateway.crypto.signed_note import Note, NoteKey, NoteSigner
from gateway.witness.service import create_witness, database_path
from gateway.witness.store import Evidence, WitnessStore
from tests.simulators.served import Answer, Http

__all__ = ["TwoFacedLog", "WitnessProcess", "read_port"]

_COMMAND = (sys.executable, "-m", "gateway.cli.main", "witness")


class TwoFacedLog:
    """Whoever holds a log's key: shows any history it likes, each signed."""

    def __init__(self, origin: str = "gw.aoba.example/audit/2027a") -> None:
        self.signer = NoteSigner(origin, generate_log_key())

    @property
    def vkey(self) -> str:
        """The log's key, as a witness takes it."""
        return self.signer.key.to_text()

    @property
    def trusted(self) -> TrustedLog:
        """What a verifier knows of the log."""
        return TrustedLog(self.signer.key.name, (self.signer.key,))

    def head(self, size: int, history: str = "a", *, parted_at: int = 0) -> str:
        """Return a signed head of a history that parted from history ``a`` at an index."""
        root = tree_root(self.leaves(size, history, parted_at=parted_at))
        return self.signer.sign(checkpoint_text(self.signer.key.name, size, root))

    def request(
        self, old: int, size: int, history: str = "a", *, parted_at: int = 0, proof_from: int = -1
    ) -> bytes:
        """Return a request with a proof that is right within the history."""
        tree = MemoryTree(self.leaves(size, history, parted_at=parted_at))
        start = old if proof_from < 0 else proof_from
        hashes = [b64(h) for h in prove_consistency(tree, start, size)]
        note = self.head(size, history, parted_at=parted_at)
        return "\n".join([f"old {old}", *hashes, "", note]).encode()

    @staticmethod
    def leaves(size: int, history: str = "a", *, parted_at: int = 0) -> list[bytes]:
        """Return the leaf hashes of a history."""
        return [leaf_hash(f"{'a' if i < parted_at else history} {i}".encode()) for i in range(size)]


class WitnessProcess:
    """
    One witness in its directory, and the process that serves it while it runs.

    Attributes:
        directory: Where it keeps everything.
        key: By which its cosignatures verify.
        port: Where it listens; the same after a restart.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self.directory = directory
        self.port = 0
        self.key = create_witness(directory, name).cosigner
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    @contextmanager
    def running(
        cls, directory: Path, *vkeys: str, name: str = "w.midori.example/2027"
    ) -> Iterator["WitnessProcess"]:
        """Yield a new witness that watches the logs with these keys, and serves."""
        witness = cls(directory, name)
        for vkey in vkeys:
            witness.watch(vkey)
        witness.start()
        try:
            yield witness
        finally:
            witness.kill()

    @property
    def url(self) -> str:
        """Its submission prefix."""
        return f"http://127.0.0.1:{self.port}"

    def watch(self, vkey: str) -> None:
        """Watch a further log, in service or not."""
        with self.store() as store:
            store.add_log(NoteKey.parse(vkey))

    @contextmanager
    def store(self) -> Iterator[WitnessStore]:
        """Yield its file, opened beside whoever serves it."""
        with WitnessStore.opened(database_path(self.directory), self.key) as store:
            yield store

    def start(self) -> None:
        """Serve, and wait until it listens."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [*_COMMAND, "serve", str(self.directory), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.port = read_port(self._process)

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run a command and return what it answers."""
        done = subprocess.run(  # noqa: S603 - our own command
            [*_COMMAND, *arguments, "--json"], capture_output=True, check=False, timeout=60
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def add(self, body: bytes) -> Answer:
        """Send a request."""
        return Http(self.port).send("POST", "/add-checkpoint", body)

    def evidence(self, origin: str = "") -> list[Evidence]:
        """Return what it kept, of one log or of all."""
        with self.store() as store:
            return [one for one in store.evidence() if origin in {"", one.origin}]

    def check_cosigned(self, answer: Answer, head: str) -> int:
        """Check that an answer cosigns this head, and return when."""
        assert answer.status == 200, answer.body
        return Note.parse(head + answer.body.decode()).cosigned_at(self.key)


def read_port(process: "subprocess.Popen[str]") -> int:
    """Return the port that a process says it listens on."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if '"server.listening"' in line:
            port: int = json.loads(line)["port"]
            return port
    raise AssertionError("".join(said))
