"""
A signer that answers over a socket: two questions, and nothing else.

* It holds the log's key and its own state; no database, no other key. Whoever takes over the
  gateway can ask it, and is answered by the same rules as the gateway: never two heads that
  contradict each other.
* A peer proves who it is by the kernel's word for it (``SO_PEERCRED``), not by anything it says.
* The first frame that is not a question closes its connection; nobody is told why.
"""

import socket
import stat
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gateway.domain.errors import GatewayError, IntegrityError, LogUnavailable
from gateway.ports.log import Checkpoint, Signer
from gateway.signer.frames import (
    MAX_QUESTION_BYTES,
    Answer,
    BadFrame,
    Head,
    Last,
    NothingSigned,
    Question,
    Refused,
    Unavailable,
    read_question,
    receive,
    send,
    write_answer,
)

__all__ = ["SignerServer", "listening_on"]

_FRAME_S: Final = 30.0
_CONNECTIONS: Final = 8
_BACKLOG: Final = 64
_PEER: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid
_OWNER: Final = stat.S_IRUSR | stat.S_IWUSR
_GROUP: Final = stat.S_IRGRP | stat.S_IWGRP


class SignerServer:
    """
    Answers questions to one signer, one after the other, on any number of connections.

    Args:
        signer: Who signs.
        refused: Called with the reason of each refusal.
        frame_s: Seconds that one frame may take once it has begun.
    """

    def __init__(
        self,
        signer: Signer,
        *,
        refused: Callable[[str], None] = lambda _: None,
        frame_s: float = _FRAME_S,
    ) -> None:
        self._signer = signer
        self._refused = refused
        self._frame_s = frame_s
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_CONNECTIONS)

    def answer_on(self, channel: socket.socket) -> None:
        """Answer on one connection until it is closed, or a frame is no question."""
        with channel, suppress(OSError, BadFrame):
            while (content := self._next(channel)) is not None:
                answer = self._answer(read_question(content))
                send(channel, write_answer(answer), within_s=self._frame_s)

    def serve(self, listener: socket.socket, *, peers: frozenset[int]) -> None:
        """
        Take connections until ``listener`` is shut down; then finish what is being signed.

        Args:
            listener: See :func:`listening_on`.
            peers: Ids of the users that may ask.
        """
        while True:
            try:
                channel, _ = listener.accept()
            except OSError:
                break
            if _peer_uid(channel) not in peers or not self._places.acquire(blocking=False):
                channel.close()
                continue
            threading.Thread(target=self._visit, args=(channel,), daemon=True).start()
        self._lock.acquire()  # Held to the end: nothing is signed while the process goes away.

    def _visit(self, channel: socket.socket) -> None:
        try:
            self.answer_on(channel)
        finally:
            self._places.release()

    def _next(self, channel: socket.socket) -> bytes | None:
        return receive(channel, limit=MAX_QUESTION_BYTES, within_s=self._frame_s, patient=True)

    def _answer(self, question: Question) -> Answer:
        try:
            with self._lock:
                head = self._asked(question)
        except IntegrityError as error:
            self._refused(str(error))
            return Refused(str(error))
        except GatewayError as error:
            return Unavailable(str(error))
        return NothingSigned() if head is None else Head(head.note)

    def _asked(self, question: Question) -> Checkpoint | None:
        if isinstance(question, Last):
            return self._signer.last()
        return self._signer.sign(question.size, question.root, question.leaves)


@contextmanager
def listening_on(path: Path, *, group: bool = False) -> Iterator[socket.socket]:
    """
    Yield a listening Unix socket, and remove it afterwards.

    Args:
        path: Where; what a signer that ended left there is replaced.
        group: Whether the group of the directory may connect too (mode 0660 instead of 0600).

    Raises:
        LogUnavailable: Another signer listens there, or nothing can.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound = False
    try:
        _remove_abandoned(path)
        # Nobody can connect before it listens, and until then the mode is the narrowest.
        listener.bind(str(path))
        path.chmod(_OWNER | _GROUP if group else _OWNER)
        listener.listen(_BACKLOG)
        bound = True
    except OSError:
        listener.close()
    if not bound:
        raise LogUnavailable("the signer's socket is in use or cannot be made")
    try:
        yield listener
    finally:
        listener.close()
        with suppress(OSError):
            path.unlink()


def _remove_abandoned(path: Path) -> None:
    """Remove a socket on which nobody listens; anything else stays in the way."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()


def _peer_uid(channel: socket.socket) -> int:
    found = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    uid: int = _PEER.unpack(found)[1]
    return uid
