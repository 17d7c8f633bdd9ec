"""
The sidecar: an OPA server on the loopback interface, asked over HTTP.

OPA pulls the bundle that the gateway serves and says in each answer which revision it
decided by (``provenance``); an answer of another revision is no answer. The client is made
inside the running loop, never retries, and is given little time.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
from opa_client.opa_async import AsyncOpaClient

from gateway.domain.errors import PolicyUnavailable
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.policy.contract import PolicyContract

__all__ = ["OPAPolicy"]

_SILENCE = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError, KeyError, TypeError)


class OPAPolicy:
    """
    Decides by the revision that an OPA server has activated.

    Use as ``async with``: entering opens the connection pool inside the running loop and
    asks the server which revision it serves.
    """

    def __init__(
        self,
        contract: PolicyContract,
        *,
        revision: str,
        host: str = "127.0.0.1",
        port: int = 8181,
        timeout_s: float = 0.3,
    ) -> None:
        """
        Take the revision that must answer.

        Args:
            contract: The schemas of question and answer.
            revision: Digest of the bundle that the gateway serves.
            host: Where OPA listens; loopback, since the library's TLS cannot be pinned.
            port: Its port.
            timeout_s: Seconds after which an answer is too late.
        """
        self._contract = contract
        self._revision = revision
        self._timeout_s = timeout_s
        self._client = AsyncOpaClient(host=host, port=port, retries=0, timeout=timeout_s)
        self._engine = "opa"

    @property
    def revision(self) -> str:
        """Digest of the revision that must answer."""
        return self._revision

    @property
    def engine(self) -> str:
        """OPA and, once it has answered, its version."""
        return self._engine

    async def __aenter__(self) -> Self:
        """Open the connection pool in the running loop."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the connection pool."""
        await self._client.__aexit__(*exc)

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        """Decide one unit; see :class:`gateway.ports.pdp.PolicyDecisionPoint`."""
        self._contract.check_question(policy_input)
        decision = await self.said("disclosure.main", policy_input)
        return self._contract.read_answer(decision, revision=self._revision, engine=self._engine)

    async def said(self, package: str, question: Mapping[str, JSONValue]) -> object:
        """
        Return what ``decision`` of a package is, unread, by the revision that must answer.

        Raises:
            PolicyUnavailable: No usable answer in time, or one by another revision.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await self._client.query_rule(
                    dict(question), package, "decision", query_params={"provenance": "true"}
                )
            decision, revision = body["result"], self._activated(body)
        except _SILENCE as error:
            raise PolicyUnavailable("OPA gave no usable answer") from error
        if revision != self._revision:
            raise PolicyUnavailable("OPA decided by another revision")
        return decision

    def _activated(self, body: Mapping[str, Any]) -> str:
        provenance = body["provenance"]
        self._engine = f"opa {provenance['version']}"
        revisions = {b["revision"] for b in provenance["bundles"].values()}
        (revision,) = revisions
        return str(revision)
