"""
How often somebody may ask: one bucket of tokens for each caller, in this process alone.

A gateway that serves in several processes lets each of them pass as many. What is limited is
named in ``Parts.limits``; a route takes from it by ``gateway.api.dependencies.allowance``.
"""

import threading
from typing import Final

from gateway.domain.errors import TooManyRequests
from gateway.domain.ids import Millis
from gateway.ports.clock import Clock

__all__ = ["TokenBuckets"]

_MINUTE_MS: Final = 60_000
_SECOND_MS: Final = 1_000


class TokenBuckets:
    """
    Buckets that hold as many tokens as fill in a minute, and are full at first.

    Whoever takes more at once than a bucket holds waits until it is full, and then owes the
    rest, so that nobody is shut out and no more passes in the long run.

    Args:
        clock: Tells the time.
        per_minute: How many tokens fill in a minute.
    """

    def __init__(self, clock: Clock, *, per_minute: int) -> None:
        self._clock = clock
        self._rate = per_minute  # a token is a minute of milliseconds, so that all is whole
        self._full = per_minute * _MINUTE_MS
        self._buckets: dict[str, tuple[int, Millis]] = {}
        self._lock = threading.Lock()

    def take(self, key: str, count: int = 1) -> None:
        """
        Take tokens out of the bucket of ``key``, one of a closed set: no bucket is forgotten.

        Raises:
            TooManyRequests: There are not enough; none was taken.
        """
        with self._lock:
            now = self._clock.now()
            level, since = self._buckets.get(key, (self._full, now))
            level = min(self._full, level + (now - since) * self._rate)
            wanted = count * _MINUTE_MS
            missing = min(wanted, self._full) - level
            if missing > 0:
                raise TooManyRequests(-(-missing // (self._rate * _SECOND_MS)))
            self._buckets[key] = (level - wanted, now)
