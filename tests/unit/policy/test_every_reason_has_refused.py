"""
Every stop and every reason has refused somebody, in a known case or an input of a Rego test.

What the gateway says itself, no rule can show: such a reason is looked for, as a word, in the
tests that speak to the gateway and in the features. A reason that nothing says yet, or that no
input shows yet, is awaited in one place.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring.conformance import expected_ids, rules_below
from gateway.policy.bundle import PolicyBundle
from gateway.policy.embedded import EmbeddedPolicy
from tests.simulators.policy_inputs import POLICIES, corpus_of

_TESTS = Path(__file__).resolve().parents[2]
_SPEAKS_TO_THE_GATEWAY = ("api", "features", "http", "services")


@pytest.fixture(scope="module")
def decisions(policy: EmbeddedPolicy) -> list[dict[str, Any]]:
    """What every named input comes to."""
    return [dict(policy.decide_now(q).decision) for q in corpus_of(POLICIES).named.values()]


def codes_of(bundle: PolicyBundle, emitted_by: str) -> set[str]:
    """Return the reasons whose text says who gives them."""
    texts = bundle.data["reasons"]["texts"]
    return {code for code, text in texts.items() if text["emitted_by"] == emitted_by}


def refusing(decision: dict[str, Any]) -> Iterator[str]:
    """Yield every reason for which something does not pass."""
    yield from (code for row in decision["fields_withheld"] for code in row["codes"])
    if decision["outcome"] != "permit":
        yield from (reason["code"] for reason in decision["reasons"])


def test_every_reason_of_a_rule_has_refused(
    bundle: PolicyBundle, decisions: list[dict[str, Any]]
) -> None:
    refused = {code for decision in decisions for code in refusing(decision)}

    assert set() == set(expected_ids(bundle)["reasons"]) - refused


def test_every_stop_has_refused(bundle: PolicyBundle, decisions: list[dict[str, Any]]) -> None:
    fired = {
        stop["stop"]
        for decision in decisions
        for stop in decision["stops"]
        if decision["fields_withheld"]
    }

    assert set() == set(rules_below(bundle, "disclosure/stop/")) - fired


def test_every_duty_has_come_with_a_permit(
    bundle: PolicyBundle, decisions: list[dict[str, Any]]
) -> None:
    come = {duty["code"] for decision in decisions for duty in decision["obligations"]}

    assert set() == set(expected_ids(bundle)["obligations"]) - come


def test_every_reason_of_the_gateway_is_asked_for_in_a_test(bundle: PolicyBundle) -> None:
    paths = [
        p for room in _SPEAKS_TO_THE_GATEWAY for p in _TESTS.rglob(f"{room}/**/*") if p.is_file()
    ]
    texts = [p.read_text(encoding="utf-8") for p in paths if p.suffix in {".py", ".feature"}]

    codes = codes_of(bundle, "gateway")

    assert codes
    assert set() == {code for code in codes if not any(code in text for text in texts)}
