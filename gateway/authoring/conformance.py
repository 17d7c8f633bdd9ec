"""
One policy, every engine, one answer.

The questions are the known cases, every input that a Rego test names, and inputs made from
them (:mod:`gateway.authoring.corpus`). The same seed gives the same inputs. An engine that is
not there is named as missing; nothing is left out unsaid.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from gateway.authoring.corpus import Corpus
from gateway.authoring.opa_server import opa_serving
from gateway.authoring.regopy_engine import regopy_asking
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import ENTRYPOINT, PolicyBundle, build_bundle
from gateway.policy.compiled import CompiledPolicy, TooLong
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from gateway.policy.interpreter import InterpretedPolicy
from gateway.policy.opa import OPAPolicy

__all__ = [
    "ENGINES",
    "Conformance",
    "Difference",
    "Engine",
    "Histogram",
    "check_conformance",
    "compare",
    "expected_ids",
    "histogram_of",
    "rules_below",
]

Engine: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Any]]
Progress: TypeAlias = Callable[[int, int], None]

# The first is the one that decides; the others are compared with it.
ENGINES: Final = ("interpreter", "compiled", "regopy", "opa")
SILENT: Final = "silent"

_UNFINISHED: Final = "unfinished"
_OPA_TIMEOUT_S: Final = 10.0
# The gateway says these itself; others wait for the rules that will say them.
_BY_RULES: Final = "rule"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two engines that answered one input otherwise; ``members`` name where."""

    question: str
    engines: tuple[str, str]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """
    What the decisions came to.

    Attributes:
        outcomes: Outcome to how often; an engine's silence counts as ``silent``.
        bases: Basis to how often it carried a permit.
        stops: Stop to how often it fired.
        reasons: Reason code to how often it was given.
        obligations: Duty to how often it came with a permit.
        missing: Kind to the ids that never occurred.
    """

    outcomes: Mapping[str, int]
    bases: Mapping[str, int]
    stops: Mapping[str, int]
    reasons: Mapping[str, int]
    obligations: Mapping[str, int]
    missing: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Conformance:
    """
    What the comparison found.

    Attributes:
        engines: Those that were asked, the deciding one first.
        missing: Engine to why it was not asked.
        inputs: How many inputs each of them was asked.
        differences: Where one differs from the first.
        unfinished: How many answers an engine gave up at its fixed limit.
        histogram: What the first engine decided.
    """

    engines: tuple[str, ...]
    missing: Mapping[str, str]
    inputs: int
    differences: tuple[Difference, ...]
    unfinished: int
    histogram: Histogram


def check_conformance(
    directory: Path,
    contract: PolicyContract,
    corpus: Corpus,
    *,
    seed: int,
    count: int,
    opa: Path | None,
    progress: Progress = lambda _done, _total: None,
) -> Conformance:
    """
    Put so many inputs to every engine that is here.

    Args:
        directory: The policies directory.
        contract: The schemas of question and answer.
        corpus: The directory's cases and inputs.
        seed: Seed of the made inputs.
        count: How many inputs. All named ones are among them where there is room, else half
            of the inputs are drawn from those.
        opa: The OPA program.
        progress: Told how many inputs are done, of how many.

    Raises:
        RevisionRejected: The directory does not make a revision.
        PolicyUnavailable: The engine that decides does not load the rules.
    """
    bundle = build_bundle(directory)
    decide = EmbeddedPolicy(bundle, contract)

    def outcome(question: Mapping[str, Any]) -> str:
        try:
            return decide.decide_now(question).decision["outcome"]  # type: ignore[return-value]
        except PolicyUnavailable:
            return SILENT

    named = dict(corpus.named)
    if len(named) > count:
        choose = random.Random(seed)  # noqa: S311 - a sample that can be drawn again
        named = dict(choose.sample(list(named.items()), count // 2))
    made = corpus.made(seed=seed, count=count - len(named), outcome=outcome)
    questions = {**named, **dict(made)}

    async def run() -> Conformance:
        async with _engines(bundle, contract, opa) as (engines, missing):
            told = _Told(progress, len(questions))
            differences = await compare(questions, engines, told)
            return Conformance(
                engines=tuple(engines),
                missing=missing,
                inputs=len(questions),
                differences=tuple(differences),
                unfinished=told.unfinished,
                histogram=histogram_of(bundle, told.first),
            )

    return asyncio.run(run())


class _Told:
    """Remembers what the first engine said, and how far the comparison is."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.first: list[Any] = []
        self.unfinished = 0
        self._progress = progress
        self._total = total

    def hear(self, first: Any, unfinished: int) -> None:
        """Take in one input's answers."""
        self.first.append(first)
        self.unfinished += unfinished
        self._progress(len(self.first), self._total)


async def compare(
    questions: Mapping[str, Mapping[str, Any]],
    engines: Mapping[str, Engine],
    told: _Told | None = None,
) -> list[Difference]:
    """
    Put every question to every engine and return where one differs from the first.

    A silent engine (``PolicyUnavailable``) answers ``silent``, which must be the same too.
    What one evaluator cannot finish within its fixed limit is not compared.
    """
    (first, ask_first), *others = engines.items()
    found = []
    for name, question in questions.items():
        expected = await _said(ask_first, question)
        unfinished = 0
        for engine, ask in others:
            said = await _said(ask, question)
            unfinished += said == _UNFINISHED
            if said not in (expected, _UNFINISHED):
                found.append(Difference(name, (first, engine), _members(expected, said)))
        if told is not None:
            told.hear(expected, unfinished)
    return found


def histogram_of(bundle: PolicyBundle, decisions: Iterable[Any]) -> Histogram:
    """
    Count what decisions came to, and what of the law never occurred in them.

    Args:
        bundle: The revision that decided.
        decisions: Decisions as the schema says, or ``silent``.
    """
    outcomes: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {
        kind: Counter() for kind in ("bases", "stops", "reasons", "obligations")
    }
    for decision in decisions:
        if decision == SILENT:
            outcomes[SILENT] += 1
            continue
        outcomes[decision["outcome"]] += 1
        seen["bases"].update({g["basis"] for g in decision["grounds"]})
        seen["stops"].update({s["stop"] for s in decision["stops"]})
        seen["reasons"].update({r["code"] for r in decision["reasons"]})
        seen["reasons"].update({c for w in decision["fields_withheld"] for c in w["codes"]})
        seen["obligations"].update({o["code"] for o in decision["obligations"]})
    missing = {k: tuple(i for i in v if i not in seen[k]) for k, v in expected_ids(bundle).items()}
    return Histogram(
        outcomes=dict(outcomes),
        missing={kind: ids for kind, ids in missing.items() if ids},
        **{kind: dict(sorted(counts.items())) for kind, counts in seen.items()},
    )


def expected_ids(bundle: PolicyBundle) -> dict[str, tuple[str, ...]]:
    """
    Return what of a revision has to occur: by kind, sorted.

    Bases that never give a ground, or that no pack enables, are looked for among the reasons,
    not here; reasons that the gateway gives, or that nothing gives yet, are not the rules'.
    """
    data = bundle.data
    enabled = {basis for pack in data["packs"].values() for basis in pack["bases"]}
    texts = data["reasons"]["texts"]
    return {
        "bases": tuple(
            sorted(
                basis
                for basis, row in data["basis"].items()
                if basis in enabled and not row.get("never", False)
            )
        ),
        "stops": rules_below(bundle, "disclosure/stop/"),
        "reasons": tuple(
            code
            for code in sorted(data["meta"]["reasons"])
            if texts.get(code, {}).get("emitted_by", _BY_RULES) == _BY_RULES
        ),
        "obligations": tuple(sorted(data["obligations"]["duties"])),
    }


def rules_below(bundle: PolicyBundle, prefix: str) -> tuple[str, ...]:
    """Return the ids of the rules in one room of the policies, sorted."""
    return tuple(sorted({p.split("/")[2] for p in bundle.modules if p.startswith(prefix)}))


@contextlib.asynccontextmanager
async def _engines(
    bundle: PolicyBundle, contract: PolicyContract, opa: Path | None
) -> AsyncIterator[tuple[dict[str, Engine], dict[str, str]]]:
    """Yield what asks each engine that is here, and why the others are not."""
    interpreter = InterpretedPolicy(bundle.modules, bundle.data_json)
    compiled = CompiledPolicy(bundle.modules, bundle.data_json)
    engines: dict[str, Engine] = {
        "interpreter": _checked(interpreter, contract),
        "compiled": _plain(compiled.said),
    }
    missing: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        try:
            path = ENTRYPOINT.removeprefix("data.")
            ask = stack.enter_context(regopy_asking(bundle, path))
            engines["regopy"] = _plain(lambda question: ask(path, question))
        except PolicyUnavailable as error:
            missing["regopy"] = str(error)
        if opa is None:
            missing["opa"] = "no OPA binary: run `make tools`"
        else:
            port = stack.enter_context(opa_serving(opa, bundle.archive))
            server = OPAPolicy(
                contract, revision=bundle.revision, port=port, timeout_s=_OPA_TIMEOUT_S
            )
            engines["opa"] = _adapter(await stack.enter_async_context(server))
        yield engines, missing


def _checked(policy: InterpretedPolicy, contract: PolicyContract) -> Engine:
    async def ask(question: Mapping[str, Any]) -> Any:
        contract.check_question(question)
        return contract.read_answer(policy.said(question), revision="", engine="").decision

    return ask


def _plain(said: Callable[[Mapping[str, Any]], Any]) -> Engine:
    async def ask(question: Mapping[str, Any]) -> Any:
        return said(question)

    return ask


def _adapter(policy: OPAPolicy) -> Engine:
    async def ask(question: Mapping[str, Any]) -> Any:
        return (await policy.decide(question)).decision

    return ask


async def _said(ask: Engine, question: Mapping[str, Any]) -> Any:
    try:
        return await ask(question)
    except TooLong:
        return _UNFINISHED
    except PolicyUnavailable:
        return SILENT


def _members(one: Any, other: Any) -> tuple[str, ...]:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ("",)
    return tuple(sorted(m for m in {*one, *other} if one.get(m) != other.get(m)))
