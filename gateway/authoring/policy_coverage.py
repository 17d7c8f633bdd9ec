"""
Which rules have shown what they do: once that they speak, once that they do not.

A line that a test reaches is little. A basis is covered when some input is permitted on it and
another, close to a case of its own, is not; a stop when it fires and when, close by, it does
not. A basis that never gives a ground, or that no pack enables, is covered by a refusal that
names it. Duties and reasons are covered when a decision holds them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.authoring.conformance import SILENT, expected_ids, histogram_of, rules_below
from gateway.authoring.corpus import Corpus, leaves
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy

__all__ = ["CoverageReport", "RuleCoverage", "measure_coverage"]

# Leaves of the input in which a near miss may differ from an input in which the rule speaks.
_NEAR: Final = 10


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """
    What is known of one rule.

    Attributes:
        rule: Its id.
        kind: ``basis`` or ``stop``.
        speaks: An input in which it gives its ground, fires or, where it never gives a
            ground, is named in a refusal; empty when there is none.
        near_miss: An input close by in which it does not; empty when there is none.
    """

    rule: str
    kind: str
    speaks: str
    near_miss: str

    @property
    def missing(self) -> tuple[str, ...]:
        """What there is no input for."""
        return tuple(n for n in ("speaks", "near_miss") if not getattr(self, n))


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """
    Every rule, and what else of the law never occurred.

    Attributes:
        rules: Every basis and stop, sorted.
        unregistered: Directories without a row in the registry, and rows without a directory.
        never: Kind (``obligations``, ``reasons``) to the ids that no decision holds.
        inputs: How many inputs were decided.
    """

    rules: tuple[RuleCoverage, ...]
    unregistered: tuple[str, ...]
    never: Mapping[str, tuple[str, ...]]
    inputs: int

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        uncovered = any(r.missing for r in self.rules)
        return bool(self.rules) and not (uncovered or self.unregistered or self.never)


def measure_coverage(directory: Path, contract: PolicyContract, corpus: Corpus) -> CoverageReport:
    """
    Decide every known case and every Rego test's input, and see what they show.

    Raises:
        RevisionRejected: The directory does not make a revision.
    """
    bundle = build_bundle(directory)
    decisions = dict(_decided(EmbeddedPolicy(bundle, contract), corpus))
    bases = rules_below(bundle, "disclosure/basis/")
    stops = rules_below(bundle, "disclosure/stop/")
    never = histogram_of(bundle, decisions.values()).missing
    grounded = set(expected_ids(bundle)["bases"])
    found = [
        *(_covered(b, "basis", corpus, decisions, refused=b not in grounded) for b in bases),
        *(_covered(s, "stop", corpus, decisions, refused=False) for s in stops),
    ]
    return CoverageReport(
        rules=tuple(found),
        unregistered=tuple(sorted(set(bases) ^ set(bundle.data["basis"]))),
        never={k: never[k] for k in ("obligations", "reasons") if k in never},
        inputs=len(decisions),
    )


def _decided(policy: EmbeddedPolicy, corpus: Corpus) -> Iterator[tuple[str, Any]]:
    for name, question in corpus.named.items():
        try:
            yield name, policy.decide_now(question).decision
        except PolicyUnavailable:
            yield name, SILENT


def _covered(
    rule: str, kind: str, corpus: Corpus, decisions: Mapping[str, Any], *, refused: bool
) -> RuleCoverage:
    speaking = [n for n, d in decisions.items() if d != SILENT and _speaks(rule, kind, d)]
    if refused:
        named = [n for n, d in decisions.items() if d != SILENT and _names(rule, d)]
        return RuleCoverage(rule, kind, next(iter(named), ""), next(iter(named), ""))
    own = f"disclosure.{kind}.{rule}_test: "
    quiet = [n for n, d in decisions.items() if d != SILENT and n not in set(speaking)]
    near = next((n for n in quiet if n.startswith(own)), "") or _nearest(corpus, speaking, quiet)
    return RuleCoverage(rule, kind, next(iter(speaking), ""), near)


def _speaks(rule: str, kind: str, decision: Mapping[str, Any]) -> bool:
    if kind == "stop":
        return any(s["stop"] == rule for s in decision["stops"])
    return any(g["basis"] == rule for g in decision["grounds"])


def _names(rule: str, decision: Mapping[str, Any]) -> bool:
    return decision["outcome"] != "permit" and any(r["rule"] == rule for r in decision["reasons"])


def _nearest(corpus: Corpus, speaking: list[str], quiet: list[str]) -> str:
    cases = [n for n in speaking if n in {c.id for c in corpus.cases}]
    shapes = {n: dict(leaves(corpus.named[n])) for n in (*cases, *quiet)}
    for name in quiet:
        for case in cases:
            if 0 < _apart(shapes[name], shapes[case]) <= _NEAR:
                return name
    return ""


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """Count the plain members in which two inputs differ."""
    pointers = {*one, *other}
    return sum(
        one.get(p) != other.get(p)
        for p in pointers
        if not isinstance(one.get(p), list) or not isinstance(other.get(p), list)
    )
