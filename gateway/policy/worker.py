"""
The process in which an embedded engine decides: it reads questions and writes decisions.

Started by :mod:`gateway.policy.processes` alone. It holds rules and tables and nothing else: no
key, no database, no setting. It ends when its channel does, so that it never outlives the
gateway.

A frame is a length of four bytes and so many bytes of JSON. The first frame that comes is the
revision; it is answered with ``{}``. Each further one is a question, answered with the decision
or, when the engine failed, with an empty frame.
"""

import io
import signal
import socket
import sys
from typing import Any, Final, TypeAlias

import orjson

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.confirmed import ConfirmedPolicy

__all__ = ["LENGTH_BYTES", "frame", "main"]

_Stream: TypeAlias = "io.BufferedRWPair[Any, Any]"

LENGTH_BYTES: Final = 4
_SILENCE: Final = b""


def frame(content: bytes) -> bytes:
    """Return content with its length before it."""
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def main(descriptor: int) -> None:
    """Answer on a socket until it is closed."""
    # The gateway ends gracefully at the terminal's interrupt, and asks until it has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as channel, channel.makefile("rwb") as stream:
        revision = _read(stream)
        if revision is None:
            return
        content = orjson.loads(revision)
        evaluators = ConfirmedPolicy.of(content["modules"], content["data"])
        _write(stream, b"{}")
        while (question := _read(stream)) is not None:
            _write(stream, _decision(evaluators, question))


def _decision(evaluators: ConfirmedPolicy, question: bytes) -> bytes:
    try:
        return orjson.dumps(evaluators.said(orjson.loads(question)))
    except PolicyUnavailable:
        return _SILENCE


def _read(stream: _Stream) -> bytes | None:
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    return stream.read(int.from_bytes(head, "big"))


def _write(stream: _Stream, content: bytes) -> None:
    stream.write(frame(content))
    stream.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
