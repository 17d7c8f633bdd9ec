"""
A story for each scenario, on each driver.

* A feature runs on every driver; its steps know none of them.
* After each scenario everything the log holds is searched for values and for the agencies'
  own references: none of them may be there.
* A tag is a reference to the law or to a requirement, and becomes the one mark
  ``law(reference)``.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from tests.features.story import Story
from tests.features.words import Words
from tests.simulators.feature_driver import Driver
from tests.simulators.house import House
from tests.simulators.http_driver import HTTPDriver
from tests.simulators.policy_inputs import POLICIES, SCHEMAS
from tests.simulators.services_driver import ServicesDriver


def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool:
    pytest.mark.law(tag)(function)
    return True


@pytest.fixture(scope="session")
def current_policy() -> CurrentPolicy:
    return CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))


@pytest.fixture(scope="session")
def words(current_policy: CurrentPolicy) -> Words:
    return Words(current_policy.bundle)


@pytest.fixture(params=["services", "http"])
def driver(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy
) -> Iterator[Driver]:
    """Each driver in turn; ``-k services`` or ``-k http`` chooses one."""
    opened: Driver
    if request.param == "services":
        opened = ServicesDriver(
            lambda policy: House(sqlite_url, tmp_path, policy=policy), current_policy
        )
    else:
        opened = HTTPDriver(sqlite_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def story(driver: Driver, words: Words) -> Iterator[Story]:
    told = Story(driver, words)
    yield told
    logged = driver.everything_logged()
    assert [] == [secret for secret in told.secrets() if secret in logged]
