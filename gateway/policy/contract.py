"""The two schemas between the gateway and its rules, checked on every question and answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

from gateway.domain.disclosure import Outcome
from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer

__all__ = ["PolicyContract"]


@dataclass(frozen=True, slots=True)
class PolicyContract:
    """
    ``schemas/policy-input.json`` and ``schemas/policy-decision.json``, compiled.

    An input that breaks its schema is a defect of the gateway, an answer that breaks its
    schema one of the rules. Both are silence to the caller: nothing may pass.
    """

    question: Any
    answer: Any

    @classmethod
    def read(cls, schemas: Path) -> "PolicyContract":
        """Compile both schemas from the ``schemas`` directory."""
        question, answer = (
            jsonschema_rs.validator_for(json.loads((schemas / name).read_text(encoding="utf-8")))
            for name in ("policy-input.json", "policy-decision.json")
        )
        return cls(question, answer)

    def check_question(self, policy_input: Mapping[str, JSONValue]) -> None:
        """
        Check an input before any engine sees it.

        Raises:
            PolicyUnavailable: It is not as the schema demands. The message never holds values.
        """
        try:
            valid = self.question.is_valid(policy_input)
        except ValueError as error:
            raise PolicyUnavailable("the input is not plain JSON") from error
        if not valid:
            raise PolicyUnavailable("the input is not as its schema demands")

    def read_answer(self, decision: object, *, revision: str, engine: str) -> PolicyAnswer:
        """
        Turn what an engine said into an answer, or into silence.

        Raises:
            PolicyUnavailable: It is not as the schema demands, or contradicts itself.
        """
        if not isinstance(decision, dict) or not self.answer.is_valid(decision):
            raise PolicyUnavailable("the answer is not as its schema demands")
        outcome = Outcome(decision["outcome"])
        if (outcome is Outcome.PERMIT) != bool(decision["fields_permitted"]):
            raise PolicyUnavailable("the answer contradicts itself")
        return PolicyAnswer(outcome, decision, revision, engine)
