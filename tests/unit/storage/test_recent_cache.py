"""The writer's memory for readers keeps what is new, and what is asked for."""

from gateway.storage.memory import RecentCache


def test_value_that_was_never_put_is_none() -> None:
    assert RecentCache[int, str](2).get(1) is None


def test_cache_forgets_the_oldest_and_never_grows_beyond_twice_its_limit() -> None:
    cache = RecentCache[int, int](10)
    for n in range(100):
        cache.put({n: n})
        known = [k for k in range(n + 1) if k in cache._young or k in cache._old]  # noqa: SLF001 - its size
        assert min(n + 1, 10) <= len(known) <= 22
    assert cache.get(99) == 99
    assert cache.get(0) is None


def test_value_that_is_read_stays_longer() -> None:
    cache = RecentCache[int, int](10)
    cache.put({0: 0, 1: 1})
    for n in range(2, 100):
        cache.put({n: n})
        assert cache.get(0) == 0
    assert cache.get(1) is None
