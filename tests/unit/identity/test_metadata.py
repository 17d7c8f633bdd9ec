"""The server's description of itself promises what it does, and nothing else."""

import json

from gateway.identity.metadata import server_metadata


def test_metadata_names_one_grant_one_way_to_authenticate_and_no_weak_algorithm() -> None:
    document = json.loads(json.dumps(server_metadata("https://gw.example")))

    assert {
        "issuer": "https://gw.example",
        "token_endpoint": "https://gw.example/oauth/token",
        "jwks_uri": "https://gw.example/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": ["auditor", "member", "officer", "operator"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "Ed25519", "PS256"],
    } == document
