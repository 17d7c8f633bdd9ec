"""
Rego tests in this process: every ``test_…`` rule of every ``*_test.rego``, Python alone.

A test passes when its rule is true; anything else, undefined included, fails it. The same
files run under ``opa test``. Each test package lists its inputs by name, so that the same
questions can be put to every engine.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import build_bundle, sources_of
from gateway.policy.cases import read_cases
from gateway.policy.interpreter import engine_for, guarded

__all__ = [
    "PolicyTest",
    "TestReport",
    "run_policy_tests",
    "test_data",
    "test_inputs",
    "tests_in",
]

_TEST = re.compile(r"^(test_\w+)", re.MULTILINE)
_PACKAGE = re.compile(r"^package (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """One test rule and how it came out; ``detail`` says why it failed."""

    path: str
    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TestReport:
    """
    Every test, and which lines of which rules none of them reached.

    Attributes:
        tests: In order of file and name.
        uncovered: Path to line numbers that no test reached.
        covered_lines: Number of lines reached.
    """

    __test__ = False  # A report, whatever a test collector makes of its name.

    tests: tuple[PolicyTest, ...]
    uncovered: Mapping[str, tuple[int, ...]]
    covered_lines: int

    @property
    def failed(self) -> tuple[PolicyTest, ...]:
        """The tests that did not pass."""
        return tuple(t for t in self.tests if not t.passed)


def run_policy_tests(directory: Path, *, only: str = "") -> TestReport:
    """
    Run the Rego tests of a policies directory.

    Args:
        directory: The policies directory.
        only: A part of the path of the test files to run; empty for all.

    Raises:
        RevisionRejected: The directory does not make a revision.
    """
    sources = sources_of(directory)
    engine = engine_for(sources, json.dumps(test_data(directory), ensure_ascii=False))
    engine.set_enable_coverage(True)
    tests = tuple(
        _run(engine, path, package, name)
        for path, package, name in tests_in(sources)
        if only in path
    )
    uncovered, covered = _coverage(engine.get_coverage_report_as_json())
    return TestReport(tests, uncovered, covered)


def test_data(directory: Path) -> dict[str, Any]:
    """Return the data document of the tests: the bundle's, and the known cases' inputs."""
    inputs = {c.id: c.policy_input for c in read_cases(directory)}
    return {**build_bundle(directory).data, "checks": {"inputs": inputs}}


def test_inputs(directory: Path) -> dict[str, Any]:
    """
    Return every input that the Rego tests name: ``package: name`` to input.

    Raises:
        PolicyUnavailable: An engine cannot evaluate a test package's ``inputs``.
    """
    sources = sources_of(directory)
    engine = engine_for(sources, json.dumps(test_data(directory), ensure_ascii=False))
    found: dict[str, Any] = {}
    for path, source in sources.items():
        match = _PACKAGE.search(source)
        if match is None or not path.endswith("_test.rego") or "\ninputs " not in source:
            continue
        with guarded():
            inputs = orjson.loads(engine.eval_rule_as_json(f"data.{match[1]}.inputs"))
            found |= {f"{match[1]}: {name}": value for name, value in inputs.items()}
    return found


def tests_in(sources: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """Yield path, package and name of every test rule."""
    for path, source in sources.items():
        match = _PACKAGE.search(source)
        if match is not None and path.endswith("_test.rego"):
            for name in dict.fromkeys(_TEST.findall(source)):
                yield path, match[1], name


# A test collector must not take these for tests.
test_data.__test__ = False  # type: ignore[attr-defined]
test_inputs.__test__ = False  # type: ignore[attr-defined]
tests_in.__test__ = False  # type: ignore[attr-defined]


def _run(engine: Any, path: str, package: str, name: str) -> PolicyTest:
    try:
        with guarded():
            said = orjson.loads(engine.eval_rule_as_json(f"data.{package}.{name}"))
    except PolicyUnavailable as error:
        detail = str(error.__cause__).split("Stack backtrace", 1)[0].strip()
        return PolicyTest(path, name, passed=False, detail=detail)
    return PolicyTest(path, name, passed=said is True, detail="" if said is True else f"was {said}")


def _coverage(report: str) -> tuple[dict[str, tuple[int, ...]], int]:
    files: Sequence[Mapping[str, Any]] = orjson.loads(report)["files"]
    rules = [f for f in files if not f["path"].endswith("_test.rego")]
    uncovered = {f["path"]: tuple(f["not_covered"]) for f in rules if f["not_covered"]}
    return uncovered, sum(len(f["covered"]) for f in rules)
