"""
Bytes as text and back, without the freedom that usual decoders allow.

* base64url without padding (RFC 4648 5, RFC 7515 2) for identifiers, digests and JOSE.
* base64 with padding (RFC 4648 4) for signed notes.
* Each byte string has exactly one spelling: other alphabets, white space, missing or
  superfluous padding and non-zero trailing bits are refused.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

from gateway.domain.errors import MalformedRequest

__all__ = ["BadEncoding", "b64", "b64u", "digest", "digest_text", "unb64", "unb64u"]

_URL_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class BadEncoding(MalformedRequest):
    """Text is not the one spelling of any byte string, or of one with the length demanded."""

    def __init__(self) -> None:
        super().__init__("bad-encoding")


def b64u(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(text: str, *, length: int | None = None) -> bytes:
    """
    Decode base64url without padding.

    Args:
        text: The text; only the 64 characters may occur.
        length: Bytes demanded; ``None`` takes any number.

    Raises:
        BadEncoding: Another spelling, or another length.
    """
    if not _URL_TEXT.fullmatch(text) or len(text) % 4 == 1:
        raise BadEncoding
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # The decoder ignores trailing bits, so one value would have several spellings.
    if b64u(data) != text or (length is not None and len(data) != length):
        raise BadEncoding
    return data


def b64(data: bytes) -> str:
    """Return base64 with padding (RFC 4648 4)."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, *, length: int | None = None) -> bytes:
    """
    Decode base64 with padding.

    Args:
        text: The text; only the 64 characters and padding may occur.
        length: Bytes demanded; ``None`` takes any number.

    Raises:
        BadEncoding: Another spelling, or another length.
    """
    data: bytes | None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or b64(data) != text or (length is not None and len(data) != length):
        raise BadEncoding
    return data


def digest(data: bytes) -> bytes:
    """Return the SHA-256 of ``data``, 32 bytes."""
    return hashlib.sha256(data).digest()


def digest_text(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 43 characters of base64url."""
    return b64u(digest(data))
