"""What every clock and every source of identifiers promises."""

import re
import threading
import uuid

import pytest

from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.system import SystemClock, SystemIds
from tests.simulators.clock import FixedClock
from tests.simulators.enrolment import NewIds

YEAR_2020 = 1_577_836_800_000
MANY = 2_000


@pytest.fixture(params=[SystemClock, FixedClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


@pytest.fixture(params=[SystemIds, NewIds])
def ids(request: pytest.FixtureRequest) -> Ids:
    made: Ids = request.param()
    return made


def test_clock_tells_epoch_milliseconds_as_a_whole_number(clock: Clock) -> None:
    now = clock.now()

    assert type(now) is int
    assert YEAR_2020 < now < 2**53


def test_clock_never_goes_backwards(clock: Clock) -> None:
    told = [clock.now() for _ in range(MANY)]

    assert sorted(told) == told


def test_system_clock_stands_still_while_the_machine_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, readings = SystemClock(), iter([5_000_000_000, 3_000_000_000, 6_000_000_000])
    monkeypatch.setattr("time.time_ns", lambda: next(readings))

    assert [5_000, 5_000, 6_000] == [clock.now() for _ in range(3)]


def test_identifiers_are_version_seven_and_never_repeat(ids: Ids) -> None:
    made = [ids.new() for _ in range(MANY)]

    assert MANY == len(set(made))
    assert {7} == {uuid.UUID(id_).version for id_ in made}
    assert all(re.fullmatch(r"[0-9a-f-]{36}", id_) for id_ in made)


def test_identifiers_made_in_order_sort_in_order(ids: Ids) -> None:
    made = [ids.new() for _ in range(MANY)]

    assert sorted(made) == made


def test_entry_ids_are_128_bits_of_base64url_and_never_repeat(ids: Ids) -> None:
    made = [ids.entry() for _ in range(MANY)]

    assert MANY == len(set(made))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{21}[AQgw]", id_) for id_ in made)


def test_identifiers_made_by_two_threads_never_meet(ids: Ids) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(ids.new() for _ in range(MANY)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 2 * MANY == len(set(made))
