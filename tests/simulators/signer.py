"""Honest signers without a store of their own, and the product's signers on real state files."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.audit.tree import TreeState
from gateway.crypto.key_files import save_private_key
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import IntegrityError
from gateway.ports.log import Checkpoint, Signer
from gateway.signer.child import SignerProcess
from gateway.signer.local import LocalSigner
from gateway.signer.remote import RemoteSigner, connect_to
from gateway.signer.server import SignerServer, listening_on
from gateway.signing import OwnSigner
from tests.simulators.clock import FixedClock

__all__ = [
    "HeldSigner",
    "HonestSigner",
    "KnownSigner",
    "SignerOpener",
    "opened_child",
    "serving_apart",
]

_WAIT_S = 30.0


class KnownSigner(Signer, Protocol):
    """
    A signer whose log somebody trusts.

    Attributes:
        trusted: What a member knows of the log.
    """

    trusted: TrustedLog


class HonestSigner:
    """
    Signs heads of one log, each only after recomputing its root from the leaves' bytes.

    Attributes:
        trusted: What a member knows of the log.
        signed: Every head that was signed, oldest first.
    """

    def __init__(self, origin: str = "gw.example/audit/2027a") -> None:
        self._origin = origin
        self._key = NoteSigner(origin, generate_log_key())
        self._state = TreeState()
        self.trusted = TrustedLog(origin, (self._key.key,))
        self.signed: list[Checkpoint] = []

    def last(self) -> Checkpoint | None:
        """Return the newest head signed here."""
        return self.signed[-1] if self.signed else None

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """
        Sign the head of ``size``.

        Raises:
            IntegrityError: The leaves do not lead from the last head to this one.
        """
        state = self._state.extended(leaf_hash(leaf) for leaf in new_leaves)
        if (state.size, state.root) != (size, root):
            raise IntegrityError("the leaves do not lead to this head")
        checkpoint = sign_checkpoint(self._origin, size, root, self._key)
        self._state = state
        self.signed.append(checkpoint)
        return checkpoint


class HeldSigner(HonestSigner):
    """Signs only while it is let, so that a test knows what waits meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.let = threading.Event()
        self.let.set()

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """Sign once it is let."""
        self.asked.set()
        assert self.let.wait(_WAIT_S)
        return super().sign(size, root, new_leaves)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing pass from the next head on, until the end."""
        self.asked.clear()
        self.let.clear()
        try:
            yield
        finally:
            self.let.set()


class SignerOpener:
    """
    Opens the product's signers on state files, and closes them at the end.

    Args:
        kind: ``local`` for this process, ``process`` for one of its own each, ``socket`` for a
            server behind a Unix socket.
        origin: Origin of the log.
        stack: What ends them.
    """

    def __init__(self, kind: str, origin: str, stack: ExitStack) -> None:
        self._kind = kind
        self._origin = origin
        self._stack = stack
        self._keys = Path(stack.enter_context(TemporaryDirectory(prefix="tasuki-signer-")))

    @classmethod
    @contextmanager
    def of(cls, kind: str, origin: str) -> Iterator["SignerOpener"]:
        """Yield an opener."""
        with ExitStack() as stack:
            yield cls(kind, origin, stack)

    def open(self, key: Ed25519PrivateKey, state: Path, *, origin: str = "") -> Signer:
        """
        Return a signer that has looked at its state.

        Raises:
            IntegrityError, LogUnavailable: It does not open.
        """
        origin = origin or self._origin
        if self._kind == "local":
            return LocalSigner(origin, NoteSigner(origin, key), state, FixedClock())
        log = TrustedLog(origin, (NoteSigner(origin, key).key,))
        path = self._keys / log.keys[0].key_id.hex()
        if not path.exists():
            save_private_key(path, key)
        if self._kind == "socket":
            listens = self._keys / f"{len(list(self._keys.iterdir()))}.sock"
            self._stack.enter_context(serving_apart(OwnSigner(origin, path, state), listens))
            signer = RemoteSigner(log, connect_to(listens))
            self._stack.callback(signer.close)
        else:
            signer, _ = self._stack.enter_context(opened_child(log, path, state))
        signer.last()
        return signer


@contextmanager
def serving_apart(signer: Signer, path: Path, **how: float) -> Iterator[None]:
    """Let a signer answer whoever runs as this user on a Unix socket."""
    with listening_on(path) as listener:
        server = SignerServer(signer, **how)
        peers = frozenset({os.getuid()})
        thread = threading.Thread(target=server.serve, args=(listener,), kwargs={"peers": peers})
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(_WAIT_S)


@contextmanager
def opened_child(
    log: TrustedLog, key: Path, state: Path, *program: str, pause_s: float = 0.1
) -> Iterator[tuple[RemoteSigner, SignerProcess]]:
    """Yield a signer in a process of its own, and that process; end it afterwards."""
    how = {"program": program} if program else {}
    child = SignerProcess(log.origin, key, state, pause_s=pause_s, **how)
    signer = RemoteSigner(log, child.connect)
    try:
        yield signer, child
    finally:
        signer.close()
        child.close()
