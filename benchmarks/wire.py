"""
HTTP/1.1 as a load generator needs it: one connection, one request at a time, little work.

Answers are believed to have a ``content-length``; both gateways send one.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, cast

from typing_extensions import override

__all__ = ["Answer", "Connection", "connect", "head"]

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """A kept connection; :meth:`exchange` must not be entered twice at once."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None
        self._body_at = 0
        self._ends_at = 0

    async def exchange(self, request: bytes) -> Answer:
        """
        Send a request and return its answer.

        Raises:
            ConnectionError: The server closed the connection instead.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes, and answer once the body is whole."""
        self._received += data
        if not self._ends_at and not self._read_head():
            return
        if len(self._received) >= self._ends_at and self._waiting is not None:
            body = bytes(self._received[self._body_at : self._ends_at])
            answer = Answer(int(self._received[9:12]), body)
            self._received.clear()
            self._ends_at = 0
            self._waiting.set_result(answer)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait for ever."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError())

    def _read_head(self) -> bool:
        end = self._received.find(_END)
        if end < 0:
            return False
        lines = bytes(self._received[:end]).lower().split(b"\r\n")
        length = next(line for line in lines if line.startswith(_LENGTH))
        self._body_at = end + len(_END)
        self._ends_at = self._body_at + int(length[len(_LENGTH) :])
        return True


async def connect(host: str, port: int) -> Connection:
    """Open a connection."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


def head(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return a whole request."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode("ascii") + _END + body
