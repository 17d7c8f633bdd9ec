"""What the machine gives: the time, and identifiers that never repeat."""

import os
import threading
import time

import uuid_utils

from gateway.crypto.encoding import b64u
from gateway.domain.ids import EntryId, Millis

__all__ = ["SystemClock", "SystemIds"]

_ENTRY_BYTES = 16


class SystemClock:
    """The machine's clock, held still while it is set back; see :class:`gateway.ports.clock`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def now(self) -> Millis:
        """Return the present instant."""
        with self._lock:
            self._last = max(self._last, time.time_ns() // 1_000_000)
            return Millis(self._last)


class SystemIds:
    """Identifiers of this machine; see :class:`gateway.ports.ids`."""

    def new(self) -> str:
        """Return a new UUIDv7 as 36 characters (RFC 9562)."""
        return str(uuid_utils.uuid7())

    def entry(self) -> EntryId:
        """Return a new log entry id: 128 random bits as 22 characters of base64url."""
        return EntryId(b64u(os.urandom(_ENTRY_BYTES)))
