"""Compact signatures: one algorithm per key, and a header that cannot ask for anything."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.crypto.jws import BadJWS, JWSFault, parse_jws, sign_jws, verify_jws
from gateway.crypto.keys import (
    Algorithm,
    SigningKey,
    generate_log_key,
    generate_signing_key,
    verify_key,
)

KEYS = {
    "ES256": generate_signing_key(),
    "Ed25519": SigningKey("k", Algorithm.ED25519, generate_log_key()),
    "PS256": SigningKey("k", Algorithm.PS256, rsa.generate_private_key(65537, 2048)),
}

# RFC 7515 A.3: protected header, payload, signature and key.
RFC_JWS = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
RFC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


def test_jws_of_the_rfc_verifies() -> None:
    jws = parse_jws(RFC_JWS, max_bytes=1000)

    verify_jws(jws, verify_key(RFC_KEY))

    assert b'{"iss":"joe"' == jws.payload[:12]


@pytest.mark.parametrize("alg", KEYS)
def test_jws_verifies_with_its_key_and_with_no_other(alg: str) -> None:
    jws = parse_jws(sign_jws(b"payload", key=KEYS[alg], typ="t"), max_bytes=2000)

    verify_jws(jws, KEYS[alg].public())

    for other in set(KEYS) - {alg}:
        with pytest.raises(BadJWS) as refused:
            verify_jws(jws, KEYS[other].public())
        assert JWSFault.ALGORITHM == refused.value.fault


@pytest.mark.parametrize("alg", KEYS)
def test_jws_with_a_changed_signature_is_refused(alg: str) -> None:
    token = sign_jws(b"payload", key=KEYS[alg], typ="t")
    head, _, signature = token.rpartition(".")

    for lie in ("", signature[4:], signature + "AAAA", signature[:-8] + "AAAAAAAA", "AAAA"):
        with pytest.raises(BadJWS):
            verify_jws(parse_jws(f"{head}.{lie}", max_bytes=2000), KEYS[alg].public())


def test_jws_with_a_der_signature_is_refused() -> None:
    """RFC 7518 3.4: exactly 64 bytes; the DER form of the same signature is another spelling."""
    private = KEYS["ES256"].private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    jws = parse_jws(sign_jws(b"payload", key=KEYS["ES256"], typ="t"), max_bytes=2000)
    der = private.sign(jws.signed, ec.ECDSA(hashes.SHA256()))

    for signature in (der, bytes(64), bytes(63), jws.signature + b"\0"):
        with pytest.raises(BadJWS) as refused:
            verify_jws(replace(jws, signature=signature), KEYS["ES256"].public())
        assert JWSFault.SIGNATURE == refused.value.fault
