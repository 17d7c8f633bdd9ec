"""The desk's clock: only assertions and the life of tokens depend on it, never evidence."""

import time

from gateway.domain.ids import Millis

__all__ = ["SystemClock"]


class SystemClock:
    """The computer's clock, held still while it is set back."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> Millis:
        """Return the present instant."""
        self._last = max(self._last, time.time_ns() // 1_000_000)
        return Millis(self._last)
