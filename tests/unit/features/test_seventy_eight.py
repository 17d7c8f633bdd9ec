"""
The 78 decision scenarios of the law, each told once, each with the outcome the law gives it.

``P`` permits, ``PO`` permits with duties, ``D`` refuses (held for somebody is a refusal until
somebody agrees), ``DUTY`` says what has to be done. Beside it stand the duties that the
scenario must name, by code.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from gateway.policy.bundle import build_bundle
from tests.features.words import Words
from tests.simulators.policy_inputs import POLICIES

FEATURES: Final = Path(__file__).parents[2] / "features"
WORDS = Words(build_bundle(POLICIES))
OUTCOMES: Final = {
    "提供できる": "P",
    "一部の項目だけ提供できる": "P",
    "提供できない": "D",
    "判断待ちになる": "D",
}
SCENARIOS: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    1: ("PO", ("art70_conditions", "purpose_only")),
    2: ("PO", ("art29_record", "art30_record")),
    3: ("D", ()),
    4: ("PO", ()),
    5: ("D", ()),
    6: ("PO", ()),
    7: ("D", ()),
    8: ("PO", ()),
    9: ("D", ()),
    10: ("PO", ()),
    11: ("PO", ()),
    12: ("D", ()),
    13: ("PO", ("secrecy_notice",)),
    14: ("PO", ("secrecy_notice", "no_onward")),
    15: ("D", ()),
    16: ("PO", ()),
    17: ("D", ()),
    18: ("PO", ()),
    19: ("D", ()),
    20: ("PO", ()),
    21: ("D", ()),
    22: ("PO", ()),
    23: ("D", ()),
    24: ("PO", ("secrecy_notice",)),
    25: ("D", ()),
    26: ("PO", ()),
    27: ("PO", ()),
    28: ("PO", ()),
    29: ("D", ()),
    30: ("PO", ("secrecy_notice",)),
    31: ("P", ("seal_reporter",)),
    32: ("D", ()),
    33: ("D", ()),
    34: ("PO", ()),
    35: ("PO", ()),
    36: ("PO", ("seal_reporter",)),
    37: ("PO", ()),
    38: ("D", ()),
    39: ("PO", ("protect_address",)),
    40: ("D", ()),
    41: ("D", ()),
    42: ("PO", ("purpose_only",)),
    43: ("D", ()),
    44: ("PO", ()),
    45: ("D", ()),
    46: ("D", ()),
    47: ("PO", ()),
    48: ("PO", ()),
    49: ("D", ()),
    50: ("PO", ()),
    51: ("PO", ()),
    52: ("PO", ()),
    # The number is stripped and the rest passes: "D/strip".
    53: ("P", ("strip_my_number",)),
    54: ("PO", ("officer_review",)),
    55: ("PO", ("officer_review",)),
    56: ("D", ()),
    57: ("D", ()),
    58: ("D", ()),
    59: ("P", ()),
    60: ("PO", ("aggregate_only",)),
    61: ("D", ()),
    62: ("PO", ()),
    63: ("D", ()),
    64: ("PO", ()),
    65: ("P", ()),
    66: ("DUTY", ()),
    67: ("DUTY", ()),
    68: ("D", ()),
    69: ("P", ()),
    70: ("PO", ()),
    71: ("PO", ("art70_conditions",)),
    72: ("D", ()),
    73: ("P", ("seal_reporter",)),
    74: ("D", ()),
    # What is owed to a person about their own data is the copy itself.
    75: ("P", ()),
    76: ("D", ()),
    77: ("PO", ()),
    78: ("D", ()),
}


def _told() -> Iterator[tuple[int, dict[str, Any]]]:
    for path in sorted(FEATURES.rglob("*.feature")):
        document = Parser().parse(path.read_text(encoding="utf-8"))
        for pickle in Compiler().compile({**document, "uri": path.name}):
            for tag in pickle["tags"]:
                if tag["name"].startswith("@c-"):
                    yield int(tag["name"].removeprefix("@c-")), pickle


TOLD = list(_told())


def test_every_scenario_is_told_once() -> None:
    # The rows of an outline are one scenario.
    told = {(number, pickle["uri"], pickle["astNodeIds"][0]) for number, pickle in TOLD}

    assert sorted(SCENARIOS) == sorted(number for number, *_ in told)


@pytest.mark.parametrize(("number", "pickle"), TOLD, ids=[f"c-{n:02}" for n, _ in TOLD])
def test_scenario_has_the_outcome_of_the_law(number: int, pickle: dict[str, Any]) -> None:
    expected, duties = SCENARIOS[number]
    said = [step["text"] for step in pickle["steps"] if step["type"] == "Outcome"]
    outcomes = {OUTCOMES[text] for text in said if text in OUTCOMES}

    assert ({"P": {"P"}, "PO": {"P"}, "D": {"D"}, "DUTY": set()}[expected]) == outcomes
    named = {text for text in said if text.startswith(("条件として", "義務として"))}
    assert bool(named) >= (expected in {"PO", "DUTY"})
    for duty in duties:
        assert any(f"「{WORDS.title_of_duty(duty)}」" in text for text in named), duty
