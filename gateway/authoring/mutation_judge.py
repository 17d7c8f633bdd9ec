"""
Whether anybody notices a mutant: tests first, then known cases, then recorded decisions.

* A mutant that does not compile is nobody's mistake: it would not load. It is not counted.
* A Rego test that fails notices it; so does a known case that comes out otherwise; so does an
  input whose decision is not the one that the unchanged rules gave. The first to notice ends
  the trial, and its kind is told, since a recorded decision is a weaker witness than a test: it
  says that something changed, not that it was wrong.
* Only tests and inputs that reach the changed rule are asked: all of its own package, and of
  the others a few for each set of the rule's lines that they reach. What one of those does not
  notice, the next will hardly; a survivor would else cost every test there is.

Parsing all rules costs more than most trials. A judge parses everything but the one file once
and clones that: about a millisecond for a mutant, and seven for its first evaluation.
"""

import functools
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
import regorus

from gateway.authoring.corpus import Corpus
from gateway.authoring.mutation import RuleMutant, TableMutant
from gateway.authoring.policy_test import test_data, tests_in
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import ENTRYPOINT, PolicyBundle, build_bundle, sources_of
from gateway.policy.cases import KnownCase, changed
from gateway.policy.interpreter import engine_for, guarded
from gateway.policy.tables import index_of

__all__ = ["Judge", "Material", "Question", "Trial", "Verdict", "read_material"]

_DERIVED: Final = ("index", "meta")
# They exchange one word, number or sign for another, so that no name loses what binds it.
_ALWAYS_COMPILES: Final = {"narrow_set", "shift_border", "swap_constant"}

# Tests and inputs of other packages that reach the same lines: so many are asked.
_ALIKE: Final = 12
# Of the inputs that hold a changed word of a table without being its row's own, about so many.
_FAR: Final = 80

SILENT: Final = "silent"


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One Rego test.

    Attributes:
        path: Its file.
        query: The rule that must be true.
        reach: Path to the lines it evaluates, as bits of a number.
    """

    path: str
    query: str
    reach: Mapping[str, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """
    One input with the decision of the unchanged rules.

    Attributes:
        name: What it is called.
        text: The input as JSON.
        decision: What the unchanged rules said, as the engine wrote it.
        reach: As of a test.
    """

    name: str
    text: str = field(repr=False)
    decision: str = field(repr=False)
    reach: Mapping[str, int] = field(repr=False)


_Reaching = TypeVar("_Reaching", Trial, Question)


@dataclass(frozen=True, slots=True)
class Material:
    """
    What judges need, without an engine, so that it can go to another process.

    Attributes:
        sources: Every Rego file, tests too.
        serving: The files that make the revision.
        data: The revision's data document.
        inputs: The inputs of the known cases, as tests read them.
        trials: Every Rego test.
        cases: Every known case.
        questions: Every input of the corpus.
        variants: Rule to changes of its cases, each of one member to another value of a
            closed set: number of the case, JSON Pointer, value.
    """

    sources: Mapping[str, str]
    serving: frozenset[str]
    data: Mapping[str, Any]
    inputs: Mapping[str, Any]
    trials: tuple[Trial, ...]
    cases: tuple[KnownCase, ...]
    questions: tuple[Question, ...]
    variants: Mapping[str, tuple[tuple[int, str, Any], ...]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What became of a mutant.

    Attributes:
        mutant: Its id.
        operator: Its operator.
        state: ``killed``, ``survived`` or ``stillborn``.
        by: ``tests``, ``cases`` or ``corpus`` when killed.
        witness: The first to notice.
        silent: Whether it was noticed by an engine that says nothing any more.
    """

    mutant: str
    operator: str
    state: str
    by: str = ""
    witness: str = ""
    silent: bool = False


def read_material(
    directory: Path, corpus: Corpus, *, seed: int, made: int, rows: Collection[str]
) -> Material:
    """
    Run every test and input once on the unchanged rules and record what they reach.

    Args:
        directory: The policies directory.
        corpus: Its cases and inputs.
        seed: Seed of the made inputs.
        made: How many of those.
        rows: Rows of tables that will be changed: their cases are varied.

    Raises:
        RevisionRejected: The directory does not make a revision.
    """
    bundle, sources = build_bundle(directory), sources_of(directory)
    data = test_data(directory)
    inputs = {**corpus.named, **dict(corpus.made(seed=seed, count=made))}
    variants: dict[str, list[tuple[int, str, Any]]] = {}
    for number, case in enumerate(corpus.cases):
        if case.rule not in rows:
            continue
        changes = ((number, pointer, value) for pointer, value in corpus.enumerated(case))
        variants.setdefault(case.rule, []).extend(changes)
    return Material(
        sources=sources,
        serving=frozenset(bundle.modules),
        data=bundle.data,
        inputs=data["checks"],
        trials=tuple(_trials(sources, json.dumps(data, ensure_ascii=False))),
        cases=corpus.cases,
        questions=tuple(_questions(bundle, inputs)),
        variants={rule: tuple(changes) for rule, changes in variants.items()},
    )


class Judge:
    """Tries mutants, in the process and thread that made it."""

    def __init__(self, material: Material) -> None:
        self._all = material
        self._serving = {p: s for p, s in material.sources.items() if p in material.serving}
        self._data_json = _text(material.data)
        self._without: dict[bool, tuple[str, Any]] = {}
        self._rules: tuple[Any, Any] | None = None
        self._unchanged: Any = None
        self._recorded: dict[str, tuple[Question, ...]] = {}
        self._cases = {c.id: c for c in material.cases}

    def try_rule(self, mutant: RuleMutant) -> Verdict:
        """Try one change to a rule."""
        try:
            deciding = self._changed(mutant, tests=False)
        except RuntimeError:
            return Verdict(mutant.id, mutant.operator, "stillborn")
        # Most are noticed by a decision, and never need the engine that holds the tests.
        testing = functools.cache(lambda: self._changed(mutant, tests=True))
        room = mutant.path.rsplit("/", 1)[0] + "/"
        name = room.removesuffix("/").replace("/", ".")
        own, other = _chosen(self._all.trials, mutant, lambda t: t.path.startswith(room))
        asked, more = _chosen(
            self._all.questions,
            mutant,
            lambda q: q.name in self._cases or q.name.startswith(name),
        )
        verdict = self._verdict(mutant, testing, deciding, (own, other), (asked, more))
        # What does not compile is silent too, and compiling costs more than asking.
        if (verdict.witness and not verdict.silent) or mutant.operator in _ALWAYS_COMPILES:
            return verdict
        compiles = self._compiles({**self._serving, mutant.path: mutant.source})
        return verdict if compiles else Verdict(mutant.id, mutant.operator, "stillborn")

    def try_table(self, mutant: TableMutant) -> Verdict:
        """
        Try one change to a table.

        Only inputs that hold the word in question, or are decided by the row, are asked.
        """
        tables = {k: v for k, v in self._all.data.items() if k not in _DERIVED}
        tables = mutant.applied(tables)
        data = {**tables, "index": index_of(tables), "meta": self._all.data["meta"]}
        if self._rules is None:
            self._rules = (engine_for(self._all.sources, "{}"), engine_for(self._serving, "{}"))
        tests, rules = self._rules
        deciding = rules.clone()
        deciding.add_data_json(_text(data))

        @functools.cache
        def testing() -> Any:
            engine = tests.clone()
            engine.add_data_json(_text({**data, "checks": self._all.inputs}))
            return engine

        room = f"/{mutant.row}/"
        trials = [t for t in self._all.trials if room in t.path]
        words = [*_words_between(mutant.before, mutant.after), f'"{mutant.row}"']

        def holds(question: Question) -> bool:
            return any(w in question.text or w in question.decision for w in words)

        near = filter(holds, self._variants(mutant.row))
        own, far = _parted(filter(holds, self._all.questions), lambda q: q.name in self._cases)
        return self._verdict(
            mutant, testing, deciding, (trials, ()), ([*near, *own], far[:: len(far) // _FAR + 1])
        )

    def _verdict(
        self,
        mutant: RuleMutant | TableMutant,
        testing: Callable[[], Any],
        deciding: Any,
        trials: tuple[Sequence[Trial], Sequence[Trial]],
        questions: tuple[Sequence[Question], Sequence[Question]],
    ) -> Verdict:
        for by, witness, silent in self._noticed(testing, deciding, trials, questions):
            return Verdict(mutant.id, mutant.operator, "killed", by, witness, silent=silent)
        return Verdict(mutant.id, mutant.operator, "survived")

    def _noticed(
        self,
        testing: Callable[[], Any],
        deciding: Any,
        trials: tuple[Sequence[Trial], Sequence[Trial]],
        questions: tuple[Sequence[Question], Sequence[Question]],
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield who notices and whether by silence; a decision costs a fifth of a test."""
        for near, own in zip(questions, trials, strict=True):
            for question in near:
                said = _decided(deciding, question.text)
                case = self._cases.get(question.name)
                if case is not None and (said == SILENT or _differs(case, orjson.loads(said))):
                    yield "cases", case.id, said == SILENT
                if said != question.decision:
                    yield "corpus", question.name, said == SILENT
            for trial in own:
                said = _said(testing(), trial.query)
                if said != "true":
                    yield "tests", trial.query, said == SILENT

    def _variants(self, rule: str) -> tuple[Question, ...]:
        if rule not in self._recorded:
            if self._unchanged is None:
                self._unchanged = engine_for(self._serving, self._data_json)
            self._recorded[rule] = tuple(
                self._variant(*v) for v in self._all.variants.get(rule, ())
            )
        return self._recorded[rule]

    def _variant(self, number: int, pointer: str, value: Any) -> Question:
        case = self._all.cases[number]
        text = _text(changed(case.policy_input, {pointer: value}))
        return Question(f"{case.id} {pointer} {value}", text, _decided(self._unchanged, text), {})

    def _changed(self, mutant: RuleMutant, *, tests: bool) -> Any:
        """Return an engine with the mutant's rule, with or without the tests."""
        path, engine = self._without.get(tests, ("", None))
        if path != mutant.path:
            sources = self._all.sources if tests else self._serving
            data = {**self._all.data, "checks": self._all.inputs} if tests else self._all.data
            others = {p: s for p, s in sources.items() if p != mutant.path}
            engine = engine_for(others, _text(data))
            self._without[tests] = (mutant.path, engine)
        return _with(engine, mutant.path, mutant.source)

    @staticmethod
    def _compiles(modules: Mapping[str, str]) -> bool:
        try:
            with guarded():
                regorus.Program.compile_from_modules("{}", list(modules.items()), [ENTRYPOINT])
        except PolicyUnavailable:
            return False
        return True


def _trials(sources: Mapping[str, str], data_json: str) -> Iterator[Trial]:
    engine = engine_for(sources, data_json)
    engine.set_enable_coverage(True)
    for path, package, name in tests_in(sources):
        engine.clear_coverage_data()
        query = f"data.{package}.{name}"
        if _said(engine, query) == "true":
            yield Trial(path, query, _reach(engine))


def _questions(bundle: PolicyBundle, inputs: Mapping[str, Any]) -> Iterator[Question]:
    engine = engine_for(bundle.modules, bundle.data_json)
    engine.set_enable_coverage(True)
    for name, question in inputs.items():
        engine.clear_coverage_data()
        text = _text(question)
        yield Question(name, text, _decided(engine, text), _reach(engine))


def _reach(engine: Any) -> dict[str, int]:
    files = orjson.loads(engine.get_coverage_report_as_json())["files"]
    return {f["path"]: _bits(f["covered"]) for f in files if f["covered"]}


def _bits(lines: Iterable[int]) -> int:
    total = 0
    for line in lines:
        total |= 1 << line
    return total


def _mask(lines: tuple[int, int]) -> int:
    first, last = lines
    return (1 << (last + 1)) - (1 << first)


def _chosen(
    candidates: Sequence[_Reaching], mutant: RuleMutant, is_own: Callable[[_Reaching], bool]
) -> tuple[list[_Reaching], list[_Reaching]]:
    """Return those that reach a mutant's rule: all of its own, a few alike of the others."""
    mask = _mask(mutant.lines)
    own, other = [], []
    alike: Counter[int] = Counter()
    for candidate in candidates:
        reached = candidate.reach.get(mutant.path, 0) & mask
        if not reached:
            continue
        if is_own(candidate):
            own.append(candidate)
        elif alike[reached] < _ALIKE:
            alike[reached] += 1
            other.append(candidate)
    return own, other


def _parted(
    questions: Iterable[Question], is_own: Callable[[Question], bool]
) -> tuple[list[Question], list[Question]]:
    parts: tuple[list[Question], list[Question]] = ([], [])
    for question in questions:
        parts[not is_own(question)].append(question)
    return parts


def _with(engine: Any, path: str, source: str) -> Any:
    clone = engine.clone()
    clone.add_policy(path, source)
    return clone


def _said(engine: Any, query: str) -> str:
    try:
        with guarded():
            return str(engine.eval_rule_as_json(query))
    except PolicyUnavailable:
        return SILENT


def _decided(engine: Any, text: str) -> str:
    try:
        with guarded():
            engine.set_input_json(text)
            said = str(engine.eval_rule_as_json(ENTRYPOINT))
    except PolicyUnavailable:
        return SILENT
    return SILENT if said == '"<undefined>"' else said


def _differs(case: KnownCase, decision: Any) -> bool:
    try:
        return case.differs(decision)
    except (KeyError, TypeError):
        # A mutant may have lost a member that every decision has.
        return True


def _words_between(before: str, after: str) -> list[str]:
    one, other = json.loads(before), json.loads(after)
    if not isinstance(one, list):
        return []
    return [f'"{word}"' for word in set(one) ^ set(other)]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
