"""
What passes between a gateway and a signer in a process of its own.

A frame is a length of four bytes (big-endian) and so many bytes. The first byte says what
it is; integers are big-endian, and nothing may follow the last member.

====  ==========  =========================================================================
byte  question    members
====  ==========  =========================================================================
1     last        none
2     sign        size (8), root (32), number of leaves (4), each leaf as length (2) and bytes
====  ==========  =========================================================================

====  ===========  ========================================================================
byte  answer       members
====  ===========  ========================================================================
1     head         a signed note, UTF-8 (C2SP tlog-checkpoint)
2     none         none: nothing has been signed yet
3     refused      why, printable ASCII: evidence does not verify, and never will
4     unavailable  why, printable ASCII: not now, and nothing was signed
====  ===========  ========================================================================

Both sides bound what they read, and close the connection at the first frame that is not
exactly one of these.
"""

import re
import socket
import struct
import time
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = [
    "MAX_ANSWER_BYTES",
    "MAX_LEAF_BYTES",
    "MAX_LEAVES",
    "MAX_QUESTION_BYTES",
    "Answer",
    "BadFrame",
    "Head",
    "Last",
    "NothingSigned",
    "Question",
    "Refused",
    "Sign",
    "Unavailable",
    "read_answer",
    "read_question",
    "receive",
    "send",
    "write_answer",
    "write_question",
]

MAX_LEAVES: Final = 65_536
MAX_LEAF_BYTES: Final = 1_024
_MAX_SIZE: Final = 2**53 - 1
_LENGTH: Final = struct.Struct(">I")
_SIGN: Final = struct.Struct(">BQ32sI")
_LEAF: Final = struct.Struct(">H")
MAX_QUESTION_BYTES: Final = _SIGN.size + MAX_LEAVES * (_LEAF.size + MAX_LEAF_BYTES)
_MAX_NOTE_BYTES: Final = 65_536  # as gateway.crypto.signed_note reads it
MAX_ANSWER_BYTES: Final = 1 + _MAX_NOTE_BYTES
_CHUNK: Final = 1 << 20
_LAST_ASKED, _SIGN_ASKED = b"\x01", b"\x02"
_HEAD, _NONE, _REFUSED, _UNAVAILABLE = b"\x01", b"\x02", b"\x03", b"\x04"
_REASON: Final = re.compile(r"[ -~]{1,200}", re.ASCII)


class BadFrame(Exception):
    """A frame is malformed, too long, or ends too early."""


@dataclass(frozen=True, slots=True)
class Last:
    """Which head was signed last?"""


@dataclass(frozen=True, slots=True)
class Sign:
    """Sign this head; see :meth:`gateway.ports.log.Signer.sign`."""

    size: int
    root: bytes
    leaves: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A signed note."""

    note: str


@dataclass(frozen=True, slots=True)
class NothingSigned:
    """The log is new."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Evidence does not verify."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Not now; nothing was signed."""

    reason: str


Question: TypeAlias = Last | Sign
Answer: TypeAlias = Head | NothingSigned | Refused | Unavailable


def write_question(question: Question) -> bytes:
    """
    Return a question as the content of a frame.

    Raises:
        BadFrame: It does not fit.
    """
    if isinstance(question, Last):
        return _LAST_ASKED
    leaves = question.leaves
    if len(leaves) > MAX_LEAVES or max(map(len, leaves), default=0) > MAX_LEAF_BYTES:
        raise BadFrame("the leaves do not fit a frame")
    if not 0 <= question.size <= _MAX_SIZE or len(question.root) != 32:  # noqa: PLR2004 - SHA-256
        raise BadFrame("not a tree head")
    parts = [_SIGN.pack(_SIGN_ASKED[0], question.size, question.root, len(leaves))]
    for leaf in leaves:
        parts += (_LEAF.pack(len(leaf)), leaf)
    return b"".join(parts)


def read_question(content: bytes) -> Question:
    """
    Return the question that a frame holds.

    Raises:
        BadFrame: It holds none.
    """
    if content == _LAST_ASKED:
        return Last()
    if content[:1] != _SIGN_ASKED or len(content) < _SIGN.size:
        raise BadFrame("not a question")
    _, size, root, count = _SIGN.unpack_from(content)
    if size > _MAX_SIZE or count > MAX_LEAVES:
        raise BadFrame("not a question")
    return Sign(size, root, _leaves(content, count))


def write_answer(answer: Answer) -> bytes:
    """Return an answer as the content of a frame."""
    match answer:
        case Head(note):
            return _HEAD + note.encode()
        case NothingSigned():
            return _NONE
        case Refused(reason):
            return _REFUSED + _printable(reason)
        case Unavailable(reason):
            return _UNAVAILABLE + _printable(reason)


def read_answer(content: bytes) -> Answer:
    """
    Return the answer that a frame holds; a head in it has still to be verified.

    Raises:
        BadFrame: It holds none.
    """
    kind = content[:1]
    try:
        text = content[1:].decode()
    except UnicodeDecodeError:
        kind, text = b"", ""
    if kind == _HEAD and text:
        return Head(text)
    if kind == _NONE and not text:
        return NothingSigned()
    if kind in {_REFUSED, _UNAVAILABLE} and _REASON.fullmatch(text):
        return Refused(text) if kind == _REFUSED else Unavailable(text)
    raise BadFrame("not an answer")


def send(channel: socket.socket, content: bytes, *, within_s: float) -> None:
    """
    Send one frame.

    Raises:
        OSError: The other side is gone, or does not take it in time.
    """
    channel.settimeout(within_s)
    channel.sendall(_LENGTH.pack(len(content)) + content)


def receive(
    channel: socket.socket, *, limit: int, within_s: float, patient: bool = False
) -> bytes | None:
    """
    Return the content of the next frame, or ``None`` where the other side closed before it.

    Args:
        channel: The connection.
        limit: Bytes of the longest content that is read.
        within_s: Seconds that the frame may take.
        patient: Whether it may take any time to begin.

    Raises:
        BadFrame: The frame is longer or shorter than it may be.
        OSError: The other side is gone, or too slow.
    """
    channel.settimeout(None if patient else within_s)
    head = channel.recv(_LENGTH.size)
    if not head:
        return None
    deadline = time.monotonic() + within_s
    head += _exactly(channel, _LENGTH.size - len(head), deadline)
    (length,) = _LENGTH.unpack(head)
    if not 0 < length <= limit:
        raise BadFrame("a frame of this length is not read")
    return _exactly(channel, length, deadline)


def _exactly(channel: socket.socket, length: int, deadline: float) -> bytes:
    received = bytearray()
    while len(received) < length:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("a frame takes too long")
        channel.settimeout(remaining)
        chunk = channel.recv(min(length - len(received), _CHUNK))
        if not chunk:
            raise BadFrame("a frame ends too early")
        received += chunk
    return bytes(received)


def _leaves(content: bytes, count: int) -> tuple[bytes, ...]:
    leaves, at = [], _SIGN.size
    for _ in range(count):
        if at + _LEAF.size > len(content):
            raise BadFrame("leaves are missing")
        (length,) = _LEAF.unpack_from(content, at)
        at += _LEAF.size
        if length > MAX_LEAF_BYTES or at + length > len(content):
            raise BadFrame("a leaf is too long")
        leaves.append(content[at : at + length])
        at += length
    if at != len(content):
        raise BadFrame("more than the leaves")
    return tuple(leaves)


def _printable(reason: str) -> bytes:
    return (reason if _REASON.fullmatch(reason) else "for a reason of its own").encode("ascii")
