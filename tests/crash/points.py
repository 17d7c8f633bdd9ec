"""
The steps of the one door at which a gateway is killed, and the fuse that kills it.

* A point says what must be true of the entries in hand when the process ends there; the
  parent looks for it in the database, so that a hook in the wrong place is found out.
* Nothing is said after a point is reached: the fuse keeps the lock until the end.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from gateway.domain.log import EntryType

__all__ = [
    "BEGUN",
    "COMMITTED",
    "RUN",
    "SIGNED",
    "SUBMITTED",
    "Fuse",
    "HandedOver",
    "Point",
    "Reached",
    "Said",
    "Shown",
    "Stage",
]


class Stage(StrEnum):
    """How far the entries in hand have come: nowhere, into the database, under a signed head."""

    NOWHERE = "nowhere"
    UNSIGNED = "unsigned"
    COVERED = "covered"


class Point(StrEnum):
    """A step, in the order of the design; ``stage`` is how far its entries have come."""

    stage: Stage

    def __new__(cls, value: str, stage: Stage) -> Self:
        """Make a member of its name and its stage."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.stage = stage
        return member

    FACTS_READ = "facts-read", Stage.NOWHERE
    POLICY_ANSWERED = "policy-answered", Stage.NOWHERE
    DECISION_SUBMITTED = "decision-submitted", Stage.NOWHERE
    DECISION_BEGUN = "decision-begun", Stage.NOWHERE
    DECISION_RUN = "decision-run", Stage.NOWHERE
    DECISION_COMMITTED = "decision-committed", Stage.UNSIGNED
    DECISION_SIGNED = "decision-signed", Stage.COVERED
    ENTRY_PROVEN = "entry-proven", Stage.COVERED
    DECISION_ANSWERED = "decision-answered", Stage.COVERED
    RELEASE_SUBMITTED = "release-submitted", Stage.NOWHERE
    RELEASE_BEGUN = "release-begun", Stage.NOWHERE
    UNIT_MOVED = "unit-moved", Stage.NOWHERE
    RELEASE_RUN = "release-run", Stage.NOWHERE
    RELEASE_COMMITTED = "release-committed", Stage.UNSIGNED
    RELEASE_SIGNED = "release-signed", Stage.COVERED
    RELEASE_ANSWERED = "release-answered", Stage.COVERED
    OPENED_RUN = "opened-run", Stage.NOWHERE
    OPENED_COMMITTED = "opened-committed", Stage.UNSIGNED
    OPENED_FOUND = "opened-found", Stage.COVERED


_DECISION: Final = EntryType.DECISION
_RELEASE: Final = EntryType.RELEASE
SUBMITTED: Final = {_DECISION: Point.DECISION_SUBMITTED, _RELEASE: Point.RELEASE_SUBMITTED}
BEGUN: Final = {_DECISION: Point.DECISION_BEGUN, _RELEASE: Point.RELEASE_BEGUN}
RUN: Final = {
    _DECISION: Point.DECISION_RUN,
    _RELEASE: Point.RELEASE_RUN,
    EntryType.OPENED: Point.OPENED_RUN,
}
COMMITTED: Final = {
    _DECISION: Point.DECISION_COMMITTED,
    _RELEASE: Point.RELEASE_COMMITTED,
    EntryType.OPENED: Point.OPENED_COMMITTED,
}
SIGNED: Final = {_DECISION: Point.DECISION_SIGNED, _RELEASE: Point.RELEASE_SIGNED}


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer with evidence: a decision, or with its delivery a release."""

    index: int
    leaf: bytes
    proof: str
    delivery_id: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An envelope that has left, and the index of the entry that says so."""

    index: int
    delivery_id: str


@dataclass(frozen=True, slots=True)
class Reached:
    """The last words of a process: where it ends, and the ids of the entries in hand."""

    point: Point
    entry_ids: tuple[str, ...]


Said = Shown | HandedOver | Reached


class Fuse:
    """
    Kills this process when it comes to a point for the n-th time.

    Args:
        point: Where.
        nth: At which time, from 1.
        send: Takes what the parent must know, and returns once it is on its way.
    """

    def __init__(self, point: Point, nth: int, send: Callable[[Said], None]) -> None:
        self.point = point
        self._left = nth
        self._send = send
        self._lock = threading.Lock()

    def say(self, answer: Shown | HandedOver) -> None:
        """Tell the parent what was answered, before anything else happens."""
        with self._lock:
            self._send(answer)

    def reach(self, point: Point | None, entry_ids: Iterable[str] = ()) -> None:
        """Return, or never."""
        if point is not self.point:
            return
        with self._lock:
            self._left -= 1
            if self._left > 0:
                return
            self._send(Reached(point, tuple(entry_ids)))
            os.kill(os.getpid(), signal.SIGKILL)
