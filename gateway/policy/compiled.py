"""
The compiled evaluator (RVM) of the embedded library: several times as fast as the interpreter.

It once left a stop silent that the interpreter and OPA both saw. So it answers only what the
interpreter has confirmed (:mod:`gateway.policy.confirmed`), and a revision on which the two
differ does not serve (:mod:`gateway.policy.selfcheck`).
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import regorus

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import ENTRYPOINT
from gateway.policy.interpreter import guarded

__all__ = ["CompiledPolicy", "TooLong"]

_LIMIT: Final = "maximum instruction limit"


class TooLong(PolicyUnavailable):
    """The evaluator stopped at its fixed number of instructions; it said nothing to compare."""


class CompiledPolicy:
    """Evaluates one revision in the thread that made it."""

    def __init__(
        self, modules: Mapping[str, str], data_json: str, entrypoint: str = ENTRYPOINT
    ) -> None:
        """
        Compile the revision.

        Raises:
            PolicyUnavailable: It does not compile, for example because of an unknown function.
        """
        with guarded():
            program = regorus.Program.compile_from_modules(
                data_json, list(modules.items()), [entrypoint]
            )
            self._entrypoint = entrypoint
            self._vm = regorus.Rvm()
            self._vm.load_program(program)
            self._vm.set_data_json(data_json)

    def said(self, policy_input: Mapping[str, Any]) -> Any:
        """
        Return what the evaluator says, unread.

        Raises:
            TooLong: The question takes more instructions than the evaluator allows.
            PolicyUnavailable: It failed.
        """
        try:
            with guarded():
                self._vm.set_input_json(orjson.dumps(policy_input).decode())
                return orjson.loads(self._vm.execute_entry_point(self._entrypoint))
        except PolicyUnavailable as error:
            if _LIMIT in str(error.__cause__):
                raise TooLong("stopped by the evaluator's instruction limit") from error
            raise
