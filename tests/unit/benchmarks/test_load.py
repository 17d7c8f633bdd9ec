"""What the load generator says it saw is what a server did."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.load import Plan, Seen, Slot
from benchmarks.wire import connect, head

ROOT = Path(__file__).resolve().parents[3]
Answering = Callable[[bytes], Awaitable[tuple[int, bytes]]]


@asynccontextmanager
async def serving(answer: Answering, *, pieces: int = 1) -> AsyncIterator[int]:
    """Yield the port of a server that answers each request, in so many pieces."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while lines := await reader.read(65_536):
            status, body = await answer(lines)
            text = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            step = -(-len(text) // pieces)
            for at in range(0, len(text), step):
                writer.write(text[at : at + step])
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def run(answer: Answering, **how: object) -> Seen:
    async with serving(answer) as port:
        plan = {"target": "diy", "callers": 2, "seconds": 0.3, "warm_s": 0.1, **how}
        return await Slot(
            Plan(host="127.0.0.1", port=port, headers={}, bodies=["{}"], **plan)
        ).run()


async def created(_: bytes) -> tuple[int, bytes]:
    return 201, b"{}"


def test_exchange_with_a_server_that_closes_is_an_error() -> None:
    async def close_at_once() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            connection = await connect("127.0.0.1", server.sockets[0].getsockname()[1])
            await connection.exchange(head("GET", "/", {}, b""))

    with pytest.raises(ConnectionError):
        asyncio.run(asyncio.wait_for(close_at_once(), 5))


def test_slot_whose_requests_are_refused_counts_none_as_done() -> None:
    async def refuse(_: bytes) -> tuple[int, bytes]:
        return 503, b"{}"

    seen = asyncio.run(run(refuse))

    assert (0, 0) == (seen.done, seen.completed)
    assert {"decide 503"} == seen.failed.keys()
    assert [] == seen.decide_ms


@pytest.mark.parametrize("pieces", [1, 3, 70])
def test_exchange_with_an_answer_in_pieces_is_whole(pieces: int) -> None:
    body = json.dumps({"said": "あ" * 40}, ensure_ascii=False).encode()

    async def answer(_: bytes) -> tuple[int, bytes]:
        return 201, body

    async def ask_twice() -> list[tuple[int, bytes]]:
        async with serving(answer, pieces=pieces) as port:
            connection = await connect("127.0.0.1", port)
            answers = [await connection.exchange(head("GET", "/", {}, b"")) for _ in range(2)]
            connection.close()
            return [(a.status, a.body) for a in answers]

    assert [(201, body)] * 2 == asyncio.run(ask_twice())


def test_slot_counts_what_is_done_between_its_two_instants() -> None:
    asked = 0

    async def answer(_: bytes) -> tuple[int, bytes]:
        nonlocal asked
        asked += 1
        return 201, b"{}"

    seen = asyncio.run(run(answer))

    assert asked == seen.completed
    assert 0 < seen.done < asked


def test_slot_never_sends_an_idempotency_key_twice() -> None:
    keys: list[bytes] = []

    async def answer(request: bytes) -> tuple[int, bytes]:
        keys.extend(x for x in request.split(b"\r\n") if x.startswith(b"Idempotency-Key"))
        return 201, b"{}"

    asyncio.run(run(answer))

    assert len(set(keys)) == len(keys) > 2


def test_slot_at_a_fixed_rate_counts_a_stall_for_those_it_kept_waiting() -> None:
    """The server stands still once; whoever should have arrived meanwhile waited as well."""
    stalled = False

    async def answer(_: bytes) -> tuple[int, bytes]:
        nonlocal stalled
        if not stalled:
            stalled = True
            time.sleep(0.15)  # noqa: ASYNC251 - the whole loop stands still, generator included
        return 201, b"{}"

    seen = asyncio.run(run(answer, rate=200, warm_s=0.0, seconds=0.4))

    assert 80 == seen.completed
    assert 10 <= sum(1 for taken in seen.decide_ms if taken > 50)


def test_slot_at_a_fixed_rate_arrives_as_often_as_planned() -> None:
    seen = asyncio.run(run(created, rate=100, warm_s=0.0, seconds=0.5))

    assert 50 == seen.completed
    assert {} == seen.failed


def test_rival_is_at_most_60_lines() -> None:
    lines = (ROOT / "benchmarks/diy/gateway.py").read_text(encoding="utf-8").splitlines()

    assert 60 >= len(lines)
