"""
The whole demonstration: every town set up and played, every log checked, one tampered with.

Towns are independent of each other, so several are set up at a time; what came out is in
the order of the scenario in any case.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.demo.cast import agency_of
from gateway.demo.evidence import Attempt, CheckedLog, check_log, fetch_log, tamper
from gateway.demo.exchanges import MAIN_PACK, TOWNS
from gateway.demo.player import Part, play
from gateway.demo.script import Town
from gateway.demo.stage import Stage

__all__ = ["Progress", "Report", "demonstration", "report_json"]

# More would not be faster: each set-up starts processes of its own.
_AT_A_TIME: Final = 2


Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """
    What came out.

    Attributes:
        folder: Everything that was made.
        parts: Each recipient's part of each exchange, in the order of the scenario.
        logs: The log of each town; the main one first.
        attempts: How a copy of the main log was tampered with.
        tampered: That copy.
        seconds: How long it took.
        stages: The towns; their gateways still run while the report is in scope.
    """

    folder: Path
    parts: tuple[Part, ...]
    logs: tuple[CheckedLog, ...]
    attempts: tuple[Attempt, ...]
    tampered: Path
    seconds: float
    stages: tuple[Stage, ...]

    @property
    def main_log(self) -> CheckedLog:
        """The log of the main gateway."""
        return next(log for log in self.logs if log.pack == MAIN_PACK)

    @property
    def main_stage(self) -> Stage:
        """The town of the main gateway."""
        return next(stage for stage in self.stages if stage.town.pack == MAIN_PACK)

    @property
    def tamper_detected(self) -> bool:
        """Whether every attempt was noticed."""
        return bool(self.attempts) and all(attempt.fault for attempt in self.attempts)

    @property
    def passed(self) -> bool:
        """Whether everything came out as written and the logs verify."""
        return (
            all(part.as_written for part in self.parts)
            and all(log.verified for log in self.logs)
            and self.tamper_detected
        )


@contextmanager
def demonstration(
    folder: Path, *, progress: Progress, towns: Sequence[Town] = TOWNS
) -> Iterator[Report]:
    """
    Play everything, yield what came out, and end every gateway that was not left running.

    Args:
        folder: Where everything is put; empty, or not there yet.
        progress: Called after each step with steps done and steps in all.
        towns: What is played.

    Raises:
        GatewayDidNotStart: A gateway cannot be set up or does not answer.
        GatewayProblem: A gateway answered anything but a decision.
        GatewayUnreachable: No answer arrived.
        IntegrityError: Something was not proven.
    """
    started = time.monotonic()
    stages = tuple(Stage(town, folder / "towns" / town.pack) for town in towns)
    steps = _Steps(progress, sum(_steps(stage) for stage in stages) + 1)
    with ExitStack() as stack:
        pool = ThreadPoolExecutor(_AT_A_TIME)
        # Last to first. Where this ends early, no town goes on: its gateway ends under it, no
        # other is begun, and a gateway that was just being started ends as well.
        _close_each(stack, stages)
        stack.callback(pool.shutdown, cancel_futures=True)
        _close_each(stack, stages)
        played = [pool.submit(_played, stage, folder, steps) for stage in stages]
        results = [future.result() for future in played]
        logs = tuple(log for _, log in results)
        tampered = folder / "tampered"
        main = next(log for log in logs if log.pack == MAIN_PACK)
        attempts = tuple(tamper(main, tampered)) if main.verified else ()
        steps.tick()
        yield Report(
            folder=folder,
            parts=tuple(part for parts, _ in results for part in parts),
            logs=logs,
            attempts=attempts,
            tampered=tampered,
            seconds=time.monotonic() - started,
            stages=stages,
        )


def report_json(report: Report) -> dict[str, Any]:
    """Return what came out, as ``tasuki demo --json`` says it."""
    main = report.main_log
    return {
        "exchanges": [_part_json(part) for part in report.parts],
        "log": {**_log_json(main), "tamper_detected": report.tamper_detected},
        "logs": [_log_json(log) for log in report.logs],
        "tampering": [
            {"what": a.what_en, "path": a.path, "noticed": bool(a.fault), "fault": a.fault}
            for a in report.attempts
        ],
        "tampered_copy": str(report.tampered),
        "folder": str(report.folder),
        "seconds": round(report.seconds, 1),
        "passed": report.passed,
    }


class _Steps:
    """Counts steps that several threads make."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def tick(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _close_each(stack: ExitStack, stages: Sequence[Stage]) -> None:
    for stage in stages:
        stack.callback(stage.close)


def _steps(stage: Stage) -> int:
    return stage.steps + len(stage.town.exchanges) + 1


def _played(stage: Stage, folder: Path, steps: _Steps) -> tuple[list[Part], CheckedLog]:
    stage.set_up(steps.tick)
    parts: list[Part] = []
    for exchange in stage.town.exchanges:
        parts.extend(play(stage, exchange))
        steps.tick()
    fetched = folder / "logs" / stage.town.pack
    fetched.parent.mkdir(exist_ok=True)
    fetch_log(stage.process.origin, stage.process.vkey, fetched)
    checked = check_log(stage.town.pack, fetched, stage.process.vkey)
    steps.tick()
    return parts, checked


def _part_json(part: Part) -> dict[str, Any]:
    exchange, unit = part.exchange, part.unit
    return {
        "id": exchange.id,
        "journey": exchange.journey,
        "rows": list(exchange.rows),
        "pack": part.town.pack,
        "title_ja": exchange.title_ja,
        "title_en": exchange.title_en,
        "from": agency_of(exchange.by).id,
        "to": agency_of(part.expected.to).id,
        "purpose": exchange.purpose,
        "direction": str(exchange.direction),
        "outcome": str(unit.label),
        "basis": part.basis,
        "articles": [ground.article for ground in unit.bases],
        "fields_passed": list(unit.permitted),
        "fields_withheld": [w.id for w in unit.withheld],
        "reasons": [reason.code for reason in unit.reasons],
        "refused_because": [
            {
                "code": reason.code,
                "article": reason.article,
                "next_step_ja": reason.next_step_ja,
                "next_step_en": reason.next_step_en,
                "lawful_alternatives": list(reason.lawful_alternatives),
            }
            for reason in unit.reasons
        ],
        "asker_heard": list(part.asker_heard),
        "officer_read": [reason.code for reason in part.officer_read],
        "obligations": [duty.code for duty in unit.obligations],
        "held_by": list(unit.held_by),
        "decision_id": unit.decision_id,
        "log_index": unit.log_index,
        "opened_index": None if part.received is None else part.received.opened_index,
        "acknowledged_index": None if part.received is None else part.received.acknowledged_index,
        "as_written": part.as_written,
    }


def _log_json(log: CheckedLog) -> dict[str, Any]:
    return {
        "pack": log.pack,
        "origin": log.origin,
        "vkey": log.vkey,
        "size": log.size,
        "root": log.root,
        "files": log.files,
        "proofs": log.proofs,
        "verified": log.verified,
        "fault": log.fault,
        "folder": str(log.folder),
    }
