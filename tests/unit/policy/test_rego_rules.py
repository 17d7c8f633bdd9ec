"""The Rego tests beside the rules, run in this process, and the weakenings they notice."""

from pathlib import Path

import pytest

from gateway.authoring.policy_eval import evaluate_input
from gateway.authoring.policy_test import run_policy_tests
from gateway.policy.contract import PolicyContract
from tests.simulators.policy_inputs import POLICIES, known


def test_every_rego_test_passes() -> None:
    report = run_policy_tests(POLICIES)

    assert not report.failed
    assert 250 < len(report.tests)


@pytest.mark.parametrize(
    ("path", "old", "new", "noticed_by"),
    [
        ("lib/consent/consent.rego", "not _standing(c)", "c.withdrawn_at == -1", "consent_private"),
        ("lib/consent/consent.rego", "not _authority(s, c)", "c.capacity == -1", "consent_private"),
        (
            "lib/consent/consent.rego",
            "not _free(c)",
            "c.counterpart_present == 1",
            "consent_private",
        ),
        (
            "lib/consent/consent.rego",
            "not field.id in c.items_refused",
            "field.id",
            "consent_private",
        ),
        (
            "lib/conference/conference.rego",
            'item.nature == "individual"',
            "item.nature",
            "shien_kaigi_swa",
        ),
        (
            "lib/conference/conference.rego",
            "u.conference == conference.id",
            "u.conference",
            "shien_kaigi_swa",
        ),
        (
            "lib/approval/approval.rego",
            "a.approver != input.request.sender.actor",
            "a.approver",
            "public_special_reason",
        ),
        (
            "lib/approval/approval.rego",
            "v.officer != v.second_person",
            "v.officer",
            "stop_protected_address",
        ),
        (
            "lib/emergency/emergency.rego",
            "a.second_person != a.started_by",
            "a.second_person",
            "vital_interest_private",
        ),
        (
            "lib/facts/facts.rego",
            "array.concat(f.classes, _more_classes(f))",
            "f.classes",
            "lib/facts",
        ),
        ("lib/minimise/minimise.rego", "not _share_ready(f)", "f.id == 1", "lib/minimise"),
        (
            "disclosure/basis/minsei_iin/minsei_iin.rego",
            "a.ward in _wards",
            "a.ward",
            "disclosure/basis/minsei_iin",
        ),
        (
            "lib/entrusting/entrusting.rego",
            "e.controller == input.request.sender.agency",
            "e.controller",
            "basis/entrustment",
        ),
        (
            "disclosure/stop/stop_protected_address/stop_protected_address.rego",
            "approval.lifted_on(",
            'approval.approved("address_lift", person, field) # (',
            "disclosure/stop/stop_protected_address",
        ),
        (
            "disclosure/basis/public_special_reason/public_special_reason.rego",
            "	data.lib.occasional.allowed\n",
            "",
            "disclosure/basis/public_special_reason",
        ),
    ],
)
def test_removed_condition_is_noticed(
    policies_copy: Path, path: str, old: str, new: str, noticed_by: str
) -> None:
    """Whoever loosens a rule turns red the tests of a rule that stands on it."""
    rule = policies_copy / path
    text = rule.read_text(encoding="utf-8")
    assert old in text
    rule.write_text(text.replace(old, new, 1), encoding="utf-8")

    assert run_policy_tests(policies_copy, only=noticed_by).failed


def test_evaluation_says_which_rules_decided(contract: PolicyContract) -> None:
    question = known("stop_my_number", {"/registered/consents/0/item_classes": ["IDN"]})

    evaluation = evaluate_input(POLICIES, contract, question)

    spoke = {s.rule for s in evaluation.steps if s.spoke}
    assert {"stop_my_number", "consent_private"} <= spoke
    assert "stop_reporter_identity" not in spoke
    assert {"consent_private", "entrustment", "joint_use"} <= set(evaluation.eligible)
    assert "permit" == evaluation.decision["outcome"]
