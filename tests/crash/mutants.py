"""Two builds that break a promise: mixins over a real session, so that the checks must bite."""

from collections.abc import Sequence

from gateway.storage.steps import Step
from tests.crash.adapters import is_entry

__all__ = ["MUTANTS", "EarlyDelivery", "LateCommit"]


class EarlyDelivery:
    """Commits the rows of a release first, and its entry in a transaction of its own."""

    def run(self, steps: Sequence[Step]) -> None:
        """Run the steps, with a commit before the first that appends to the log."""
        shown = any(step.statement.startswith("INSERT INTO delivery ") for step in steps)
        if not shown:
            super().run(steps)
            return
        # An entry's first step is its body, one before the entry itself.
        cut = next(i for i, step in enumerate(steps) if is_entry(step)) - 1
        super().run(steps[:cut])
        super().commit()
        super().begin()
        super().run(steps[cut:])


class LateCommit:
    """Says that it has committed an entry, and commits when the next one comes."""

    _appends = False
    _owes = False

    def begin(self) -> None:
        """Open a transaction, unless one is open still."""
        if not self._owes:
            super().begin()

    def run(self, steps: Sequence[Step]) -> None:
        """Run the steps, after committing what was promised if they append to the log."""
        self._appends = any(map(is_entry, steps))
        if self._owes and self._appends:
            self._owes = False
            super().commit()
            super().begin()
        super().run(steps)

    def commit(self) -> None:
        """Commit later whatever appends to the log."""
        self._owes |= self._appends
        if not self._owes:
            super().commit()


MUTANTS = {"early-delivery": EarlyDelivery, "late-commit": LateCommit}
