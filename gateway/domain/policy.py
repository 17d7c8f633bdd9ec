"""What a policy engine answers, before it is read as a decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.disclosure import Outcome
from gateway.domain.log import JSONValue

__all__ = ["PolicyAnswer"]


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """
    One usable answer: it has been checked against ``schemas/policy-decision.json``.

    Attributes:
        outcome: Permit, deny or not applicable; an unusable answer is never one of these.
        decision: The whole answer, as the schema says; sorted, without case content.
        revision: Digest of the rules that answered.
        engine: Engine and version that answered.
    """

    outcome: Outcome
    decision: Mapping[str, JSONValue]
    revision: str
    engine: str
