"""
One policy, every engine, one answer.

The questions are the known cases, every input that a Rego test names, and inputs generated
from them by small changes. A generated input is always one that the gateway could send: it
keeps to ``schemas/policy-input.json``. The same seed gives the same inputs.
"""

import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from gateway.authoring.policy_test import test_inputs
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.cases import changed, read_cases
from gateway.policy.compiled import TooLong
from gateway.policy.contract import PolicyContract

__all__ = ["Difference", "compare", "generated_inputs", "named_inputs"]

Engine: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Any]]

SILENT = "silent"
_UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two engines that answered one input otherwise; ``members`` name where."""

    question: str
    engines: tuple[str, str]
    members: tuple[str, ...]


def named_inputs(directory: Path, contract: PolicyContract) -> dict[str, Any]:
    """Return every known case and every Rego test's input that keeps to the schema."""
    inputs = {c.id: c.policy_input for c in read_cases(directory)} | test_inputs(directory)
    return {name: i for name, i in inputs.items() if contract.question.is_valid(i)}


def generated_inputs(
    directory: Path, contract: PolicyContract, *, seed: int, count: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Generate inputs by one to four changes to a named one.

    Args:
        directory: The policies directory.
        contract: The schema that every input keeps to.
        seed: The same seed gives the same inputs.
        count: How many.

    Yields:
        A name that says seed and number, and the input.
    """
    choose = random.Random(seed)  # noqa: S311 - reproducible test inputs, not a secret
    bases = list(named_inputs(directory, contract).values())
    made = 0
    while made < count:
        question = choose.choice(bases)
        for _ in range(choose.randint(1, 4)):
            question = _changed_somewhere(question, choose)
        if contract.question.is_valid(question):
            made += 1
            yield f"seed {seed}, number {made}", question


async def compare(
    questions: Mapping[str, Mapping[str, Any]], engines: Mapping[str, Engine]
) -> Sequence[Difference]:
    """
    Put every question to every engine and return where one differs from the first.

    A silent engine (``PolicyUnavailable``) answers ``silent``, which must be the same too.
    What one evaluator cannot finish within its fixed limit is not compared.
    """
    (first, ask_first), *others = engines.items()
    found = []
    for name, question in questions.items():
        expected = await _said(ask_first, question)
        for engine, ask in others:
            said = await _said(ask, question)
            if said not in (expected, _UNFINISHED):
                found.append(Difference(name, (first, engine), _members(expected, said)))
    return found


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


def _changed_somewhere(question: Mapping[str, Any], choose: random.Random) -> dict[str, Any]:
    pointer, value = choose.choice(list(_leaves(question, "")))
    return changed(question, {pointer: _another(pointer, value, choose)})


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{pointer}/{key}")
        return
    if isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _leaves(inner, f"{pointer}/{position}")
    yield pointer, value


def _another(pointer: str, value: Any, choose: random.Random) -> Any:
    if isinstance(value, list):
        kept = [v for v in value if choose.random() < 0.5]  # noqa: PLR2004 - a coin
        return choose.choice([[], kept, list(reversed(value))])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return choose.choice([0, max(0, value - 1), value + 1, value + 86_400_000])
    if value is None:
        return choose.choice([None, 1_776_214_800_000, 1_776_214_800_001, 1])
    return choose.choice(_WORDS.get(pointer.rsplit("/", 1)[-1], (value, "", "other")))


_WORDS: Mapping[str, tuple[str, ...]] = {
    "actor": ("", "actor-city", "actor-shakyo", "actor-hidamari", "actor-other"),
    "agency": ("aoba-city", "aoba-shakyo", "npo-hidamari", "agency-other"),
    "basis": (
        "",
        "consent_private",
        "consent_public",
        "shien_kaigi_swa",
        "vital_interest_private",
        "public_special_reason",
        "minsei_iin",
        "entrustment",
        "good_will",
    ),
    "capacity": ("self", "family_no_authority", "guardian_parent", "self_minor_capable"),
    "direction": ("push", "pull", "oral", "paper", "telephone"),
    "kind": ("municipality", "npo", "shakyo", "chiku_shakyo", "minsei", "own_business"),
    "method": ("paper", "imported_blanket"),
    "my_number": ("clear", "found", "missing"),
    "nature": ("individual", "anonymous", "policy"),
    "pack": ("default", "tottori_city", "uwajima", "tsukumi", "nowhere"),
    "profile": ("", "referral_basic", "conf_full", "conf_watcher", "food_delivery", "nothing"),
    "purpose": ("refer", "conf", "serve", "watch", "emerg", "match", "tax_collection"),
    "regime": ("public", "private"),
    "relation": ("main", "household", "reporter", "third_party", "alleged_perpetrator"),
    "share_ready_by": ("", "actor-hidamari"),
    "status": ("active", "suspended"),
}
