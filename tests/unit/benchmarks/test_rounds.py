"""Medians and ratios as the README says they are made."""

import pytest

from benchmarks.components import Stopwatch
from benchmarks.load import Seen
from benchmarks.rounds import Contest, Measured, percentile, steps


def measured(done: int, *, decide: list[float] | None = None, **members: object) -> Measured:
    return Measured(Seen(done=done, seconds=1.0, decide_ms=decide or [1.0], **members), 2.0)


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1)], ids=str)
def test_percentile_is_the_value_at_that_rank(percent: int, expected: float) -> None:
    assert expected == percentile(list(range(100, 0, -1)), percent)


def test_percentile_of_one_value_is_that_value() -> None:
    assert (7.0, 7.0) == (percentile([7.0], 50), percentile([7.0], 99))


def test_steps_of_slots_without_a_second_step_leave_it_out() -> None:
    assert {"decide": 2.0} == steps([measured(1, decide=[2.0])], 99)


def test_contest_makes_its_ratio_within_each_round() -> None:
    """The machine was ten times slower in one round; the ratio is not touched by that."""
    contest = Contest("sqlite", "embedded", 32)
    contest.tasuki = [measured(200), measured(20), measured(220)]
    contest.diy = [measured(100), measured(10), measured(100)]

    told = contest.told()

    assert (2.0, [2.0, 2.2]) == (told["ratio"], told["ratio_range"])
    assert (200.0, 100.0) == (told["tasuki_per_s"], told["diy_per_s"])


def test_contest_tells_what_failed_on_either_side() -> None:
    contest = Contest("sqlite", "embedded", 32)
    contest.tasuki = [measured(1, failed={"release 409": 2})]
    contest.diy = [measured(1, failed={"decide 500": 1})]

    assert {"release 409": 2, "decide 500": 1} == contest.told()["failed"]


def test_stopwatch_tells_the_median_of_each_name_in_order() -> None:
    watch = Stopwatch()
    for name in ("first", "second", "first"):
        with watch.time(name):
            pass

    told = watch.medians()

    assert ["first", "second"] == list(told)
    assert all(0 <= value < 100 for value in told.values())
