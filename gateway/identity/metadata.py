"""What the authorisation server says about itself (RFC 8414)."""

from collections.abc import Mapping

from gateway.crypto.keys import Algorithm
from gateway.domain.log import JSONValue
from gateway.identity.clients import SCOPES

__all__ = ["server_metadata"]


def server_metadata(issuer: str) -> Mapping[str, JSONValue]:
    """
    Return the document of ``/.well-known/oauth-authorization-server``.

    Args:
        issuer: The gateway's origin, without a trailing slash.
    """
    algorithms: list[JSONValue] = [a.value for a in Algorithm]
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],  # there is no authorisation endpoint
        "scopes_supported": [*sorted(SCOPES)],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
    }
