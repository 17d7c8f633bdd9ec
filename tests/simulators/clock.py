"""A clock that stands still until it is told to move."""

from gateway.domain.ids import Millis

__all__ = ["NOON", "FixedClock"]

NOON = Millis(1_780_282_800_000)  # 2026-06-01 12:00 +09:00


class FixedClock:
    """Tells the time it was set to."""

    def __init__(self, now: Millis = NOON) -> None:
        self._now = now

    def now(self) -> Millis:
        """Return the instant it was set to."""
        return self._now

    def set(self, now: int) -> None:
        """Go to an instant."""
        self._now = Millis(now)

    def advance(self, millis: int) -> None:
        """Move forward."""
        self._now = Millis(self._now + millis)
