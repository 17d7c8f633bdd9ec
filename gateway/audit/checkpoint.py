"""
Signed heads of a log (C2SP tlog-checkpoint).

* Three lines: origin, size, root; no extension lines, which no monitor could audit.
* The log's key is named like its origin, so that a head of another log never passes.
* Cosignatures of witnesses are carried along; they never stand for the log's own signature.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.crypto.encoding import BadEncoding, b64, unb64
from gateway.crypto.merkle import EMPTY_ROOT, HASH_BYTES
from gateway.crypto.signed_note import ED25519, Note, NoteKey, NoteSigner
from gateway.domain.errors import IntegrityError
from gateway.ports.log import Checkpoint

__all__ = [
    "MAX_SIZE",
    "InvalidCheckpoint",
    "TrustedLog",
    "check_origin",
    "checkpoint_text",
    "parse_checkpoint_text",
    "sign_checkpoint",
]

MAX_SIZE: Final = 2**53 - 1

_LINES: Final = 3
# A URL prefix without scheme and trailing slash, as tlog-tiles recommends.
_ORIGIN: Final = re.compile(
    r"[a-z0-9.-]{1,100}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]{1,60}){0,8}", re.ASCII
)
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class InvalidCheckpoint(IntegrityError):
    """A checkpoint is malformed, or of another log."""


def check_origin(origin: str) -> None:
    """
    Check that a log may have this origin, for example ``gw.example/audit/2027a``.

    Raises:
        InvalidCheckpoint: It may not.
    """
    if not _ORIGIN.fullmatch(origin):
        raise InvalidCheckpoint("not an origin")


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """
    Return the text that a log signs.

    Raises:
        InvalidCheckpoint: A part cannot stand in a checkpoint.
    """
    check_origin(origin)
    if not 0 <= size <= MAX_SIZE or len(root) != HASH_BYTES:
        raise InvalidCheckpoint("not a tree head")
    if size == 0 and root != EMPTY_ROOT:
        raise InvalidCheckpoint("an empty tree has one root")
    return f"{origin}\n{size}\n{b64(root)}\n"


def parse_checkpoint_text(text: str) -> tuple[str, int, bytes]:
    """
    Return origin, size and root of a checkpoint's text, accepting only its one spelling.

    Raises:
        InvalidCheckpoint: It is not the text of a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1] or not _SIZE.fullmatch(lines[1]):
        raise InvalidCheckpoint("not a checkpoint")
    root: bytes | None
    try:
        root = unb64(lines[2], length=HASH_BYTES)
    except BadEncoding:
        root = None
    if root is None or checkpoint_text(lines[0], int(lines[1]), root) != text:
        raise InvalidCheckpoint("not a checkpoint")
    return lines[0], int(lines[1]), root


def sign_checkpoint(origin: str, size: int, root: bytes, signer: NoteSigner) -> Checkpoint:
    """
    Return the signed head of a tree.

    Raises:
        InvalidCheckpoint: The signer is named otherwise than the origin, or a part is unfit.
    """
    if signer.key.name != origin:
        raise InvalidCheckpoint("the key is of another log")
    return Checkpoint(size, root, signer.sign(checkpoint_text(origin, size, root)))


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """
    What a verifier knows of a log beforehand, and from elsewhere than the log itself.

    Attributes:
        origin: The log's origin.
        keys: The log's keys; more than one while a key is being replaced.
    """

    origin: str
    keys: tuple[NoteKey, ...]

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if not self.keys or any((k.name, k.type) != (self.origin, ED25519) for k in self.keys):
            raise InvalidCheckpoint("a key is of another log")

    @classmethod
    def of(cls, vkeys: Sequence[str]) -> "TrustedLog":
        """
        Return the log that these vkeys, all of one name, belong to.

        Raises:
            InvalidCheckpoint: They do not name one origin.
            InvalidNote: One is malformed.
        """
        keys = tuple(NoteKey.parse(vkey) for vkey in vkeys)
        if not keys:
            raise InvalidCheckpoint("no key")
        return cls(keys[0].name, keys)

    def open(self, note: str) -> Checkpoint:
        """
        Return the head that a note holds, once the log's signature is verified.

        Raises:
            InvalidNote: The note is malformed, or no key of the log signed it.
            InvalidCheckpoint: It is not a checkpoint, or one of another log.
        """
        parsed = Note.parse(note)
        parsed.verify(self.keys)
        origin, size, root = parse_checkpoint_text(parsed.text)
        if origin != self.origin:
            raise InvalidCheckpoint("the checkpoint is of another log")
        return Checkpoint(size, root, note)
