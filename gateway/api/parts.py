"""
What the routes work with, made once by ``bootstrap`` and found by its class.

A route names the service it speaks to, ``doors: Annotated[Door, service(Door)]``, and nothing
else; that it is there is checked when the application is built.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from gateway.api.cursors import Cursors
from gateway.api.limits import TokenBuckets
from gateway.api.metrics import Metrics
from gateway.domain.log import JSONValue
from gateway.ports.tokens import ClientAuthenticator, TokenIssuer, TokenVerifier
from gateway.services.context import Context

__all__ = ["CurrentParts", "Identity", "Parts", "Published", "parts_of", "service"]

_PART = TypeVar("_PART")


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who may come in.

    Attributes:
        authenticator: From an assertion to a caller.
        issuer: From a caller to a token.
        verifier: From a token to a caller.
        metadata: The authorisation server's metadata (RFC 8414).
    """

    authenticator: ClientAuthenticator
    issuer: TokenIssuer
    verifier: TokenVerifier
    metadata: Mapping[str, JSONValue]


@dataclass(frozen=True, slots=True)
class Published:
    """
    What anybody may read.

    Attributes:
        log_origin: The log's name, as in its heads.
        log_vkeys: Keys by which the log's heads are verified (C2SP signed-note).
        policy_jwks: Keys by which the bundle's signature is verified (RFC 7517).
        bundle: The policy revision in force: entity tag and signed archive.
        tile: Reads the first ``width`` hashes of a tile: ``(level, number, width)``.
        checkpoint: The newest head that may be shown: with a policy, one that its quorum cosigned.
        witness_policy: The policy of witnesses as the operator wrote it; ``None`` for none.
        ready: What has to hold for the gateway to serve: name to whether it does.
    """

    log_origin: str
    log_vkeys: tuple[str, ...]
    policy_jwks: tuple[Mapping[str, str], ...]
    bundle: Callable[[], tuple[str, bytes]]
    tile: Callable[[int, int, int], bytes]
    checkpoint: Callable[[], str]
    witness_policy: bytes | None
    ready: Callable[[], Awaitable[Mapping[str, bool]]]


@dataclass(frozen=True, slots=True)
class Parts:
    """
    Everything the routes may use.

    Attributes:
        context: The tenant's ports.
        identity: Who may come in.
        published: What anybody may read.
        cursors: Where lists go on.
        services: Use cases, by their class.
        limits: How often somebody may ask, by what is asked.
        metrics: Counts and durations.
    """

    context: Context
    identity: Identity
    published: Published
    cursors: Cursors
    services: Mapping[type, Any]
    limits: Mapping[str, TokenBuckets]
    metrics: Metrics = field(default_factory=Metrics)

    def service(self, kind: type[_PART]) -> _PART:
        """Return the service of this class."""
        found: _PART = self.services[kind]
        return found


async def current_parts(request: Request) -> Parts:
    """Return what the application was built with, to a route."""
    return parts_of(request)


def parts_of(request: Request) -> Parts:
    """Return what the application was built with."""
    parts: Parts = request.app.state.parts
    return parts


CurrentParts = Annotated[Parts, Depends(current_parts)]


class _Service:
    """A dependency that hands out one service."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    async def __call__(self, request: Request) -> Any:
        """Return the service."""
        return parts_of(request).service(self.kind)


def service(kind: type) -> Any:
    """Return the dependency that hands out the service of this class."""
    return Depends(_Service(kind))
