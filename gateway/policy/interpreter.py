"""
The interpreter of the embedded library: the evaluator that is believed.

* An engine belongs to the thread that made it.
* A failure of the engine may be a ``PanicException``, which derives from
  ``BaseException``; it is silence like any other.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

import orjson
import regorus

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import ENTRYPOINT
from gateway.policy.rejection import RevisionRejected

__all__ = ["LIBRARY", "UNDEFINED", "InterpretedPolicy", "engine_for", "guarded"]

# What the library writes for what the rules leave undefined.
UNDEFINED: Final = "<undefined>"
LIBRARY: Final = f"regorus {version('gordon-to-regorus')}"


class InterpretedPolicy:
    """Evaluates one revision in the thread that made it."""

    def __init__(
        self, modules: Mapping[str, str], data_json: str, entrypoint: str = ENTRYPOINT
    ) -> None:
        """
        Load rules and tables.

        Raises:
            RevisionRejected: The engine cannot read a file; the finding names the place.
        """
        self._engine = engine_for(modules, data_json)
        self._entrypoint = entrypoint

    def said(self, policy_input: Mapping[str, Any]) -> Any:
        """
        Return what the interpreter says, unread; what is undefined is :data:`UNDEFINED`.

        Raises:
            PolicyUnavailable: It failed.
        """
        with guarded():
            self._engine.set_input_json(orjson.dumps(policy_input).decode())
            return orjson.loads(self._engine.eval_rule_as_json(self._entrypoint))


class guarded:  # noqa: N801 - reads as a word in a with statement
    """Turn whatever the engine raises into ``PolicyUnavailable``, panics included."""

    def __enter__(self) -> None:
        """Nothing is held."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        """Let stop signals pass; translate the rest."""
        if error is None or isinstance(error, (KeyboardInterrupt, SystemExit, PolicyUnavailable)):
            return
        raise PolicyUnavailable("the policy engine failed") from error


def engine_for(modules: Mapping[str, str], data_json: str) -> Any:
    """
    Load rules and tables into an interpreter of the calling thread.

    Raises:
        RevisionRejected: The engine cannot read a file; the finding names the place.
    """
    engine = regorus.Engine()
    try:
        for path, source in modules.items():
            engine.add_policy(path, source)
        engine.add_data_json(data_json)
    except RuntimeError as error:
        # The library appends a backtrace to its message.
        finding = str(error).split("Stack backtrace", 1)[0].strip()
        raise RevisionRejected([finding]) from None
    return engine
