"""Whatever the law in force can say has a scenario, and every scenario keeps to the form."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from gateway.policy.bundle import build_bundle
from gateway.policy.cases import read_cases
from tests.features.words import Words
from tests.simulators.policy_inputs import POLICIES

FEATURES = sorted((Path(__file__).parents[2] / "features").rglob("*.feature"))
BUNDLE = build_bundle(POLICIES)
BASES = BUNDLE.data["basis"]
WORDS = Words(BUNDLE)
QUOTED = re.compile(r"「([^「」]+)」")
BY_RULE = re.compile(r"^それは「(.+)」の定めによる$")
BY_BASIS = re.compile(r"^根拠は「(.+)」である$")
FOREIGN = re.compile(r"[a-z_{}<>\[\]/\\]")


def _pickles(path: Path) -> list[dict[str, Any]]:
    document = Parser().parse(path.read_text(encoding="utf-8"))
    pickles: list[dict[str, Any]] = Compiler().compile({**document, "uri": path.name})
    return pickles


PICKLES = {path.name: _pickles(path) for path in FEATURES}


def _steps(kind: str) -> Iterator[str]:
    for pickles in PICKLES.values():
        for pickle in pickles:
            yield from (step["text"] for step in pickle["steps"] if step["type"] == kind)


def _missing(titles: Mapping[str, str], said: set[str]) -> list[str]:
    return sorted(code for code, title in titles.items() if title not in said)


def test_every_reason_of_the_law_in_force_is_given_in_a_scenario() -> None:
    said = {title for step in _steps("Outcome") for title in QUOTED.findall(step)}

    assert [] == _missing(WORDS.reasons, said)


def test_every_stop_is_named_by_a_scenario_in_which_it_stops() -> None:
    said = {m.group(1) for step in _steps("Outcome") if (m := BY_RULE.fullmatch(step))}

    assert [] == _missing(WORDS.stops, said)


def test_every_basis_carries_something_in_a_scenario() -> None:
    said = {m.group(1) for step in _steps("Outcome") if (m := BY_BASIS.fullmatch(step))}

    closed = {b for b, row in BASES.items() if row["never"] or row["disabled_reason_ja"]}
    open_ = {b: title for b, title in WORDS.bases.items() if b not in closed}
    assert [] == _missing(open_, said)


def test_what_is_never_a_ground_has_a_scenario_that_refuses() -> None:
    """By its name, or from the known case in which the refusal names it."""
    never = {b for b, row in BASES.items() if row["never"]}
    cases = {case.title_ja: case.rule for case in read_cases(POLICIES)}
    said = {q for kind in ("Context", "Outcome") for s in _steps(kind) for q in QUOTED.findall(s)}

    named = {cases.get(text, "") for text in said} | {b for b in never if WORDS.bases[b] in said}
    assert set() == never - named


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
def test_feature_is_short_tagged_and_ordered_by_rules(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    feature = Parser().parse(text)["feature"]

    assert text.startswith("# language: ja\n")
    assert len(text.splitlines()) <= 200
    assert feature["tags"]
    assert all(re.fullmatch(r"@[a-z0-9-]+", tag["name"]) for tag in feature["tags"])
    assert feature["description"].strip()
    assert {"background", "rule"} >= {key for child in feature["children"] for key in child}


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
def test_scenario_asks_one_question_in_words_for_the_ear(path: Path) -> None:
    for pickle in PICKLES[path.name]:
        kinds = [step["type"] for step in pickle["steps"]]

        assert 1 == kinds.count("Action"), pickle["name"]
        assert "Outcome" == kinds[-1], pickle["name"]
        assert [] == [s["text"] for s in pickle["steps"] if FOREIGN.search(s["text"])]
