"""Who is at the door: from an assertion to an access token, and from a token to a caller."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.domain.disclosure import Caller
from gateway.domain.log import JSONValue

__all__ = ["ClientAuthenticator", "IssuedToken", "TokenIssuer", "TokenVerifier"]


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """
    An access token, as the token endpoint hands it out.

    Attributes:
        token: The compact token; a secret.
        expires_in: Seconds until it expires.
        scopes: What it allows, sorted; the wire joins them with spaces.
    """

    token: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]


class ClientAuthenticator(Protocol):
    """Proves which agency's system presents an assertion (RFC 7523, ``private_key_jwt``)."""

    def authenticate(self, assertion: str) -> Caller:
        """
        Return who presents the assertion, with every scope registered for that system.

        An assertion is accepted once, on whichever replica it is presented.

        Raises:
            NotAuthenticated: Any doubt; nothing says which.
            StorageUnavailable: The registers or the store of used assertions are silent.
        """
        ...


class TokenIssuer(Protocol):
    """Makes access tokens (RFC 9068)."""

    def issue(self, caller: Caller, scopes: Collection[str] = ()) -> IssuedToken:
        """
        Return a new access token for an authenticated caller.

        Args:
            caller: Who authenticated just now.
            scopes: What is asked for; nothing asks for all that is registered.

        Raises:
            NotAuthorized: A scope is asked for that is not registered for this system.
        """
        ...


class TokenVerifier(Protocol):
    """Turns an access token into the caller it stands for."""

    def verify(self, token: str) -> Caller:
        """
        Return whom the token stands for.

        Raises:
            NotAuthenticated: The token is not valid here and now.
            NotAuthorized: It is valid, but its agency or system is suspended, at the latest
                60 seconds after it was.
            StorageUnavailable: The registers are silent.
        """
        ...

    def forget(self, id_: str) -> None:
        """Read the registers anew at the next token of this system or agency."""
        ...

    def jwks(self) -> Mapping[str, JSONValue]:
        """Return the public keys by which tokens are verified (RFC 7517 5)."""
        ...
