"""The acting person's roles decide whether anything of the agency's is theirs to send."""

from typing import Any

import pytest

from gateway.policy.embedded import EmbeddedPolicy
from tests.simulators.policy_inputs import known

ROLES = "/registered/sender/actor/roles"


def decided(policy: EmbeddedPolicy, case: str, roles: list[str]) -> Any:
    return policy.decide_now(known(case, {ROLES: roles})).decision


@pytest.mark.parametrize(
    "roles",
    [[], ["system_admin"], ["auditor"], ["tsunagari_supporter"], ["system_admin", "auditor"]],
)
@pytest.mark.parametrize("case", ["consent_private", "consent_public", "minsei_iin"])
def test_person_without_a_role_that_sends_sends_nothing(
    policy: EmbeddedPolicy, case: str, roles: list[str]
) -> None:
    decision = decided(policy, case, roles)

    assert "deny" == decision["outcome"]
    assert "BASIS_NOT_FOR_SENDER" in {r["code"] for r in decision["reasons"]}


def test_person_who_also_has_a_role_that_sends_may(policy: EmbeddedPolicy) -> None:
    decision = decided(policy, "consent_private", ["system_admin", "npo_worker"])

    assert "permit" == decision["outcome"]


@pytest.mark.parametrize("role", ["tsunagari_supporter", "biz_watcher"])
def test_danger_to_life_is_told_by_whoever_notices_it(policy: EmbeddedPolicy, role: str) -> None:
    decision = decided(policy, "vital_interest_private", [role])

    assert "permit" == decision["outcome"]
