"""Why a policy revision may not serve."""

from collections.abc import Sequence

from gateway.domain.errors import PolicyUnavailable

__all__ = ["RevisionRejected"]


class RevisionRejected(PolicyUnavailable):
    """
    A policy revision may not serve; the last good one stays, and somebody must be told.

    ``findings`` say what is wrong, one sentence each: a place in a file, a table's member
    or a known case that was decided otherwise. They never hold facts about a person.
    """

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("; ".join(findings))
        self.findings = tuple(findings)
