"""
A draft of the rules tried on what was decided before.

The whole question is kept with each decision, so it can be put to another revision: which
answers change, between which agencies and for which purpose, from what to what. No person is
named, only counted. The old revision can be asked again as well, and must say what it said.

Work is spread over processes; each builds its engines once.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Any, Final, TypeAlias

import orjson

from gateway.authoring.outcomes import Outline, Outlook, outline
from gateway.policy.bundle import PolicyBundle, read_bundle
from gateway.services.past_decisions import PastDecision

__all__ = ["ChangedGroup", "Replay", "ReplayReport", "replay"]

_CHUNK: Final = 64
_AHEAD: Final = 4  # chunks handed out per process before one is waited for

_Question: TypeAlias = "tuple[str, bytes, bytes]"  # revision, input, decision


@dataclass(frozen=True, slots=True)
class ChangedGroup:
    """
    Decisions that change alike; whom they were about is nowhere in it.

    Attributes:
        sender: The sending agency.
        recipient: The receiving agency.
        purpose: What for.
        before: What was decided; ``None`` where the rules were silent.
        after: What the draft decides; ``None`` where it comes to no decision.
        gained: Fields that would pass now.
        lost: Fields that would not pass any more.
    """

    sender: str
    recipient: str
    purpose: str
    before: Outline | None
    after: Outline | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(slots=True)
class ReplayReport:
    """
    What came of it.

    Attributes:
        draft: Digest of the draft.
        read: Decisions that were there, erased ones too.
        erased: Of them those whose question was erased: nobody can ask it again.
        same: Decided alike by the draft.
        groups: Those that change, and how many of each.
        checked: Decided again by the revision that decided them.
        differing: Entries that their own revision decided otherwise: never to be seen.
        lost_revisions: Decisions whose own revision was not kept.
    """

    draft: str
    read: int = 0
    erased: int = 0
    same: int = 0
    groups: Counter[ChangedGroup] = field(default_factory=Counter)
    checked: int = 0
    differing: list[str] = field(default_factory=list)
    lost_revisions: int = 0

    @property
    def changed(self) -> int:
        """How many decisions the draft decides otherwise."""
        return self.groups.total()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the revisions say of one question; ``agrees`` is ``None`` where nobody was asked."""

    group: ChangedGroup | None
    agrees: bool | None


class Replay:
    """
    Decides one past question by the draft and, if wanted, by its own revision again.

    Args:
        draft: The draft.
        kept: Digest to archive of the revisions to ask again; empty asks none.
    """

    def __init__(self, draft: PolicyBundle, kept: Mapping[str, bytes]) -> None:
        self._draft = Outlook(draft)
        self._kept = kept
        self._opened: dict[str, Outlook] = {}

    def answer(self, question: _Question) -> _Answer:
        """Return what changes, and whether its own revision says the same again."""
        revision, input_json, decision_json = question
        policy_input = orjson.loads(input_json)
        stored: dict[str, Any] = orjson.loads(decision_json)
        before = outline(stored) if stored else None
        after = self._draft.outline(policy_input)
        agrees = None
        if stored and revision in self._kept:
            agrees = self._past(revision).decided(policy_input) == stored
        group = None if before == after else _group(policy_input, before, after)
        return _Answer(group, agrees)

    def _past(self, revision: str) -> Outlook:
        if revision not in self._opened:
            self._opened[revision] = Outlook(read_bundle(self._kept[revision]))
        return self._opened[revision]


def replay(
    decisions: Iterable[PastDecision],
    draft: PolicyBundle,
    *,
    kept: Mapping[str, bytes] | None = None,
    jobs: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> ReplayReport:
    """
    Try a draft on past decisions.

    Args:
        decisions: As :meth:`gateway.services.past_decisions.PastDecisions.read` yields them.
        draft: The draft.
        kept: Digest to archive of past revisions, to check that each says again what it said;
            ``None`` checks nothing.
        jobs: Processes; 0 means one for each processor, 1 means none but this one.
        progress: Told how many decisions are done.

    Raises:
        RevisionRejected: An engine cannot read the draft.
        IntegrityError: A kept decision is not what the log commits to.
    """
    report = ReplayReport(draft.revision)
    for chunk, answers in _answered(_chunks(decisions), draft, kept or {}, jobs):
        _add(report, chunk, answers, checks=kept is not None)
        progress(report.read)
    return report


def _answered(
    chunks: Iterator[list[PastDecision]],
    draft: PolicyBundle,
    kept: Mapping[str, bytes],
    jobs: int,
) -> Iterator[tuple[list[PastDecision], list[_Answer]]]:
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        alone = Replay(draft, kept)
        for chunk in chunks:
            yield chunk, [alone.answer(q) for q in _questions(chunk)]
        return
    # Spawned, so that no process inherits this one's database connections or threads.
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_prepare, initargs=(draft.archive, dict(kept))
    ) as pool:
        waiting: deque[tuple[list[PastDecision], Future[list[_Answer]]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_answers, list(_questions(chunk)))))
            if len(waiting) >= jobs * _AHEAD:
                done, answers = waiting.popleft()
                yield done, answers.result()
        for done, answers in waiting:
            yield done, answers.result()


_replay: Replay


def _prepare(draft: bytes, kept: Mapping[str, bytes]) -> None:
    """Build the engine of a worker process."""
    global _replay  # noqa: PLW0603 - a worker process has one
    _replay = Replay(read_bundle(draft), kept)


def _answers(questions: list[_Question]) -> list[_Answer]:
    return [_replay.answer(q) for q in questions]


def _chunks(decisions: Iterable[PastDecision]) -> Iterator[list[PastDecision]]:
    remaining = iter(decisions)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _questions(chunk: Iterable[PastDecision]) -> Iterator[_Question]:
    for decision in chunk:
        if (body := decision.body) is not None:
            question, said = body["policy_input"], body["policy_decision"]
            yield body["policy_revision"], orjson.dumps(question), orjson.dumps(said)


def _add(
    report: ReplayReport, chunk: list[PastDecision], answers: list[_Answer], *, checks: bool
) -> None:
    there = [d for d in chunk if d.body is not None]
    report.read += len(chunk)
    report.erased += len(chunk) - len(there)
    for decision, answer in zip(there, answers, strict=True):
        if answer.group is None:
            report.same += 1
        else:
            report.groups[answer.group] += 1
        if not checks or not (decision.body or {}).get("policy_decision"):
            continue
        report.lost_revisions += answer.agrees is None
        report.checked += answer.agrees is not None
        if answer.agrees is False:
            report.differing.append(decision.entry_id)


def _group(
    policy_input: Mapping[str, Any], before: Outline | None, after: Outline | None
) -> ChangedGroup:
    request = policy_input["request"]
    passed = set() if before is None else set(before.permitted)
    passes = set() if after is None else set(after.permitted)
    return ChangedGroup(
        sender=request["sender"]["agency"],
        recipient=request["recipient"]["agency"],
        purpose=request["purpose"],
        before=before,
        after=after,
        gained=tuple(sorted(passes - passed)),
        lost=tuple(sorted(passed - passes)),
    )
