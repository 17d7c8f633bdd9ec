"""What a decision comes to, so that two of them can be compared and told apart in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import ENTRYPOINT, PolicyBundle
from gateway.policy.interpreter import engine_for, guarded

__all__ = ["Outline", "Outlook", "outline"]


@dataclass(frozen=True, slots=True)
class Outline:
    """
    What a decision comes to.

    Attributes:
        outcome: ``permit``, ``deny`` or ``not_applicable``.
        permitted: Fields that pass, sorted.
        bases: Bases that carry it.
        stops: Stops that fired, sorted.
        reasons: Codes of the reasons, sorted.
        duties: Codes of the duties, sorted.
    """

    outcome: str
    permitted: tuple[str, ...]
    bases: tuple[str, ...]
    stops: tuple[str, ...]
    reasons: tuple[str, ...]
    duties: tuple[str, ...]


def outline(decision: Mapping[str, Any]) -> Outline:
    """Return what a decision comes to."""
    return Outline(
        outcome=decision["outcome"],
        permitted=tuple(decision["fields_permitted"]),
        bases=tuple(g["basis"] for g in decision["grounds"]),
        stops=tuple(sorted({s["stop"] for s in decision["stops"]})),
        reasons=tuple(sorted({r["code"] for r in decision["reasons"]})),
        duties=tuple(sorted({d["code"] for d in decision["obligations"]})),
    )


class Outlook:
    """
    Decides any input by one revision, whatever schema the input was written for.

    For looking back and ahead alone: what serves checks its question first.
    """

    def __init__(self, bundle: PolicyBundle) -> None:
        """
        Load the revision into an engine of the calling thread.

        Raises:
            RevisionRejected: The engine cannot read a file.
        """
        self._engine = engine_for(bundle.modules, bundle.data_json)

    def decided(self, policy_input: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the decision, or ``None`` where the rules come to none."""
        try:
            with guarded():
                self._engine.set_input_json(orjson.dumps(policy_input).decode())
                said = orjson.loads(self._engine.eval_rule_as_json(ENTRYPOINT))
        except PolicyUnavailable:
            return None
        return said if isinstance(said, dict) else None  # undefined is a word

    def outline(self, policy_input: Mapping[str, Any]) -> Outline | None:
        """Return what the decision comes to, or ``None`` where there is none."""
        decision = self.decided(policy_input)
        return None if decision is None else outline(decision)
