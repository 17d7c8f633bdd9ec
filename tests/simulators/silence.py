"""A policy engine that says nothing."""

from collections.abc import Mapping

from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer

__all__ = ["SilentPolicy"]


class SilentPolicy:
    """A decision point that never answers."""

    revision = "sha256:none"
    engine = "silent"

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:  # noqa: ARG002 - it does not even look
        """Say nothing."""
        raise PolicyUnavailable("silent")
