"""
The embedded engine: the policy decided inside the process.

Each thread makes its own evaluators, once: they belong to the thread that made them. Which of
the two answers is said in :mod:`gateway.policy.confirmed`.
"""

import threading
from collections.abc import Mapping

from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.policy.bundle import PolicyBundle
from gateway.policy.confirmed import ConfirmedPolicy
from gateway.policy.contract import PolicyContract
from gateway.policy.interpreter import LIBRARY, UNDEFINED

__all__ = ["EmbeddedPolicy"]


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
        """The library and its version."""
        return LIBRARY

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
        decision = self._evaluators().said(policy_input)
        if decision == UNDEFINED:
            raise PolicyUnavailable("the decision is undefined")
        return self._contract.read_answer(decision, revision=self.revision, engine=self.engine)

    def _evaluators(self) -> ConfirmedPolicy:
        made: ConfirmedPolicy | None = getattr(self._local, "evaluators", None)
        if made is None:
            made = ConfirmedPolicy.of(self._bundle.modules, self._bundle.data_json)
            self._local.evaluators = made
        return made
