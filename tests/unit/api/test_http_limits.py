"""Whoever sends a head without an end, or byte by byte, is cut off; others are not."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from gateway.api.http_limits import BoundedHttp
from gateway.main import Server

ANSWER = b"HTTP/1.1 204 "


class Impatient(BoundedHttp):
    """Waits for a head no longer than a test does."""

    head_timeout_s = 0.3


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The smallest application, behind the bounded protocol."""
    listening = threading.Event()
    config = uvicorn.Config(
        _nothing, port=0, http=Impatient, log_config=None, access_log=False, lifespan="off"
    )
    server = Server(config, listening=lambda _: listening.set())
    thread = threading.Thread(target=server.run)
    thread.start()
    assert listening.wait(30)
    yield server.port
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: "],
    ids=["nothing", "line", "header"],
)
def test_head_that_does_not_end_in_time_is_cut_off(port: int, sent: bytes) -> None:
    assert b"" == _answer(port, sent)


def test_second_head_that_does_not_end_in_time_is_cut_off(port: int) -> None:
    answer = _answer(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost")

    assert answer.startswith(ANSWER)
    assert 1 == answer.count(b"HTTP/1.1")


def test_head_without_an_end_is_cut_off_by_its_size(port: int) -> None:
    answer = _answer(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000)

    assert not answer.startswith(ANSWER)


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: x\r\n" % n for n in range(70)),
        b"X: " + b"x" * 17_000 + b"\r\n",
        b"X: " + b"x" * 9_000 + b"\r\nY: " + b"y" * 9_000 + b"\r\n",
    ],
    ids=["many", "long", "long-together"],
)
def test_head_out_of_bounds_is_answered_400(port: int, head: bytes) -> None:
    answer = _answer(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_target_out_of_bounds_is_answered_400(port: int) -> None:
    answer = _answer(port, b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_heads_within_bounds_are_served_one_after_the_other(port: int) -> None:
    """The count begins anew with every request of a connection."""
    head = b"".join(b"X-%d: x\r\n" % n for n in range(50))
    request = b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n"

    answer = _answer(port, request * 3)

    assert 3 == answer.count(ANSWER)


def _answer(port: int, sent: bytes) -> bytes:
    """Return what comes back until the connection is closed by the other side."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        try:
            sock.sendall(sent)
            while chunk := sock.recv(65_536):
                answer += chunk
        except (ConnectionResetError, BrokenPipeError):
            return answer
    return answer


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})
