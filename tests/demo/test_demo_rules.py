"""
Each refusal of the demonstration rests on the rule that it names.

What was decided is read from the log with the gateway's keys, and decided again by a copy of
the rules from which that one condition is taken away.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring.policy_eval import Evaluation, evaluate_input
from gateway.policy.contract import PolicyContract
from tests.demo.running import DemoRun
from tests.demo.test_demo_run import REASONS
from tests.simulators.policy_inputs import POLICIES, SCHEMAS

# Exchange to the file, what stands there, and what stands there without the condition.
EDITS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "mothers-signature": (
        (
            "lib/consent/consent.rego",
            'c.capacity == "legal_guardian"',
            'c.capacity in {"family_no_authority", "legal_guardian"}',
        ),
    ),
    "not-on-the-roster": (
        (
            "lib/conference/conference.rego",
            '_faults contains "NOT_MEMBER_TODAY" if not _both_seated',
            "",
        ),
    ),
    "proxy-without-undertaking": (
        (
            "lib/conference/conference.rego",
            '_faults contains "NO_UNDERTAKING" if not _both_bound',
            "",
        ),
    ),
    "founding-rule-not-seen": (
        ("lib/council/council.rego", "\t_programme\n", ""),
        ("lib/council/council.rego", "\t_mapped\n", ""),
    ),
    "withdrawn-consent": (
        (
            "lib/consent/consent.rego",
            "_standing(c) if time.not_yet(c.withdrawn_at, input.computed.law_at)",
            '_standing(c) if c.id != ""',
        ),
    ),
    "urgent-alone": (
        (
            "disclosure/basis/vital_interest_private/vital_interest_private.rego",
            "second_person if count(data.lib.emergency.agreements) > 0",
            "second_person if count(data.lib.emergency.agreements) >= 0",
        ),
    ),
    "protected-address": (
        (
            "lib/counterpart/counterpart.rego",
            "\tactor in named.actors",
            "\tactor in []",
        ),
    ),
    "my-number-alone": (
        (
            "disclosure/stop/stop_my_number/stop_my_number.rego",
            'field.my_number == "clear"',
            'field.my_number != ""',
        ),
    ),
    "welfare-receipt-to-ward-head": (
        # The consent of a public body, and nothing else: it gains the neighbourhood councils.
        ("disclosure/basis/consent_public/basis.json", "recipient_kinds", "chiku_shakyo"),
        ("disclosure/basis/consent_public/basis.json", "excluded_roles", "chiku_shakyo"),
    ),
}
RECORDED = {"deny": "deny", "held": "deny"}


@pytest.fixture(scope="module")
def contract() -> PolicyContract:
    return PolicyContract.read(SCHEMAS)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the rules."""
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def test_refused_exchanges_all_have_a_condition_to_take_away(demo_run: DemoRun) -> None:
    refused = {e["id"] for e in demo_run.exchanges if e["outcome"] in RECORDED}

    assert refused == set(EDITS) == set(REASONS) == set(demo_run.inputs)


@pytest.mark.parametrize("id_", EDITS)
def test_refusal_decided_again_by_the_same_rules_stays(
    demo_run: DemoRun, contract: PolicyContract, policies: Path, id_: str
) -> None:
    part = demo_run.part(id_)

    found = evaluate_input(policies, contract, demo_run.inputs[id_])

    assert RECORDED[part["outcome"]] == found.decision["outcome"]
    assert [] == found.decision["fields_permitted"]
    assert _deciding(part) in _codes(found)


@pytest.mark.parametrize("id_", EDITS)
def test_refusal_without_its_deciding_condition_becomes_a_permit(
    demo_run: DemoRun, contract: PolicyContract, policies: Path, id_: str
) -> None:
    for path, before, after in EDITS[id_]:
        _edit(policies / path, before, after)

    found = evaluate_input(policies, contract, demo_run.inputs[id_])

    assert "permit" == found.decision["outcome"]
    assert found.decision["fields_permitted"]


def _edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".rego":
        assert 1 == text.count(before)
        file.write_text(text.replace(before, after), encoding="utf-8")
        return
    table: dict[str, Any] = json.loads(text)
    members: list[str] = table[before]
    if after in members:
        members.remove(after)
    else:
        members.append(after)
    file.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")


def _deciding(part: dict[str, Any]) -> str:
    """What decided: what the officer alone hears, where the sender hears nothing."""
    code: str = (part["officer_read"] or part["reasons"])[0]
    return code


def _codes(found: Evaluation) -> set[str]:
    return {reason["code"] for reason in found.decision["reasons"]}
