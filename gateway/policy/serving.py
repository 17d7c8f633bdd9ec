"""The revision in force: replaced only by one that has passed its self-check."""

from collections.abc import Callable, Mapping
from pathlib import Path

from gateway.crypto.keys import SigningKey
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.policy.bundle import PolicyBundle
from gateway.policy.contract import PolicyContract
from gateway.policy.selfcheck import load_policy
from gateway.policy.signing import sign_archive
from gateway.ports.pdp import PolicyDecisionPoint

__all__ = ["CurrentPolicy", "SignedBundle"]


def _nothing_before(_: PolicyBundle) -> None:
    """Do nothing before a revision decides."""


class CurrentPolicy:
    """
    Decides by the last good revision of a policies directory, on the embedded engine.

    A question is answered completely by the revision that was in force when it came; the
    answer names it.
    """

    def __init__(self, directory: Path, contract: PolicyContract) -> None:
        """
        Load and check the first revision.

        Raises:
            RevisionRejected: It may not serve. There is no earlier one, so nothing does.
        """
        self._directory = directory
        self._contract = contract
        self._engine: PolicyDecisionPoint
        self._engine, self._bundle = load_policy(directory, contract)

    @property
    def revision(self) -> str:
        """Digest of the revision in force."""
        return self._engine.revision

    @property
    def engine(self) -> str:
        """Engine and version."""
        return self._engine.engine

    @property
    def bundle(self) -> PolicyBundle:
        """The revision in force, as sidecars pull it."""
        return self._bundle

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """Decide one unit; see :class:`gateway.ports.pdp.PolicyDecisionPoint`."""
        return await self._engine.decide(policy_input)

    def renew(self, *, before: Callable[[PolicyBundle], None] = _nothing_before) -> bool:
        """
        Put the directory's present content in force.

        Args:
            before: Called with the new revision before it decides anything; whatever this
                raises keeps the last good one in force.

        Returns:
            Whether another revision is in force now.

        Raises:
            RevisionRejected: It may not serve; the last good one stays in force, and the
                findings are for whoever must be told.
        """
        engine, bundle = load_policy(self._directory, self._contract)
        changed = bundle.revision != self._bundle.revision
        before(bundle)
        self._engine, self._bundle = engine, bundle
        return changed


class SignedBundle:
    """The revision in force with the gateway's signature, for engines that pull it."""

    def __init__(self, policy: CurrentPolicy, key: SigningKey) -> None:
        self._policy = policy
        self._key = key
        self._signed: tuple[str, bytes] = ("", b"")

    def __call__(self) -> tuple[str, bytes]:
        """Return entity tag and archive; one revision and one key make one archive."""
        bundle = self._policy.bundle
        signed = self._signed
        if signed[0] != bundle.etag:
            signed = self._signed = bundle.etag, sign_archive(bundle.archive, self._key)
        return signed
