"""
Opaque cursors: where a list goes on, for this agency and this list alone.

A cursor is the id after which to go on and a tag over it, the agency and the list. A cursor
that somebody changed, or that belongs to another agency, is refused.
"""

import hashlib
import hmac
from typing import Final

from gateway.crypto.encoding import BadEncoding, b64u, unb64u
from gateway.domain.disclosure import Caller
from gateway.domain.errors import MalformedRequest

__all__ = ["Cursors"]

_TAG_BYTES: Final = 16


class Cursors:
    """
    Writes and reads cursors.

    Args:
        secret: Any secret key of the gateway; a key of its own is derived from it.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"tasuki cursor v1", "sha256")

    def write(self, caller: Caller, name: str, after: str) -> str:
        """Return the cursor that goes on after an id; empty for an empty one."""
        return b64u(self._tag(caller, name, after) + after.encode()) if after else ""

    def read(self, caller: Caller, name: str, cursor: str) -> str:
        """
        Return the id after which to go on; empty for an empty cursor.

        Raises:
            MalformedRequest: It is not a cursor of this agency's list.
        """
        if not cursor:
            return ""
        after: str | None
        try:
            data = unb64u(cursor)
            after = data[_TAG_BYTES:].decode("ascii")
        except (BadEncoding, UnicodeDecodeError):
            after = None
        if after is None or not hmac.compare_digest(
            data[:_TAG_BYTES], self._tag(caller, name, after)
        ):
            raise MalformedRequest("cursor")
        return after

    def _tag(self, caller: Caller, name: str, after: str) -> bytes:
        said = f"{caller.tenant_id} {caller.agency_id} {name} {after}".encode()
        return hmac.new(self._key, said, hashlib.sha256).digest()[:_TAG_BYTES]
