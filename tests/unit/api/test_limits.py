"""Whoever asks too often waits, and nobody is shut out."""

import pytest

from gateway.api.limits import TokenBuckets
from gateway.domain.errors import TooManyRequests
from tests.simulators.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def buckets(clock: FixedClock) -> TokenBuckets:
    """Sixty a minute: one a second."""
    return TokenBuckets(clock, per_minute=60)


def refused(buckets: TokenBuckets, key: str = "city-desk", count: int = 1) -> int:
    """Return after how many seconds to ask again."""
    with pytest.raises(TooManyRequests) as caught:
        buckets.take(key, count)
    return caught.value.retry_after


def test_bucket_that_is_empty_refuses_until_a_token_has_filled(
    buckets: TokenBuckets, clock: FixedClock
) -> None:
    for _ in range(60):
        buckets.take("city-desk")

    assert 1 == refused(buckets)
    clock.advance(999)
    assert 1 == refused(buckets)
    clock.advance(1)
    buckets.take("city-desk")
    assert 1 == refused(buckets)


def test_refusal_takes_nothing_and_says_how_long_it_lasts(
    buckets: TokenBuckets, clock: FixedClock
) -> None:
    buckets.take("city-desk", 50)

    assert 10 == refused(buckets, count=20)
    assert 10 == refused(buckets, count=20)
    buckets.take("city-desk", 10)
    clock.advance(500)
    assert 20 == refused(buckets, count=20)  # 19.5 are missing


def test_bucket_of_another_is_another(buckets: TokenBuckets) -> None:
    buckets.take("city-desk", 60)

    buckets.take("shakyo-desk", 60)

    assert 1 == refused(buckets)


def test_bucket_never_holds_more_than_a_minute_fills(
    buckets: TokenBuckets, clock: FixedClock
) -> None:
    buckets.take("city-desk", 60)
    clock.advance(3_600_000)
    buckets.take("city-desk", 60)

    assert 1 == refused(buckets)


def test_more_than_a_bucket_holds_passes_when_it_is_full_and_is_owed(clock: FixedClock) -> None:
    """A batch of fifty is not shut out where ten a minute are allowed; it waits five minutes."""
    buckets = TokenBuckets(clock, per_minute=10)
    buckets.take("city-desk", 50)

    assert 246 == refused(buckets)
    assert 300 == refused(buckets, count=50)
    clock.advance(299_999)
    assert 1 == refused(buckets, count=50)
    clock.advance(1)
    buckets.take("city-desk", 50)


def test_slow_rate_keeps_the_rest_of_a_token(clock: FixedClock) -> None:
    """Whole numbers: asking often does not lose what has filled so far."""
    buckets = TokenBuckets(clock, per_minute=7)
    buckets.take("city-desk", 7)
    for _ in range(8_571):
        clock.advance(1)
        refused(buckets)
    clock.advance(1)

    buckets.take("city-desk")
