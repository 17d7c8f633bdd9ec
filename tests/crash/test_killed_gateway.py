"""
A gateway killed at any step of the one door never shows what it has not recorded.

* Each run proves that the kill hit its point, by the process's last words and by how far
  its entries have come in the database.
* Two broken builds and a kill that misses show that the checks can fail.
"""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from tests.crash.kill_site import Broken, Site
from tests.crash.points import Point
from tests.simulators.policy_inputs import POLICIES, SCHEMAS


@pytest.fixture(scope="module")
def policy() -> CurrentPolicy:
    return CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))


@pytest.fixture
def site(database_url: str, tmp_path: Path, policy: CurrentPolicy) -> Site:
    return Site(database_url, tmp_path, policy)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """The run's seed: the one that hypothesis was given, so that one option repeats a run."""
    given = request.config.getoption("--hypothesis-seed")
    seed = str(random.SystemRandom().getrandbits(32) if given is None else given)
    print(f"seed {seed}")  # noqa: T201 - a failing run is repeated with it
    return seed


def test_kill_that_misses_its_point_is_reported(site: Site) -> None:
    with pytest.raises(Broken, match="did not hit: exit 0"):
        site.kill(Point.DECISION_RUN, nth=2, rounds=1)


def test_entries_that_came_further_than_the_point_says_are_reported(site: Site) -> None:
    reached = site.kill(Point.DECISION_COMMITTED)
    displaced = type(reached)(Point.DECISION_RUN, reached.entry_ids)

    with pytest.raises(Broken, match="at decision-run an entry was unsigned"):
        site.check(displaced)


def test_build_that_shows_the_delivery_before_its_release_entry_is_caught(site: Site) -> None:
    reached = site.kill(Point.RELEASE_RUN, mutant="early-delivery")

    with pytest.raises(Broken, match="a delivery is visible without its release entry"):
        site.check(reached)


def test_build_that_answers_before_it_commits_is_caught(site: Site) -> None:
    reached = site.kill(Point.DECISION_ANSWERED, mutant="late-commit")

    with pytest.raises(Broken, match=r"the acknowledged entry [0-9]+ is lost"):
        site.check(reached)


@pytest.mark.parametrize(
    "runs", [pytest.param(1, id="once"), pytest.param(20, id="often", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("point", Point)
def test_gateway_killed_at_a_step_shows_only_what_it_recorded_and_loses_nothing(
    site: Site, point: Point, runs: int, seed: str, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(f"{seed} {point} {site.database}")

    for _ in range(runs):
        reached = site.kill(point, nth=chance.randint(1, 3), width=chance.choice([1, 2, 4]))
        site.check(reached)

    counts = {
        "point": point,
        "database": site.database,
        "seed": seed,
        "runs": runs,
        "acknowledged": len(site.shown) + len(site.handed_over),
        "durable_unanswered": site.unanswered,
    }
    record_property("kill", json.dumps(counts))
