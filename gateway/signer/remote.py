"""
A signer elsewhere: in a child process, or behind a Unix socket that another user holds.

* What it says is believed only as far as the log's public key verifies it, and only forward:
  a head that is older than one seen before, or another one of the same size, stops the writer.
* Silence signs nothing. A signer that ended is asked once more on a new connection, which is
  safe because a head that was signed already is answered again, unchanged.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import TrustedLog
from gateway.domain.errors import IntegrityError, LogUnavailable
from gateway.ports.log import Checkpoint
from gateway.signer.frames import (
    MAX_ANSWER_BYTES,
    Answer,
    BadFrame,
    Head,
    Last,
    NothingSigned,
    Question,
    Refused,
    Sign,
    Unavailable,
    read_answer,
    receive,
    send,
    write_question,
)

__all__ = ["RemoteSigner", "connect_to"]

_ANSWER_S: Final = 10.0
_CONNECT_S: Final = 2.0


class RemoteSigner:
    """
    Lets a signer of another process sign; see :class:`gateway.ports.log.Signer`.

    Args:
        log: The log and its public keys, known from elsewhere than the signer.
        connect: Opens a connection; it may start the process.
        answer_s: Seconds after which the signer counts as silent.
    """

    def __init__(
        self,
        log: TrustedLog,
        connect: Callable[[], socket.socket],
        *,
        answer_s: float = _ANSWER_S,
    ) -> None:
        self._log = log
        self._connect = connect
        self._answer_s = answer_s
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._newest: Checkpoint | None = None

    def last(self) -> Checkpoint | None:
        """
        Return the newest head signed there, or ``None`` for a new log.

        Raises:
            IntegrityError: It refuses, its head does not verify, or it went back.
            LogUnavailable: It is silent.
        """
        with self._lock:
            answer = self._ask(Last())
            if isinstance(answer, NothingSigned):
                if self._newest is not None:
                    raise IntegrityError("the signer forgot what it signed")
                return None
            return self._accepted(answer)

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """
        Let the head of ``size`` be signed; see :meth:`gateway.ports.log.Signer.sign`.

        Raises:
            IntegrityError: It refuses, it signed something else, or it went back; or the
                leaves are more or longer than any batch of the log may be.
            LogUnavailable: It is silent, or cannot sign now.
        """
        with self._lock:
            checkpoint = self._accepted(self._ask(Sign(size, root, tuple(new_leaves))))
            if (checkpoint.size, checkpoint.root) != (size, root):
                raise IntegrityError("the signer signed another head than it was asked for")
            return checkpoint

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._let_go()

    def _accepted(self, answer: Answer) -> Checkpoint:
        if not isinstance(answer, Head):
            self._let_go()
            raise LogUnavailable("the signer answers another question")
        checkpoint, newest = self._log.open(answer.note), self._newest
        if newest is not None and (
            checkpoint.size < newest.size
            or (checkpoint.size == newest.size and checkpoint.root != newest.root)
        ):
            raise IntegrityError("the signer contradicts what it signed before")
        self._newest = checkpoint
        return checkpoint

    def _ask(self, question: Question) -> Answer:
        try:
            content = write_question(question)
        except BadFrame:
            content = b""
        if not content:
            raise IntegrityError("no signer takes such a batch")
        answer = self._answered(content)
        if isinstance(answer, Refused):
            raise IntegrityError(answer.reason)
        if isinstance(answer, Unavailable):
            raise LogUnavailable(answer.reason)
        return answer

    def _answered(self, content: bytes) -> Answer:
        kept = self._channel is not None
        answer = self._tried(content)
        if answer is None and kept:
            answer = self._tried(content)
        if answer is None:
            raise LogUnavailable("the signer is silent")
        return answer

    def _tried(self, content: bytes) -> Answer | None:
        """Ask on the connection there is, or on a new one; ``None`` where it is closed."""
        slow = False
        try:
            if self._channel is None:
                self._channel = self._connect()
            send(self._channel, content, within_s=self._answer_s)
            said = receive(self._channel, limit=MAX_ANSWER_BYTES, within_s=self._answer_s)
            if said is not None:
                return read_answer(said)
        except TimeoutError:
            slow = True
        except (OSError, BadFrame):
            slow = False
        self._let_go()
        if slow:
            raise LogUnavailable("the signer does not answer in time")
        return None

    def _let_go(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def connect_to(path: Path) -> Callable[[], socket.socket]:
    """
    Return what connects to a signer's Unix socket.

    What it returns raises:
        OSError: Nobody listens there, or this process may not connect.
    """
    return partial(_connected, str(path))


def _connected(path: str) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        channel.settimeout(_CONNECT_S)
        channel.connect(path)
    except OSError:
        channel.close()
        raise
    return channel
