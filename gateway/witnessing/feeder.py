"""
The feeder: a thread beside the writer that shows each witness the log's newest head.

* In rounds, so that all witnesses are shown the same head: a quorum is about one head.
* A cosignature is durable before it counts. What is remembered is only what the database, or
  a witness's next answer, would say again.
* How far the log is watched is a time: up to when everything that was committed is covered by
  a head that the quorum cosigned. Once that is too long ago, nothing new is disclosed; the next
  quorum ends it. A feeder that stands still is noticed in the same way.
* A witness that has seen another history of this log is an alarm until somebody has looked.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Final

import structlog

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.witness_policy import NO_QUORUM, PolicyRefused, WitnessMember, WitnessPolicy
from gateway.domain.errors import GatewayError, LogUnwitnessed, NotFound
from gateway.domain.ids import LogId
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint, LogReader
from gateway.ports.witnesses import Cosignatures, KeptCosignature
from gateway.witnessing.submission import Failed, OtherHistory, Outcome, RolledBack, Submitter

__all__ = ["Feeder", "check_policy"]

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_LOOK_S: Final = 1.0  # how often at least it is looked whether anything is uncovered
_NOTHING: Final = -1


@dataclass(slots=True)
class _Witness:
    """One witness, and what it has cosigned as far as is kept."""

    member: WitnessMember
    submitter: Submitter
    known: int = 0
    not_before: float = 0.0  # of the monotonic clock
    pause_s: float = 0.0
    given_up: str = ""
    failing: bool = False


@dataclass(slots=True)
class _Covered:
    """The newest head that the quorum has cosigned, as it is published."""

    size: int = _NOTHING
    note: str = ""


@dataclass(slots=True)
class _Round:
    """One head, and what was said of it so far, by witness's name."""

    head: Checkpoint
    lines: dict[str, str] = field(default_factory=dict)


def check_policy(policy: WitnessPolicy, log: TrustedLog) -> None:
    """
    Check that a gateway can do what a policy demands.

    Raises:
        PolicyRefused: It is about other logs, or a witness that counts has no address.
    """
    if policy.logs and not set(log.keys) <= set(policy.logs):
        raise PolicyRefused(0, "the witness policy does not name this log's key")
    for name in policy.counting:
        if name in policy.witnesses and not policy.witnesses[name].url:
            raise PolicyRefused(0, "a witness of the quorum has no address")


class Feeder:
    """
    Watches over being watched; see :class:`gateway.ports.witnesses.Watch`.

    Args:
        policy: Which witnesses; see :func:`check_policy`.
        log: The log, as the writer of this process leaves it.
        log_id: Which log.
        kept: What witnesses said.
        clock: The only source of time.
        max_age_s: After how long something uncovered stops new disclosures.
        interval_s: Between two heads.

    Raises:
        StorageUnavailable: The database is silent.
    """

    def __init__(
        self,
        policy: WitnessPolicy,
        log: LogReader,
        log_id: LogId,
        kept: Cosignatures,
        clock: Clock,
        *,
        max_age_s: int,
        interval_s: float,
    ) -> None:
        self._policy = policy
        self._log = log
        self._log_id = log_id
        self._kept = kept
        self._clock = clock
        self._max_age_ms = max_age_s * 1000
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._alarm = False
        self._next_round = 0.0  # of the monotonic clock
        self._witnesses = self._made(kept.newest_sizes())
        self._covered = self._found_again()
        self._watched_until = clock.now()
        self._look(self._covered.size)

    # --- what others ask -------------------------------------------------------------------

    @property
    def healthy(self) -> bool:
        """Whether something new may be disclosed."""
        if self._policy.quorum == NO_QUORUM:
            return not self._alarm
        age = self._clock.now() - self._watched_until
        return not self._alarm and age <= self._max_age_ms

    def check(self) -> None:
        """
        Return if something new may be disclosed.

        Raises:
            LogUnwitnessed: A witness has seen another history, or too few have seen this one
                for too long.
        """
        if not self.healthy:
            raise LogUnwitnessed("the log is not watched")

    @property
    def demands_quorum(self) -> bool:
        """Whether the policy demands any cosignature at all."""
        return self._policy.quorum != NO_QUORUM

    def check_covers(self, index: int) -> None:
        """
        Return if the quorum has cosigned a head that covers this index.

        Raises:
            LogUnwitnessed: It has not yet.
        """
        self.check()
        if not self.demands_quorum or self._covered.size <= index:
            raise LogUnwitnessed("the quorum has not cosigned this entry yet")

    def describe(self) -> str:
        """Return in a sentence for the operator how the log is watched."""
        if self._policy.quorum == NO_QUORUM:
            return (
                "The witness policy demands no cosignature: nobody outside has to watch this log."
            )
        if self._alarm:
            return "A witness has seen another history of this log: stop and investigate."
        if not self.healthy:
            return "Too few witnesses have cosigned what was recorded; nothing new is disclosed."
        return "Witnesses outside watch this log; the quorum of the policy has to cosign it."

    def checkpoint(self) -> str:
        """
        Return the newest head that the quorum has cosigned, with its cosignatures.

        Raises:
            LogUnwitnessed: There is none yet.
        """
        covered = self._covered
        if covered.size == _NOTHING:
            raise LogUnwitnessed("no quorum has cosigned this log yet")
        return covered.note

    # --- the thread ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to show heads."""
        self._thread = threading.Thread(target=self._run, name="tasuki-log-feeder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Show no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for witness in self._witnesses:
            witness.submitter.close()

    def _run(self) -> None:
        log = structlog.get_logger()
        with ThreadPoolExecutor(max(len(self._witnesses), 1), "tasuki-witness") as pool:
            while not self._stop.is_set():
                try:
                    self._turn(pool)
                except GatewayError as error:
                    log.warning("witness.round_failed", reason=error.code)
                except Exception:  # it goes on at the next turn; staleness tells if it does not
                    log.exception("witness.round_failed")
                self._stop.wait(min(self._interval_s, _LOOK_S))

    def _turn(self, pool: ThreadPoolExecutor) -> None:
        try:
            head = self._log.checkpoint(self._log_id)
        except NotFound:
            return  # nothing is signed yet
        if self._policy.quorum == NO_QUORUM and head.size != self._covered.size:
            self._cover(_Round(head))
        if time.monotonic() >= self._next_round:
            self._show(head, pool)
        self._look(self._covered.size)

    def _show(self, head: Checkpoint, pool: ThreadPoolExecutor) -> None:
        """Show a head to each witness that has not cosigned it, all at the same time."""
        now = time.monotonic()
        due = [
            witness
            for witness in self._witnesses
            if not witness.given_up and witness.known < head.size and now >= witness.not_before
        ]
        if not due:
            return
        # All wait for the same instant: shown one by one, each would cosign another head.
        self._next_round = now + self._interval_s
        this = _Round(head, self._lines_of(head))
        futures = {pool.submit(w.submitter.submit, head, w.known): w for w in due}
        for future in as_completed(futures):
            self._heard(futures[future], _outcome(future), this)

    def _lines_of(self, head: Checkpoint) -> dict[str, str]:
        """Return what witnesses have said of a head before."""
        names = {w.member.key.to_text(): w.member.name for w in self._witnesses}
        heads = self._kept.heads_before(head.size + 1)
        said = heads[0] if heads and heads[0][0].note == head.note else ()
        return {names[one.witness]: one.line for one in said if one.witness in names}

    def _heard(self, witness: _Witness, outcome: Outcome, this: _Round) -> None:
        log = structlog.get_logger()
        match outcome:
            case KeptCosignature():
                self._kept.keep(outcome)
                self._came_back(witness)
                witness.known = outcome.size
                this.lines[witness.member.name] = outcome.line
                if self._policy.evaluate(this.lines).satisfied:
                    self._cover(this)
            case OtherHistory():
                self._alarm = True
                witness.given_up = outcome.reason
                log.critical(
                    "witness.other_history",
                    witness=witness.member.name,
                    reason=outcome.reason,
                    size=this.head.size,
                )
            case RolledBack():
                witness.given_up = "rolled_back"
                log.critical("witness.rolled_back", witness=witness.member.name, size=witness.known)
            case Failed():
                self._failed(witness, outcome)

    def _failed(self, witness: _Witness, outcome: Failed) -> None:
        paused = witness.pause_s * 2 if witness.pause_s else _FIRST_PAUSE_S
        witness.pause_s = min(max(paused, self._interval_s), _LONGEST_PAUSE_S)
        witness.not_before = time.monotonic() + witness.pause_s
        if not witness.failing:
            structlog.get_logger().warning(
                "witness.failed", witness=witness.member.name, reason=outcome.reason
            )
        witness.failing = True

    @staticmethod
    def _came_back(witness: _Witness) -> None:
        if witness.failing:
            structlog.get_logger().info("witness.came_back", witness=witness.member.name)
        witness.failing, witness.pause_s = False, 0.0

    # --- how far the log is watched --------------------------------------------------------

    def _cover(self, this: _Round) -> None:
        # In the order of the policy, so that the same cosignatures are the same note.
        order = (name for name in self._policy.witnesses if name in this.lines)
        note = this.head.note + "".join(this.lines[name] for name in order)
        try:
            self._look(this.head.size)
        finally:
            self._covered = _Covered(this.head.size, note)

    def _look(self, covered: int) -> None:
        """Find out up to when everything that was committed is covered by a head of this size."""
        at = self._clock.now()
        uncovered = self._kept.oldest_beyond(max(covered, 0))
        self._watched_until = at if uncovered is None else min(uncovered, at)

    def _made(self, known: Mapping[str, int]) -> list[_Witness]:
        def prove(old: int, new: int) -> tuple[bytes, ...]:
            return self._log.consistency(self._log_id, old, new)

        def newest() -> int:
            return self._log.checkpoint(self._log_id).size

        return [
            _Witness(
                member,
                Submitter(member, prove, newest, self._clock),
                known.get(member.key.to_text(), 0),
            )
            for member in self._policy.witnesses.values()
            if member.url
        ]

    def _found_again(self) -> _Covered:
        """Return the newest head that the quorum had cosigned before this process began."""
        names = {w.key.to_text(): name for name, w in self._policy.witnesses.items()}
        for said in self._all_heads():
            lines = {names[one.witness]: one.line for one in said if one.witness in names}
            if lines and self._policy.evaluate(lines).satisfied:
                order = (lines[name] for name in self._policy.witnesses if name in lines)
                return _Covered(said[0].size, said[0].note + "".join(order))
        return _Covered()

    def _all_heads(self) -> Iterator[list[KeptCosignature]]:
        size = 2**53
        while heads := self._kept.heads_before(size):
            for said in heads:
                yield list(said)
            size = heads[-1][0].size


def _outcome(future: "Future[Outcome]") -> Outcome:
    try:
        return future.result()
    except GatewayError as error:
        return Failed(error.code.replace("-", "_"))  # the log could not be read just now
