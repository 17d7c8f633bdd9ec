"""The policy decision point: asked about one unit, it answers or it is silent."""

from collections.abc import Mapping
from typing import Protocol

from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer

__all__ = ["PolicyDecisionPoint"]


class PolicyDecisionPoint(Protocol):
    """
    Whether something may pass, decided from the input alone.

    The same input and revision give the same answer on every adapter. Nothing but an answer
    that was understood completely is returned; the caller records a silence as
    ``INDETERMINATE`` and refuses.
    """

    @property
    def revision(self) -> str:
        """Digest of the rules that will answer the next question."""
        ...

    @property
    def engine(self) -> str:
        """Engine and version, as recorded with a decision."""
        ...

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """
        Decide one unit: an input of ``schemas/policy-input.json``, made of plain dicts.

        Raises:
            PolicyUnavailable: The input is not as the schema demands, or the engine gave an
                error, nothing, something late or something of another shape.
        """
        ...
