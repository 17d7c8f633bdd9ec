"""Whatever policy says of a known case, the door says from its registers, and records it."""

import pytest

from gateway.policy.cases import read_cases
from tests.simulators.house import House
from tests.simulators.policy_inputs import CASES, POLICIES, known

EXPECTED = {case.id: case for case in read_cases(POLICIES)}


@pytest.mark.parametrize("case", CASES)
def test_door_decides_every_known_case_as_policy_does(house: House, case: str) -> None:
    question = known(case)
    house.furnish(question)

    disclosed = house.disclose(question)

    (unit,) = disclosed.units
    expected = EXPECTED[case]
    assert expected.outcome == str(unit.decision.outcome)
    assert expected.permitted == unit.decision.permitted
    ((_, body),) = house.entries(kinds={"decision"})
    assert expected.outcome == body["outcome"]
    assert list(expected.permitted) == body["field_ids"]
