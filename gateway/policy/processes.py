"""
The embedded engine in processes of its own, so that deciding and serving share no core.

The engine holds the interpreter's lock while it decides; in the serving process, nothing else
moves meanwhile. Here the same evaluators decide by the same revision elsewhere, and this
process only checks question and answer, as it always does.

* Whatever a process cannot answer, because there is none yet, it has ended, or it decides by
  another revision than the one in force, is decided in this process: same engine, same answer.
* A process that does not answer in time is ended, and its questions met silence.
* Processes that are missing are started again in the background, at most once a second.
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, Self

import orjson
from typing_extensions import override

from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.policy.bundle import PolicyBundle
from gateway.policy.contract import PolicyContract
from gateway.policy.interpreter import UNDEFINED
from gateway.policy.serving import CurrentPolicy
from gateway.policy.worker import LENGTH_BYTES, frame

__all__ = ["PolicyProcess", "PolicyProcesses"]

_START_S: Final = 30.0
_ANSWER_S: Final = 5.0
_PAUSE_S: Final = 1.0
_END_S: Final = 5.0


class _Ended(Exception):
    """The process has ended; nothing is known of what it was asked."""


class PolicyProcesses:
    """
    Decides by the revision in force; see :class:`gateway.ports.pdp.PolicyDecisionPoint`.

    Use as ``async with`` in the serving loop; outside of it, this process decides.

    Args:
        policy: The revision in force.
        contract: The schemas of question and answer.
        count: How many processes.
        answer_s: Seconds after which an answer is too late.
    """

    def __init__(
        self,
        policy: CurrentPolicy,
        contract: PolicyContract,
        *,
        count: int,
        answer_s: float = _ANSWER_S,
    ) -> None:
        self._policy = policy
        self._contract = contract
        self._count = count
        self._answer_s = answer_s
        self._workers: list[PolicyProcess] = []
        self._tending: asyncio.Task[None] | None = None
        self._tended_at = 0.0
        self._open = False

    @property
    def revision(self) -> str:
        """Digest of the revision in force."""
        return self._policy.revision

    @property
    def engine(self) -> str:
        """The library and its version."""
        return self._policy.engine

    @property
    def pids(self) -> tuple[int, ...]:
        """Ids of the processes that would answer now."""
        return tuple(process.pid for process in self._answering())

    async def __aenter__(self) -> Self:
        """Start the processes; one that does not start is tried again later."""
        self._open = True
        await self._tend()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End every process."""
        self._open = False
        if self._tending is not None:
            self._tending.cancel()
            with suppress(asyncio.CancelledError):
                await self._tending
        for worker in self._workers:
            await worker.end()
        self._workers = []

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """Decide one unit; see :class:`gateway.ports.pdp.PolicyDecisionPoint`."""
        answering = self._answering()
        if len(answering) < self._count:
            self._tend_soon()
        if not answering:
            return await self._policy.decide(policy_input)
        self._contract.check_question(policy_input)
        worker = min(answering, key=PolicyProcess.load)
        try:
            async with asyncio.timeout(self._answer_s):
                said = await worker.ask(orjson.dumps(policy_input))
        except TimeoutError as error:
            worker.kill()
            raise PolicyUnavailable("the policy engine is too slow") from error
        except _Ended:
            return await self._policy.decide(policy_input)
        decision = orjson.loads(said) if said else None
        if decision is None or decision == UNDEFINED:
            raise PolicyUnavailable("the policy engine failed, or the decision is undefined")
        return self._contract.read_answer(decision, revision=worker.revision, engine=self.engine)

    def _answering(self) -> list["PolicyProcess"]:
        revision = self._policy.revision
        return [w for w in self._workers if w.alive and w.revision == revision]

    def _tend_soon(self) -> None:
        busy = self._tending is not None and not self._tending.done()
        if self._open and not busy and time.monotonic() - self._tended_at >= _PAUSE_S:
            self._tending = asyncio.create_task(self._tend())

    async def _tend(self) -> None:
        """Let go of processes that have ended or decide by an old revision; start others."""
        kept = self._answering()
        gone = [w for w in self._workers if w not in kept]
        self._workers = kept
        for worker in gone:
            await worker.end()
        bundle = self._policy.bundle
        while len(self._workers) < self._count:
            try:
                self._workers.append(await PolicyProcess.start(bundle))
            except (OSError, TimeoutError, _Ended):
                break
        self._tended_at = time.monotonic()


class PolicyProcess(asyncio.Protocol):
    """One process, asked in turn; answers come in the order of the questions."""

    def __init__(self, process: subprocess.Popen[bytes], revision: str) -> None:
        self.revision = revision
        self._process = process
        self._transport: asyncio.WriteTransport | None = None
        self._received = bytearray()
        self._waiting: deque[asyncio.Future[bytes]] = deque()

    @classmethod
    async def start(cls, bundle: PolicyBundle) -> Self:
        """
        Return a process that has loaded a revision.

        Raises:
            OSError: It cannot be started.
            TimeoutError: It does not become ready.
            _Ended: It ended instead.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own program, in milliseconds
                [sys.executable, "-P", "-m", "gateway.policy.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        worker = cls(process, bundle.revision)
        revision = {"modules": dict(bundle.modules), "data": bundle.data_json}
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=ours)
            async with asyncio.timeout(_START_S):
                await worker.ask(orjson.dumps(revision))
        except BaseException:
            worker.kill()
            await worker.end()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    def load(self) -> int:
        """Return how many questions wait for it."""
        return len(self._waiting)

    async def ask(self, content: bytes) -> bytes:
        """
        Return what it answers.

        Raises:
            _Ended: It has ended, or does before it answers.
        """
        if self._transport is None or self._transport.is_closing():
            raise _Ended
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._transport.write(frame(content))
        return await answer

    def kill(self) -> None:
        """Ask it nothing more, and end it whatever it does."""
        if self._transport is not None:
            self._transport.abort()
        self._process.kill()

    async def end(self) -> None:
        """Close its channel and wait for its end."""
        if self._transport is not None:
            self._transport.close()
        try:
            await asyncio.to_thread(self._process.wait, _END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    @override
    def connection_made(self, transport: Any) -> None:
        """Take the channel."""
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes, and give each whole answer to whoever waits for it."""
        self._received += data
        while len(self._received) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "big")
            if len(self._received) < end:
                return
            content = bytes(self._received[LENGTH_BYTES:end])
            del self._received[:end]
            answer = self._waiting.popleft()
            # Whoever asked may have gone away meanwhile.
            if not answer.done():
                answer.set_result(content)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait for a process that has ended."""
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(_Ended())
