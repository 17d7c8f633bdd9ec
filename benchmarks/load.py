"""
The load generator: one process of its own, light enough to leave the machine to the server.

Reads a plan from standard input, writes what it saw to standard output; started anew for each
slot, so that nothing is carried over.

* Closed loop: so many callers, each asking again as soon as it was answered.
* Fixed rate: arrivals come on time whatever the answers do, and the first step's duration
  counts from the planned arrival, so that a stall is not hidden by those it kept waiting.
* Envelopes: a member seals once it holds the decision, which is its own computer's work. Here
  the ciphertext is made beforehand and only the header, all that the gateway can read, is made
  for each decision; every ``sealed_every``-th is sealed in full and opened at the end.
"""

import asyncio
import hashlib
import itertools
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson
import uvloop

from benchmarks.wire import Connection, connect, head

__all__ = ["Plan", "Seen", "Slot"]

_CREATED: Final = 201
_LEEWAY_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """
    One slot.

    Attributes:
        target: ``tasuki`` (two steps) or ``diy`` (one).
        host: Where the server is.
        port: Its port.
        headers: Headers of every request: token and actor.
        bodies: Bodies to ask with, in turn.
        callers: How many at once; at a fixed rate, how many connections are open at first.
        seconds: How long is counted.
        warm_s: How long before that is not.
        rate: Arrivals a second; 0 for a closed loop.
        envelope: An envelope sealed beforehand.
        header: Its header but for what differs from decision to decision.
        sealing: What a full seal needs: ``recipient`` as JWK, ``signer`` as its secret number
            in hexadecimal, ``signer_kid``, ``record``, ``gateway``, and both ``agencies``.
        sealed_every: Which envelopes are sealed in full.
        kept_every: Of which disclosures the evidence is kept.
    """

    target: str
    host: str
    port: int
    headers: dict[str, str]
    bodies: list[str]
    callers: int
    seconds: float
    warm_s: float = 0.5
    rate: int = 0
    envelope: str = ""
    header: dict[str, Any] = field(default_factory=dict)
    sealing: dict[str, Any] = field(default_factory=dict)
    sealed_every: int = 100
    kept_every: int = 50


@dataclass(slots=True)
class Seen:
    """
    What a slot saw; durations in milliseconds.

    Attributes:
        done: Disclosures completed while counting.
        seconds: How long was counted.
        decide_ms: Of each first step.
        release_ms: Of each second step.
        failed: Answers of another status than 201, by step and status.
        completed: All disclosures completed, counted or not.
        cpu_share: Part of one core that this process used.
        kept: Evidence to be verified afterwards.
    """

    done: int = 0
    seconds: float = 0.0
    decide_ms: list[float] = field(default_factory=list)
    release_ms: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    completed: int = 0
    cpu_share: float = 0.0
    kept: list[dict[str, Any]] = field(default_factory=list)


class Slot:
    """Runs one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._count = itertools.count()
        self._bodies: Iterator[bytes] = itertools.cycle([b.encode() for b in plan.bodies])
        self._tail = plan.envelope.partition(".")[2]
        self._epk = _header_of(plan.envelope)["epk"] if plan.envelope else None
        self._key = f"{plan.target}-{time.time_ns()}"
        self._from = self._until = 0.0
        self._idle: list[Connection] = []
        self.seen = Seen()

    async def run(self) -> Seen:
        """Return what was seen."""
        plan = self._plan
        self._idle = [await connect(plan.host, plan.port) for _ in range(plan.callers)]
        self._from = time.perf_counter() + plan.warm_s
        self._until = self._from + plan.seconds
        began, cpu = time.perf_counter(), time.process_time()
        if plan.rate:
            await self._arrive()
        else:
            await asyncio.gather(*(self._call_again(c) for c in list(self._idle)))
        ended = time.perf_counter()
        self.seen.cpu_share = (time.process_time() - cpu) / (ended - began)
        self.seen.seconds = plan.seconds
        for connection in self._idle:
            connection.close()
        return self.seen

    async def _call_again(self, connection: Connection) -> None:
        while time.perf_counter() < self._until:
            await self._disclose(connection, time.perf_counter())

    async def _arrive(self) -> None:
        began, calls = time.perf_counter(), []
        for number in itertools.count():
            at = began + number / self._plan.rate
            if at >= self._until:
                break
            if (wait := at - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            calls.append(asyncio.create_task(self._arrived(at)))
        await asyncio.wait_for(asyncio.gather(*calls), _LEEWAY_S)

    async def _arrived(self, at: float) -> None:
        connection = (
            self._idle.pop() if self._idle else await connect(self._plan.host, self._plan.port)
        )
        await self._disclose(connection, at)
        self._idle.append(connection)

    async def _disclose(self, connection: Connection, began: float) -> None:
        number = next(self._count)
        headers = {**self._plan.headers, "Idempotency-Key": f"{self._key}-{number}"}
        body = next(self._bodies)
        answer = await connection.exchange(head("POST", "/v1/disclosures", headers, body))
        decided = time.perf_counter()
        if answer.status != _CREATED:
            self._fail("decide", answer.status)
            return
        ended = decided
        if self._plan.target == "tasuki":
            disclosed = orjson.loads(answer.body)
            request = self._payload(number, disclosed)
            sent = time.perf_counter()
            answer = await connection.exchange(request)
            ended = time.perf_counter()
            if answer.status != _CREATED:
                self._fail("release", answer.status)
                return
            self._time(self.seen.release_ms, sent, ended)
            if number % self._plan.kept_every == 0:
                self.seen.kept.append({"disclosed": disclosed, "sent": orjson.loads(answer.body)})
        self._time(self.seen.decide_ms, began, decided)
        self.seen.completed += 1
        if self._from <= ended < self._until:
            self.seen.done += 1

    def _time(self, durations: list[float], began: float, ended: float) -> None:
        if self._from <= began < self._until:
            durations.append((ended - began) * 1000)

    def _fail(self, step: str, status: int) -> None:
        name = f"{step} {status}"
        self.seen.failed[name] = self.seen.failed.get(name, 0) + 1

    def _payload(self, number: int, disclosed: dict[str, Any]) -> bytes:
        unit = disclosed["units"][0]
        leaf = hashlib.sha256(b"\x00" + unit["evidence"]["leaf"].encode()).digest()
        disclosure = disclosed["disclosure_id"]
        if number % self._plan.sealed_every:
            members = {
                **self._plan.header,
                "epk": self._epk,
                "disclosure": disclosure,
                "leaf": _b64u(leaf),
            }
            envelope = f"{_b64u(orjson.dumps(members))}.{self._tail}"
        else:
            envelope = _sealed(self._plan, disclosure, leaf)
        body = orjson.dumps(
            {
                "decision_id": unit["decision_id"],
                "fields": unit["fields_permitted"],
                "envelope": envelope,
            }
        )
        path = f"/v1/disclosures/{disclosure}/payloads/{unit['recipient']}"
        return head("PUT", path, self._plan.headers, body)


def _sealed(plan: Plan, disclosure: str, leaf: bytes) -> str:
    from gateway.crypto.binding import Binding  # noqa: PLC0415 - most slots never seal
    from gateway.crypto.keys import Algorithm, SigningKey, seal_to  # noqa: PLC0415
    from gateway.crypto.sealing import SignedRecord, seal  # noqa: PLC0415

    sealing = plan.sealing
    recipient, controller = sealing["agencies"]
    record = sealing["record"]
    return seal(
        SignedRecord(record),
        Binding(sealing["gateway"], disclosure, recipient, controller, leaf, frozenset(record)),
        recipient_key=seal_to(sealing["recipient"]),
        signer=SigningKey(sealing["signer_kid"], Algorithm.ES256, _private(sealing["signer"])),
    )


def _private(scalar: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())


def _header_of(envelope: str) -> dict[str, Any]:
    from gateway.crypto.encoding import unb64u  # noqa: PLC0415

    members: dict[str, Any] = orjson.loads(unb64u(envelope.partition(".")[0]))
    return members


def _b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def main() -> None:
    """Run the plan on standard input."""
    plan = Plan(**orjson.loads(sys.stdin.buffer.read()))
    seen = uvloop.run(Slot(plan).run())
    sys.stdout.buffer.write(orjson.dumps(asdict(seen)))


if __name__ == "__main__":
    main()
