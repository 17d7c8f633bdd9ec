"""
Bounds on what comes before a request is a request: the head's size, count and time.

Whoever exceeds them is not one of our clients: the connection is answered 400 or simply
closed, and nothing of it reaches the application.
"""

import asyncio
from typing import Any, Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedHttp"]

MAX_HEADERS: Final = 64
MAX_HEAD_BYTES: Final = 16_384
_MAX_UNFINISHED_BYTES: Final = 4 * MAX_HEAD_BYTES


class BoundedHttp(HttpToolsProtocol):
    """
    uvicorn's protocol over httptools, which itself bounds nothing of this.

    Attributes:
        head_timeout_s: Seconds within which a head has to be complete.
    """

    head_timeout_s = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._count = 0
        self._bytes = 0
        self._unfinished = 0
        self._timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the parent has it
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._rest()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes, unless a head has no end."""
        super().data_received(data)
        if self._timer is None:
            return
        self._unfinished += len(data)
        if self._unfinished > _MAX_UNFINISHED_BYTES:
            self.transport.close()

    @override
    def on_message_begin(self) -> None:
        """Begin to wait for the head of a further request, too."""
        super().on_message_begin()
        self._wait()

    @override
    def on_url(self, url: bytes) -> None:
        """Count the target."""
        self._bytes += len(url)
        self._check()
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count += 1
        self._bytes += len(name) + len(value)
        self._check()
        super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._rest()
        super().on_headers_complete()

    def _check(self) -> None:
        if self._count > MAX_HEADERS or self._bytes > MAX_HEAD_BYTES:
            # The parser turns this into an error, and the parent that into a 400.
            raise ValueError("the head is too large")

    def _wait(self) -> None:
        self._rest()
        self._count = self._bytes = self._unfinished = 0
        self._timer = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
