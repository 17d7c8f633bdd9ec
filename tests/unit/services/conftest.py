from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from tests.simulators.house import House
from tests.simulators.policy_inputs import POLICIES, SCHEMAS


@pytest.fixture(scope="session")
def current_policy() -> CurrentPolicy:
    return CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy) -> Iterator[House]:
    opened = House(sqlite_url, tmp_path, policy=current_policy)
    yield opened
    opened.close()
