"""
Signed notes (C2SP signed-note v1) with Ed25519, and witness cosignatures on them.

* A note is text, an empty line, and signature lines of key name, key id and signature.
* Lines of unknown keys are ignored, as the format demands, so that a log can change its
  key and witnesses can add theirs; a line of a known key must verify.
* Type 0x01 signs the text. Type 0x04 (C2SP tlog-cosignature) signs a time and the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.crypto.encoding import BadEncoding, b64, unb64
from gateway.domain.errors import IntegrityError

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "InvalidNote",
    "Note",
    "NoteKey",
    "NoteSigner",
    "check_key_name",
]

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04

_MAX_NOTE_BYTES: Final = 65536
_MAX_SIGNATURES: Final = 64
_KEY_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_TIME_BYTES: Final = 8
_MAX_TIME: Final = 2**63 - 1
# Printable ASCII without space and plus: narrower than the format, and free of lookalikes.
_KEY_NAME: Final = re.compile(r"[!-*,-~]{1,255}", re.ASCII)
_NOT_TEXT: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
_LINE: Final = re.compile(r"\u2014 ([!-*,-~]{1,255}) ([A-Za-z0-9+/]+={0,2})", re.ASCII)


class InvalidNote(IntegrityError):
    """A note is malformed, or no known key signed it."""


def check_key_name(name: str) -> None:
    """
    Check that a key may have this name: printable ASCII without space and plus.

    Raises:
        InvalidNote: It may not.
    """
    if not _KEY_NAME.fullmatch(name):
        raise InvalidNote("not a key name")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """
    A key that verifies note signatures; its text form is a C2SP vkey.

    Attributes:
        name: Key name, for a log its origin.
        public: 32 bytes of an Ed25519 public key.
        type: ``ED25519`` or ``COSIGNATURE``.
    """

    name: str
    public: bytes
    type: int = ED25519

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != _KEY_BYTES or self.type not in {ED25519, COSIGNATURE}:
            raise InvalidNote("not a key")

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names this key."""
        content = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return sha256(content).digest()[:_KEY_ID_BYTES]

    def to_text(self) -> str:
        """Return the vkey: name, key id and key, joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> "NoteKey":
        """
        Read a vkey.

        Raises:
            InvalidNote: It is malformed, of another type, or its key id is not its key's.
        """
        name, _, rest = vkey.partition("+")
        _, _, encoded = rest.partition("+")
        material: bytes | None
        try:
            material = unb64(encoded, length=1 + _KEY_BYTES)
        except BadEncoding:
            material = None
        if material is None:
            raise InvalidNote("not a key")
        key = cls(name, material[1:], material[0])
        if key.to_text() != vkey:
            raise InvalidNote("not a key")
        return key

    def verify(self, text: str, signature: bytes) -> None:
        """
        Check one signature over a note's text.

        Raises:
            InvalidNote: It is not this key's.
        """
        message = text.encode()
        if self.type == COSIGNATURE:
            if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES:
                raise InvalidNote("the signature is invalid")
            at_seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
            if at_seconds > _MAX_TIME:
                raise InvalidNote("the signature is invalid")
            message = _cosigned(at_seconds, text)
            signature = signature[_TIME_BYTES:]
        valid = True
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            valid = False
        if not valid:
            raise InvalidNote("the signature is invalid")


class NoteSigner:
    """Signs notes under one name with one Ed25519 key."""

    __slots__ = ("_private", "cosigner", "key")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        public = private.public_key().public_bytes_raw()
        self._private = private
        self.key = NoteKey(name, public, ED25519)
        self.cosigner = NoteKey(name, public, COSIGNATURE)

    def sign(self, text: str) -> str:
        """
        Return the note: the text, an empty line and one signature line.

        Raises:
            InvalidNote: The text cannot be the text of a note.
        """
        _check_text(text)
        return f"{text}\n{self._line(self.key, self._private.sign(text.encode()))}"

    def cosign(self, text: str, at_seconds: int) -> str:
        """
        Return the line that says: seen and consistent at this time (C2SP tlog-cosignature).

        Args:
            text: The text of a checkpoint.
            at_seconds: Seconds since the epoch.

        Raises:
            InvalidNote: The text cannot be the text of a note, or the time not one.
        """
        _check_text(text)
        if not 0 <= at_seconds <= _MAX_TIME:
            raise InvalidNote("not a time")
        signature = self._private.sign(_cosigned(at_seconds, text))
        return self._line(self.cosigner, at_seconds.to_bytes(_TIME_BYTES, "big") + signature)

    @staticmethod
    def _line(key: NoteKey, signature: bytes) -> str:
        return f"\u2014 {key.name} {b64(key.key_id + signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """
    A note as read; its text means nothing until a known key's signature was verified.

    Attributes:
        text: The text, with its last newline.
        lines: Key name, key id and signature of each line, in order.
    """

    text: str
    lines: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, note: str) -> "Note":
        """
        Read a note.

        Raises:
            InvalidNote: It is malformed, too long or has too many signatures.
        """
        if len(note) > _MAX_NOTE_BYTES or not note.endswith("\n"):
            raise InvalidNote("not a note")
        text, separator, tail = note.rpartition("\n\n")
        text += "\n"
        _check_text(text)
        rows = tail.removesuffix("\n").split("\n")
        if not separator or len(rows) > _MAX_SIGNATURES:
            raise InvalidNote("not a note")
        return cls(text, tuple(_parse_line(row) for row in rows))

    def verify(self, keys: Sequence[NoteKey]) -> tuple[NoteKey, ...]:
        """
        Return which of these keys signed, at least one, each once.

        Raises:
            InvalidNote: None did, or a line of one of them does not verify.
        """
        found: list[NoteKey] = []
        for name, key_id, signature in self.lines:
            for key in keys:
                if key.name == name and key.key_id == key_id:
                    key.verify(self.text, signature)
                    found.append(key)
        if not found:
            raise InvalidNote("no known key signed")
        return tuple(dict.fromkeys(found))

    def cosigned_at(self, witness: NoteKey) -> int:
        """
        Return when this witness cosigned, in seconds since the epoch, once verified.

        Raises:
            InvalidNote: It did not, or its line does not verify.
        """
        self.verify([witness])
        times = [
            int.from_bytes(signature[:_TIME_BYTES], "big")
            for name, key_id, signature in self.lines
            if witness.type == COSIGNATURE and (name, key_id) == (witness.name, witness.key_id)
        ]
        if not times:
            raise InvalidNote("not a cosignature")
        return max(times)


def _cosigned(at_seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {at_seconds}\n{text}".encode()


def _check_text(text: str) -> None:
    if not text.endswith("\n") or text == "\n" or _NOT_TEXT.search(text):
        raise InvalidNote("not a note's text")


def _parse_line(row: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(row)
    material: bytes | None = None
    if found is not None:
        try:
            material = unb64(found[2])
        except BadEncoding:
            material = None
    if found is None or material is None or len(material) <= _KEY_ID_BYTES:
        raise InvalidNote("not a signature line")
    return found[1], material[:_KEY_ID_BYTES], material[_KEY_ID_BYTES:]
