"""
The program of a signer's own process: it knows the machine's clock, one key and one state.

As a child (``python -m gateway.signing``) it answers on the channel it was given; what keeps
it from signing, a key that is missing or a state that is damaged, it answers to each question.
``tasuki signer serve`` runs it apart, where it does not start at all then.
"""

import argparse
import ctypes
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from gateway.ports.log import Checkpoint
from gateway.signer.local import LocalSigner
from gateway.signer.server import SignerServer, listening_on
from gateway.storage.key_ring import load_note_signer
from gateway.system import SystemClock

__all__ = ["OwnSigner", "keep_memory_private", "main", "serve_apart"]

_PR_SET_DUMPABLE: Final = 4


@dataclass(frozen=True)
class OwnSigner:
    """
    The signer of this process, opened at the first question.

    Attributes:
        origin: The log's origin.
        key: File of the log's private key.
        state: The state file; its directory must exist.
        must_exist: Whether something must have been signed before.
    """

    origin: str
    key: Path
    state: Path
    must_exist: bool = False

    @cached_property
    def opened(self) -> LocalSigner:
        """
        The signer itself.

        Raises:
            IntegrityError: Key or state is missing, damaged or of another log.
            LogUnavailable: The state cannot be read now.
        """
        key = load_note_signer(self.key, self.origin)
        return LocalSigner(self.origin, key, self.state, SystemClock(), must_exist=self.must_exist)

    def last(self) -> Checkpoint | None:
        """Return the newest head signed here; see :class:`gateway.ports.log.Signer`."""
        return self.opened.last()

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """Sign a head; see :class:`gateway.ports.log.Signer`."""
        return self.opened.sign(size, root, new_leaves)


def serve_apart(
    signer: OwnSigner,
    path: Path,
    *,
    peers: frozenset[int] = frozenset(),
    listening: Callable[[], None],
    refused: Callable[[str], None],
) -> None:
    """
    Sign on a Unix socket until the process is told to stop.

    Args:
        signer: Who signs.
        path: The socket.
        peers: Ids of users that may ask, beside the one this process runs as; given any, the
            group of the socket's directory may connect too.
        listening: Called once it listens.
        refused: Called with the reason of each refusal.

    Raises:
        IntegrityError: Key or state is missing, damaged or of another log.
        LogUnavailable: The state cannot be read now, or the socket cannot be made.
    """
    keep_memory_private()
    opened = signer.opened
    others = peers - {os.getuid()}
    with listening_on(path, group=bool(others)) as listener:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: listener.shutdown(socket.SHUT_RDWR))
        listening()
        SignerServer(opened, refused=refused).serve(listener, peers=others | {os.getuid()})


def keep_memory_private() -> None:
    """Keep other processes of the same user, and core dumps, from the key (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Sign on the channel of the parent process until it is closed."""
    parser = argparse.ArgumentParser(prog="gateway.signing")
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    given = parser.parse_args(arguments)
    keep_memory_private()
    # The gateway ends gracefully when it is told to, and asks until it has ended.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    server = SignerServer(OwnSigner(given.origin, given.key, given.state))
    server.answer_on(socket.socket(fileno=given.channel))


if __name__ == "__main__":
    main()
