"""
Every mutant tried, in several processes, and what came of it.

The score is the share of mutants that somebody noticed, without those that are excused. A
survivor is excused by one line of ``checks/equivalent_mutants.txt`` that names it and says why
nobody can notice it:

    path rule: operator: before => after ## why it is no mistake

An excuse for a mutant that is not made any more, or that was noticed, is out of date.
"""

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeAlias

from gateway.authoring.corpus import Corpus
from gateway.authoring.mutation import (
    RuleMutant,
    TableMutant,
    rule_mutants,
    table_mutants,
    words_of,
)
from gateway.authoring.mutation_judge import Judge, Material, Verdict, read_material
from gateway.policy.bundle import build_bundle
from gateway.policy.rejection import RevisionRejected

__all__ = ["EXCUSES", "MutationReport", "Plan", "read_excuses", "run_mutants"]

EXCUSES: Final = Path("checks/equivalent_mutants.txt")

_BETWEEN: Final = " ## "
_AT_ONCE: Final = 12

Mutant: TypeAlias = RuleMutant | TableMutant
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What is tried.

    Attributes:
        seed: Seed of samples and of the made inputs.
        rules: How many mutants of rules; all when ``None``, else a sample.
        tables: How many mutants of tables; all when ``None``, else a sample.
        only: A part of the path, or the name of a table, of what is changed.
        made: How many made inputs join the corpus.
        jobs: How many processes; the machine's when 0.
    """

    seed: int
    rules: int | None = None
    tables: int | None = None
    only: str = ""
    made: int = 600
    jobs: int = 0


@dataclass(frozen=True, slots=True)
class MutationReport:
    """
    What became of all of them.

    Attributes:
        verdicts: Of each mutant that compiled, sorted by id.
        stillborn: How many did not compile.
        excused: Ids of survivors that are excused.
        stale: Excuses that excuse nothing.
        of: How many there are of rules and of tables, tried or not.
    """

    verdicts: tuple[Verdict, ...]
    stillborn: int
    excused: tuple[str, ...]
    stale: tuple[str, ...]
    of: Mapping[str, int]

    @property
    def killed(self) -> int:
        """How many were noticed."""
        return sum(v.state == "killed" for v in self.verdicts)

    @property
    def survivors(self) -> tuple[Verdict, ...]:
        """Those that nobody noticed and nobody excused."""
        excused = set(self.excused)
        return tuple(v for v in self.verdicts if v.state == "survived" and v.mutant not in excused)

    @property
    def score(self) -> float:
        """Noticed, of those that are not excused; 0 when none was tried."""
        judged = len(self.verdicts) - sum(v.mutant in self.excused for v in self.verdicts)
        return self.killed / judged if judged else 0.0


def run_mutants(
    directory: Path, corpus: Corpus, plan: Plan, progress: Progress = lambda _done, _total: None
) -> MutationReport:
    """
    Make and try the mutants of a policies directory.

    Args:
        directory: The policies directory.
        corpus: Its cases and inputs.
        plan: What is tried.
        progress: Told how many are done, of how many.

    Raises:
        RevisionRejected: The directory does not make a revision, or an excuse has no reason.
    """
    excuses = read_excuses(directory)
    rules, tables = _mutants(directory, plan.only)
    made = {m.id for m in rules} | {m.id for m in tables}
    choose = random.Random(plan.seed)  # noqa: S311 - a sample that can be drawn again
    tried = [*_sample(rules, plan.rules, choose), *_sample(tables, plan.tables, choose)]
    rows = {m.row for m in tried if isinstance(m, TableMutant)}
    material = read_material(directory, corpus, seed=plan.seed, made=plan.made, rows=rows)
    verdicts = []
    for verdict in _tried(material, tried, plan.jobs):
        verdicts.append(verdict)
        progress(len(verdicts), len(tried))
    judged = tuple(sorted((v for v in verdicts if v.state != "stillborn"), key=lambda v: v.mutant))
    survived = {v.mutant for v in judged if v.state == "survived"}
    noticed = {v.mutant for v in judged if v.state == "killed"} - survived
    stale = [e for e in excuses if e in noticed or (not plan.only and e not in made)]
    return MutationReport(
        verdicts=judged,
        stillborn=len(verdicts) - len(judged),
        excused=tuple(sorted(survived & excuses.keys())),
        stale=tuple(sorted(stale)),
        of={"rules": len(rules), "tables": len(tables)},
    )


def read_excuses(directory: Path) -> dict[str, str]:
    """
    Return the excused mutants of a policies directory: id to why.

    Raises:
        RevisionRejected: A line names no reason, or a mutant is excused twice.
    """
    path = directory / EXCUSES
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    findings = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("# "):
            continue
        mutant, _, why = line.partition(_BETWEEN)
        if not why.strip() or mutant in found:
            findings.append(f"{EXCUSES}:{number}: expected `mutant{_BETWEEN}why`, each once")
        found[mutant.strip()] = why.strip()
    if findings:
        raise RevisionRejected(findings)
    return found


def _mutants(directory: Path, only: str) -> tuple[list[RuleMutant], list[TableMutant]]:
    bundle = build_bundle(directory)
    words = words_of(bundle.modules)
    rules = [
        mutant
        for path, source in bundle.modules.items()
        if only in path
        for mutant in rule_mutants(path, source, words)
    ]
    text = "\n".join(bundle.modules.values())
    tables = [m for m in table_mutants(bundle.data, text) if only in f"{m.table}{m.pointer}"]
    return rules, tables


def _sample(mutants: Sequence[Mutant], count: int | None, choose: random.Random) -> list[Mutant]:
    if count is None or count >= len(mutants):
        return list(mutants)
    return choose.sample(list(mutants), count)


def _tried(material: Material, mutants: Sequence[Mutant], jobs: int) -> Iterator[Verdict]:
    portions = [*_portions(mutants)]
    workers = min(jobs or os.cpu_count() or 1, max(1, len(portions)))
    if workers == 1:
        judge = Judge(material)
        for portion in portions:
            for mutant in portion:
                yield _judged(judge, mutant)
        return
    # An engine belongs to its thread; processes start fresh and make their own.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(material,)
    ) as pool:
        for done in as_completed([pool.submit(_judge_portion, p) for p in portions]):
            yield from done.result()


def _portions(mutants: Sequence[Mutant]) -> Iterator[list[Mutant]]:
    """Yield small groups, each of one file, so that the others are parsed once for a group."""
    groups: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        place = mutant.path if isinstance(mutant, RuleMutant) else f"table {mutant.row}"
        groups.setdefault(place, []).append(mutant)
    for group in groups.values():
        for start in range(0, len(group), _AT_ONCE):
            yield group[start : start + _AT_ONCE]


def _judged(judge: Judge, mutant: Mutant) -> Verdict:
    if isinstance(mutant, RuleMutant):
        return judge.try_rule(mutant)
    return judge.try_table(mutant)


class _Here:
    """The judge of this process."""

    judge: Judge


def _begin(material: Material) -> None:
    _Here.judge = Judge(material)


def _judge_portion(portion: Sequence[Mutant]) -> list[Verdict]:
    return [_judged(_Here.judge, mutant) for mutant in portion]
