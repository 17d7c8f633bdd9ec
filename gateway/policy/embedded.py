"""
The embedded engine: regorus' interpreter, inside the process.

* An engine belongs to the thread that made it; each thread makes its own, once.
* A failure of the engine may be a ``PanicException``, which derives from
  ``BaseException``; it is silence like any other.
* The interpreter decides. The same library's compiled evaluator is only compared with it
  (:mod:`gateway.policy.selfcheck`), because it answered some references otherwise.
"""

import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import orjson
import regorus

from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.policy.bundle import ENTRYPOINT, PolicyBundle
from gateway.policy.contract import PolicyContract
from gateway.policy.rejection import RevisionRejected

__all__ = ["EmbeddedPolicy", "engine_for", "guarded"]

UNDEFINED = "<undefined>"
_ENGINE = f"regorus {version('gordon-to-regorus')}"


class EmbeddedPolicy:
    """Decides by one revision, in the calling thread."""

    def __init__(self, bundle: PolicyBundle, contract: PolicyContract) -> None:
        self._bundle = bundle
        self._contract = contract
        self._local = threading.local()

    @property
    def revision(self) -> str:
        """Digest of the revision."""
        return self._bundle.revision

    @property
    def engine(self) -> str:
        """The interpreter and its version."""
        return _ENGINE

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """Decide one unit; see :class:`gateway.ports.pdp.PolicyDecisionPoint`."""
        return self.decide_now(policy_input)

    def decide_now(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """
        Decide one unit without awaiting anything.

        Raises:
            PolicyUnavailable: As the port says.
        """
        self._contract.check_question(policy_input)
        with guarded():
            engine = self._engine()
            engine.set_input_json(orjson.dumps(policy_input).decode())
            said = engine.eval_rule_as_json(ENTRYPOINT)
            decision = orjson.loads(said)
        if decision == UNDEFINED:
            raise PolicyUnavailable("the decision is undefined")
        return self._contract.read_answer(decision, revision=self.revision, engine=self.engine)

    def _engine(self) -> Any:
        engine = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = engine_for(self._bundle.modules, self._bundle.data_json)
        return engine


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
