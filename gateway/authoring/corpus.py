"""
Questions to put to rules: known cases, the Rego tests' inputs, and what is made from them.

A made input is always one that the gateway could send: it keeps to
``schemas/policy-input.json``. It starts from a named one and changes it as life does: parties
change places, a list gains what another case holds, a time shifts to a border, a member takes
another value that the schema, a table or another case knows. Nothing here names a rule, a list
or a value: everything is read from the policies and the schema, so that a new rule is asked
about from the day it has a case.

The same seed, rules and cases give the same inputs.
"""

import copy
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from gateway.authoring.policy_test import test_inputs
from gateway.policy.bundle import build_bundle
from gateway.policy.cases import KnownCase, changed, read_cases
from gateway.policy.contract import PolicyContract

__all__ = ["Corpus", "Vocabulary", "leaves", "read_corpus"]

Input: TypeAlias = Mapping[str, Any]

_DAY_MS = 86_400_000
_MOST_TRIES = 60
# Of made inputs no outcome may be more than this, so that permits and denials both abound.
_LARGEST_SHARE = 0.6
# Members that name a row of a table.
_TABLE_OF = {
    "/request/purpose": "purposes",
    "/request/basis": "basis",
    "/request/profile": "profiles",
    "/request/fields/*/id": "records",
    "/registered/tenant/pack": "packs",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """
    Which values a member may take, by its place.

    Attributes:
        values: Pointer, positions written ``*``, to values: the schema's enumerations, the
            ids of a table, and what any named input holds there.
        items: Pointer of a list to the members that any named input's list holds.
    """

    values: Mapping[str, tuple[Any, ...]]
    items: Mapping[str, tuple[Any, ...]]


class Corpus:
    """
    Named inputs, and as many made ones as are wanted.

    Attributes:
        cases: The known cases.
        named: Name to input: every known case, and every Rego test's input that keeps to the
            schema.
        vocabulary: What their members may take.
    """

    def __init__(
        self,
        cases: Sequence[KnownCase],
        named: Mapping[str, Input],
        vocabulary: Vocabulary,
        contract: PolicyContract,
    ) -> None:
        """Take what :func:`read_corpus` has read."""
        self.cases = tuple(cases)
        self.named = dict(named)
        self.vocabulary = vocabulary
        self._contract = contract
        self._donors = tuple(self.named.values())

    def only(self, named: Mapping[str, Input]) -> "Corpus":
        """Return a corpus of these inputs alone, in the same words."""
        return Corpus(self.cases, named, self.vocabulary, self._contract)

    def made(
        self, *, seed: int, count: int, outcome: Callable[[Input], str] | None = None
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """
        Make inputs by one to four changes to named ones, each of which has its turn.

        Args:
            seed: The same seed gives the same inputs.
            count: How many.
            outcome: Says how an input is decided; when given, no outcome is more than six
                tenths of what is made.

        Yields:
            A name that says seed and number, and the input.
        """
        choose = random.Random(seed)  # noqa: S311 - reproducible test inputs, not a secret
        seen: dict[str, int] = {}
        starts = list(self.named.values())
        done = tries = 0
        while done < count:
            question = self.varied(starts[tries % len(starts)], choose, choose.randint(1, 4))
            tries += 1
            if outcome is not None:
                said = outcome(question)
                # Where the rules can only refuse, balance is not to be had.
                crowded = seen.get(said, 0) >= _LARGEST_SHARE * count
                if crowded and tries < _MOST_TRIES * count:
                    continue
                seen[said] = seen.get(said, 0) + 1
            done += 1
            yield f"seed {seed}, number {done}", question

    def varied(self, start: Input, choose: random.Random, changes: int) -> dict[str, Any]:
        """Return an input with some changes; those that break the schema are not made."""
        question = copy.deepcopy(dict(start))
        for _ in range(changes):
            for _ in range(_MOST_TRIES):
                other = choose.choice(_CHANGES)(self, question, choose)
                if other != question and self._may_come(other):
                    question = other
                    break
        return question

    def enumerated(self, case: KnownCase) -> Iterator[tuple[str, Any]]:
        """
        Find every change of one member of a case to another value of a closed set.

        Yields:
            The member's JSON Pointer and the value.
        """
        for pointer, value in leaves(case.policy_input):
            for other in self.vocabulary.values.get(_shape(pointer), ()):
                if other == value or isinstance(other, int):
                    continue
                if self._may_come(changed(case.policy_input, {pointer: other})):
                    yield pointer, other

    def _may_come(self, question: Input) -> bool:
        """Whether the gateway could send it: as the schema says, each registered id once."""
        if not self._contract.question.is_valid(question):
            return False
        for rows in question["registered"].values():
            ids = [r["id"] for r in rows if "id" in r] if isinstance(rows, list) else []
            if len(ids) != len(set(ids)):
                return False
        return True

    # One change each. They may break the schema; the caller asks.

    def _member(self, question: Input, choose: random.Random) -> dict[str, Any]:
        pointer, value = choose.choice(list(leaves(question)))
        return changed(question, {pointer: self._another(pointer, value, choose)})

    def _another(self, pointer: str, value: Any, choose: random.Random) -> Any:
        if isinstance(value, list):
            kept = [v for v in value if choose.randint(0, 1)]
            return choose.choice([[], kept, list(reversed(value))])
        if isinstance(value, bool):
            return not value
        known = self.vocabulary.values.get(_shape(pointer), ())
        if isinstance(value, int) or (value is None and all(isinstance(v, int) for v in known)):
            near = [] if value is None else [value - 1, value + 1, value + _DAY_MS, value - _DAY_MS]
            return choose.choice([*near, *known, None, 0])
        return choose.choice([*known, "", "other"])

    def _gain(self, question: Input, choose: random.Random) -> dict[str, Any]:
        """Put into a list what another input holds there."""
        pointer, held = choose.choice(_lists(question))
        known = self.vocabulary.items.get(_shape(pointer), ())
        if not known:
            return dict(question)
        return changed(question, {pointer: [*held, choose.choice(known)]})

    def _lose(self, question: Input, choose: random.Random) -> dict[str, Any]:
        """Take one item out of a list."""
        full = [(p, held) for p, held in _lists(question) if held]
        pointer, held = choose.choice(full)
        gone = choose.randrange(len(held))
        return changed(question, {pointer: [*held[:gone], *held[gone + 1 :]]})

    def _take(self, question: Input, choose: random.Random) -> dict[str, Any]:
        """Take one part as another input has it."""
        donor = choose.choice(self._donors)
        return changed(question, {p: _at(donor, p) for p in choose.choice(_PARTS)})

    def _cross(self, question: Input, choose: random.Random) -> dict[str, Any]:
        """Have everything registered that another input has registered too."""
        donor = choose.choice(self._donors)["registered"]
        lists = {n: v for n, v in question["registered"].items() if isinstance(v, list)}
        gained = {}
        for name, held in lists.items():
            ids = {row.get("id") for row in held}
            more = [row for row in donor.get(name, ()) if row.get("id") not in ids]
            gained[f"/registered/{name}"] = [*held, *more]
        return changed(question, gained)

    def _turn(self, question: Input, choose: random.Random) -> dict[str, Any]:  # noqa: ARG002 - one shape for all changes
        """Let sender and recipient change places."""
        sender, recipient = question["request"]["sender"], question["request"]["recipient"]
        if not recipient["actor"]:
            return dict(question)
        registered = question["registered"]
        return changed(
            question,
            {
                "/request/sender": {**sender, **recipient},
                "/request/recipient": {"agency": sender["agency"], "actor": sender["actor"]},
                "/registered/sender": registered["recipient"],
                "/registered/recipient": registered["sender"],
            },
        )


_CHANGES: Sequence[Callable[[Corpus, Input, random.Random], dict[str, Any]]] = (
    Corpus._member,  # noqa: SLF001 - the class's own, listed once
    Corpus._member,  # noqa: SLF001 - twice: it is what finds borders
    Corpus._gain,  # noqa: SLF001
    Corpus._lose,  # noqa: SLF001
    Corpus._take,  # noqa: SLF001
    Corpus._cross,  # noqa: SLF001
    Corpus._turn,  # noqa: SLF001
)
# Members that make sense together.
_PARTS: tuple[tuple[str, ...], ...] = (
    ("/request/sender", "/registered/sender"),
    ("/request/recipient", "/registered/recipient"),
    ("/request/purpose", "/request/profile"),
    ("/request/fields", "/request/profile", "/request/purpose"),
    ("/request/refs",),
    ("/request/basis",),
    ("/registered/subjects", "/request/subject"),
    ("/registered/tenant",),
    ("/asserted",),
    ("/computed",),
)


def read_corpus(directory: Path, contract: PolicyContract, schema: Mapping[str, Any]) -> Corpus:
    """
    Read the cases and test inputs of a policies directory.

    Args:
        directory: The policies directory.
        contract: The schema that every input keeps to.
        schema: The same schema, as JSON, for its enumerations.

    Raises:
        RevisionRejected: The directory does not make a revision.
        PolicyUnavailable: A test package's inputs cannot be evaluated.
    """
    cases = read_cases(directory)
    given = {c.id: c.policy_input for c in cases} | test_inputs(directory)
    named = {name: i for name, i in given.items() if contract.question.is_valid(i)}
    vocabulary = _vocabulary(schema, build_bundle(directory).data, tuple(named.values()))
    return Corpus(cases, named, vocabulary, contract)


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every member that holds a plain value or a list, with its JSON Pointer."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, f"{pointer}/{key}")
        return
    if isinstance(value, list):
        for position, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{position}")
    yield pointer, value


def _vocabulary(
    schema: Mapping[str, Any], data: Mapping[str, Any], named: Sequence[Input]
) -> Vocabulary:
    values: dict[str, dict[Any, None]] = {}
    items: dict[str, list[Any]] = {}
    for shape, enumerated in _enumerations(schema, schema, ""):
        values.setdefault(shape, {}).update(dict.fromkeys(enumerated))
    for shape, table in _TABLE_OF.items():
        values.setdefault(shape, {}).update(dict.fromkeys(sorted(data[table])))
    for question in named:
        for pointer, value in leaves(question):
            shape = _shape(pointer)
            if not isinstance(value, list):
                values.setdefault(shape, {})[value] = None
                continue
            known = items.setdefault(shape, [])
            known += [row for row in value if row not in known]
    for shape, known in items.items():
        known += [v for v in values.get(f"{shape}/*", ()) if v not in known]
    return Vocabulary(
        {shape: tuple(v) for shape, v in values.items()},
        {shape: tuple(v) for shape, v in items.items()},
    )


def _enumerations(
    schema: Mapping[str, Any], node: Mapping[str, Any], pointer: str
) -> Iterator[tuple[str, Sequence[Any]]]:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        yield from _enumerations(schema, schema["$defs"][name], pointer)
    if "enum" in node:
        yield pointer, node["enum"]
    for choice in ("anyOf", "oneOf", "allOf"):
        for inner in node.get(choice, ()):
            yield from _enumerations(schema, inner, pointer)
    for name, inner in node.get("properties", {}).items():
        yield from _enumerations(schema, inner, f"{pointer}/{name}")
    if isinstance(node.get("items"), Mapping):
        yield from _enumerations(schema, node["items"], f"{pointer}/*")


def _shape(pointer: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def _lists(question: Input) -> list[tuple[str, list[Any]]]:
    return [(p, v) for p, v in leaves(question) if isinstance(v, list)]


def _at(question: Any, pointer: str) -> Any:
    for token in pointer.removeprefix("/").split("/"):
        question = question[token]
    return question
