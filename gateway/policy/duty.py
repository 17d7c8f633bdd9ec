"""
What the law demands after something has happened: ``data.duty.main``, the second entry point.

A breach brings reports and notices with their days, a provision brings records. The question
names no person (``schemas/duty-input.json``); the answer says which duties there are, what
brought them about and why others fall away (``schemas/duty-decision.json``). Silence here means
that nobody knows: whoever asks must then take it that every duty exists.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import orjson

from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.policy.bundle import PolicyBundle
from gateway.policy.interpreter import UNDEFINED, engine_for, guarded
from gateway.policy.opa import OPAPolicy

__all__ = ["DUTY_ENTRYPOINT", "DutyContract", "EmbeddedDuties", "OPADuties"]

DUTY_ENTRYPOINT: Final = "data.duty.main.decision"


@dataclass(frozen=True, slots=True)
class DutyContract:
    """``schemas/duty-input.json`` and ``schemas/duty-decision.json``, compiled."""

    question: Any
    answer: Any

    @classmethod
    def read(cls, schemas: Path) -> "DutyContract":
        """Compile both schemas from the ``schemas`` directory."""
        question, answer = (
            jsonschema_rs.validator_for(json.loads((schemas / name).read_text(encoding="utf-8")))
            for name in ("duty-input.json", "duty-decision.json")
        )
        return cls(question, answer)

    def check_question(self, question: Mapping[str, JSONValue]) -> None:
        """
        Check an input before any engine sees it.

        Raises:
            PolicyUnavailable: It is not as the schema demands.
        """
        try:
            valid = self.question.is_valid(question)
        except ValueError as error:
            raise PolicyUnavailable("the input is not plain JSON") from error
        if not valid:
            raise PolicyUnavailable("the input is not as its schema demands")

    def read_answer(self, said: object) -> Mapping[str, Any]:
        """
        Return what an engine said.

        Raises:
            PolicyUnavailable: It is not as the schema demands.
        """
        if not isinstance(said, dict) or not self.answer.is_valid(said):
            raise PolicyUnavailable("the answer is not as its schema demands")
        return said


class EmbeddedDuties:
    """Decides by one revision, in the calling thread."""

    def __init__(self, bundle: PolicyBundle, contract: DutyContract) -> None:
        self._bundle = bundle
        self._contract = contract
        self._local = threading.local()

    def decide_now(self, question: Mapping[str, JSONValue]) -> Mapping[str, Any]:
        """
        Return the duties that something that has happened brings.

        Raises:
            PolicyUnavailable: Question or answer breaks its schema, or the engine is silent.
        """
        self._contract.check_question(question)
        with guarded():
            engine = self._engine()
            engine.set_input_json(orjson.dumps(question).decode())
            said = orjson.loads(engine.eval_rule_as_json(DUTY_ENTRYPOINT))
        if said == UNDEFINED:
            raise PolicyUnavailable("the decision is undefined")
        return self._contract.read_answer(said)

    def _engine(self) -> Any:
        engine = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = engine_for(self._bundle.modules, self._bundle.data_json)
        return engine


class OPADuties:
    """Asks the OPA server that decides on disclosures."""

    def __init__(self, policy: OPAPolicy, contract: DutyContract) -> None:
        self._policy = policy
        self._contract = contract

    async def decide(self, question: Mapping[str, JSONValue]) -> Mapping[str, Any]:
        """
        Return the duties that something that has happened brings.

        Raises:
            PolicyUnavailable: As :meth:`EmbeddedDuties.decide_now`, or OPA is silent or
                decided by another revision.
        """
        self._contract.check_question(question)
        return self._contract.read_answer(await self._policy.said("duty.main", question))
