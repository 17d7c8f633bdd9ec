"""A report of abuse is cut short by no list of fields; what may never pass still does not."""

from typing import Any

import pytest

from gateway.policy.embedded import EmbeddedPolicy
from tests.simulators.policy_inputs import field, known

SIGNS = field("assessment.dv_child_abuse_sign", ["ABU"])
NAME = field("subject.name_original", ["IDN"])


def report(purpose: str = "abuse", *, profile: str = "") -> dict[str, Any]:
    return known(
        "vital_interest_private",
        {
            "/request/purpose": purpose,
            "/request/profile": profile,
            "/request/fields": [NAME, SIGNS],
        },
    )


def test_field_that_an_emergency_does_not_need_is_withheld(policy: EmbeddedPolicy) -> None:
    decision = policy.decide_now(report("emerg")).decision

    assert ["subject.name_original"] == decision["fields_permitted"]


def test_report_of_abuse_is_not_cut_short(policy: EmbeddedPolicy) -> None:
    decision = policy.decide_now(report()).decision

    assert "permit" == decision["outcome"]
    assert ["assessment.dv_child_abuse_sign", "subject.name_original"] == decision[
        "fields_permitted"
    ]


@pytest.mark.parametrize("my_number", ["found", "missing"])
def test_report_of_abuse_loses_a_field_with_a_my_number_and_no_other(
    policy: EmbeddedPolicy, my_number: str
) -> None:
    question = report()
    question["request"]["fields"] = [
        NAME,
        {**SIGNS, "my_number": my_number, "screener": ""},
    ]

    decision = policy.decide_now(question).decision

    assert ["subject.name_original"] == decision["fields_permitted"]
