"""
The request by which a log asks a witness to cosign its newest head (C2SP tlog-witness).

* The size the witness is believed to know, the hashes that prove the log only grew since,
  an empty line, and the signed head with whatever signatures it carries.
* Each line has one spelling. Who signed the head is not looked at here.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from gateway.audit.checkpoint import MAX_SIZE, parse_checkpoint_text
from gateway.crypto.encoding import BadEncoding, b64, unb64
from gateway.crypto.merkle import HASH_BYTES
from gateway.crypto.signed_note import Note
from gateway.domain.errors import IntegrityError

__all__ = [
    "MAX_REQUEST_BYTES",
    "SIZE_MEDIA_TYPE",
    "AddCheckpoint",
    "InvalidRequest",
    "origin_hash",
    "parse_size",
]

MAX_REQUEST_BYTES: Final = 65_536
SIZE_MEDIA_TYPE: Final = "text/x.tlog.size"

_MAX_PROOF: Final = 63
_OLD: Final = "old "
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class InvalidRequest(IntegrityError):
    """A request is malformed."""


def origin_hash(origin: str) -> str:
    """Return under which name a witness shows what it cosigned: SHA-256 in lower-case hex."""
    return hashlib.sha256(origin.encode()).hexdigest()


def parse_size(text: str) -> int:
    """
    Return a tree's size from its one decimal spelling.

    Raises:
        InvalidRequest: It is spelt otherwise, or larger than a log can be.
    """
    if not _SIZE.fullmatch(text) or int(text) > MAX_SIZE:
        raise InvalidRequest("not a size")
    return int(text)


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """
    A request as read; it means nothing until the log's signature was verified.

    Attributes:
        old_size: Size of the head that the proof starts from.
        proof: Hashes of 32 bytes (RFC 6962 2.1.2), at most 63.
        head: The head's note as sent.
        note: The same, read.
        origin: Origin of the log, as the head says.
        size: Size of the head.
        root: Root of the head, 32 bytes.
    """

    old_size: int
    proof: tuple[bytes, ...]
    head: str
    note: Note
    origin: str
    size: int
    root: bytes

    @classmethod
    def of(cls, old_size: int, proof: tuple[bytes, ...], head: str) -> "AddCheckpoint":
        """
        Return the request that submits this head.

        Raises:
            InvalidRequest: The proof is too long.
            InvalidNote, InvalidCheckpoint: It is no head.
        """
        if len(proof) > _MAX_PROOF:
            raise InvalidRequest("the proof is too long")
        note = Note.parse(head)
        return cls(old_size, proof, head, note, *parse_checkpoint_text(note.text))

    @classmethod
    def parse(cls, body: bytes) -> "AddCheckpoint":
        """
        Read a request.

        Raises:
            InvalidRequest: It is malformed or too long.
            InvalidNote, InvalidCheckpoint: What it submits is no head.
        """
        text = _decoded(body)
        asked, separator, head = text.partition("\n\n")
        first, *hashes = asked.split("\n")
        if not separator or not first.startswith(_OLD) or len(hashes) > _MAX_PROOF:
            raise InvalidRequest("not a request")
        return cls.of(parse_size(first.removeprefix(_OLD)), _hashes(hashes), head)

    def to_bytes(self) -> bytes:
        """Return the request as it is sent."""
        lines = (f"{_OLD}{self.old_size}", *(b64(hash_) for hash_ in self.proof))
        return ("\n".join(lines) + f"\n\n{self.head}").encode()


def _decoded(body: bytes) -> str:
    text: str | None
    try:
        text = body.decode() if len(body) <= MAX_REQUEST_BYTES else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise InvalidRequest("not a request")
    return text


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    found: tuple[bytes, ...] | None
    try:
        found = tuple(unb64(line, length=HASH_BYTES) for line in lines)
    except BadEncoding:
        found = None
    if found is None:
        raise InvalidRequest("not a hash")
    return found
