"""The clock: the only place a decision may learn what time it is."""

from typing import Protocol

from gateway.domain.ids import Millis

__all__ = ["Clock"]


class Clock(Protocol):
    """Tells the time in epoch milliseconds, UTC; never goes backwards within a process."""

    def now(self) -> Millis:
        """Return the present instant."""
        ...
