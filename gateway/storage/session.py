"""
A write session: the one connection that changes the log, seen alike for both databases.

* :class:`StepFailed` is about one change; the transaction can be undone and done without it.
* :class:`WriteFailed` is about the database; what was in flight has an unknown outcome.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from gateway.storage.statements import Dialect
from gateway.storage.steps import Refusal, Step, Value

__all__ = ["StepFailed", "WriteFailed", "WriteSession"]


class StepFailed(Exception):
    """A step did not achieve what it must; ``refusal`` is ``None`` when nothing excuses it."""

    def __init__(self, refusal: Refusal | None) -> None:
        super().__init__("a step did not achieve what it must")
        self.refusal = refusal


class WriteFailed(Exception):
    """
    The database failed; ``final`` when it may have lost what it acknowledged.

    After a failed fsync nothing read back can be trusted, so it is never tried again.
    """

    def __init__(self, *, final: bool = False) -> None:
        super().__init__("the database failed")
        self.final = final


class WriteSession(Protocol):
    """The writer's connection. Every method may raise :class:`WriteFailed`."""

    dialect: Dialect

    def begin(self) -> None:
        """Open a transaction."""
        ...

    def run(self, steps: Sequence[Step]) -> None:
        """
        Run the steps in this order.

        Raises:
            StepFailed: One did not achieve what it must; the transaction, or the
                savepoint, has to be undone.
        """
        ...

    def fetch(self, statement: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return the rows of a query, read in the transaction if one is open."""
        ...

    def savepoint(self) -> None:
        """Mark where :meth:`undo` returns to."""
        ...

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        ...

    def undo(self) -> None:
        """Undo what was done since the savepoint."""
        ...

    def commit(self) -> None:
        """Make the transaction durable before returning."""
        ...

    def rollback(self) -> None:
        """Undo the transaction."""
        ...

    def close(self) -> None:
        """Let go of the connection and of the writer's lock; never raises."""
        ...
