"""Tokens: every way to be almost right is refused, with nothing said to the caller."""

import hashlib
import hmac
import json
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from gateway.crypto.encoding import b64u
from gateway.crypto.jws import sign_jws
from gateway.crypto.jwt import (
    MAX_TOKEN_BYTES,
    InvalidToken,
    TokenFault,
    TokenRules,
    sign_jwt,
    sign_proof_jwt,
    verify_jwt,
    verify_proof_jwt,
)
from gateway.crypto.keys import Algorithm, SigningKey, generate_log_key, generate_signing_key

KEY, OTHER = generate_signing_key(), generate_signing_key()
NOW = 1_795_459_525_123
NOW_S = NOW // 1000
RULES = TokenRules("client-authentication+jwt", "npo-hidamari", "https://gw.example", 300)
CLAIMS: dict[str, Any] = {
    "iss": "npo-hidamari",
    "sub": "npo-hidamari",
    "aud": "https://gw.example",
    "iat": NOW_S,
    "exp": NOW_S + 60,
    "jti": "j-1",
}


def _verify(token: str) -> dict[str, Any]:
    return verify_jwt(token, keys={KEY.kid: KEY.public()}, rules=RULES, now=NOW)


def _signed(header: str, payload: str, key: SigningKey = KEY) -> str:
    """A token with any text as header and payload, truly signed."""
    signed = f"{b64u(header.encode())}.{b64u(payload.encode())}"
    private = key.private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _header(**changes: Any) -> str:
    header = {"alg": "ES256", "kid": KEY.kid, "typ": RULES.typ, **changes}
    return json.dumps({k: v for k, v in header.items() if v is not None})


def _fault(token: str) -> TokenFault:
    with pytest.raises(InvalidToken) as refused:
        _verify(token)
    assert "not authenticated" == str(refused.value)
    return refused.value.fault


def _claims(**changes: Any) -> str:
    claims = {k: v for k, v in {**CLAIMS, **changes}.items() if v is not None}
    return _signed(_header(), json.dumps(claims))


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", ""])
def test_token_without_a_signature_is_refused(alg: str) -> None:
    unsigned = f"{b64u(_header(alg=alg).encode())}.{b64u(json.dumps(CLAIMS).encode())}."

    assert _fault(unsigned) in {TokenFault.ALGORITHM, TokenFault.HEADER}


def test_token_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    pem = KEY.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{b64u(_header(alg='HS256').encode())}.{b64u(json.dumps(CLAIMS).encode())}"
    mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()

    assert TokenFault.ALGORITHM == _fault(f"{signed}.{b64u(mac)}")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES512", "ES384", "ES256K", "EdDSA", "Ed25519"])
def test_token_with_another_algorithm_than_the_keys_is_refused(alg: str) -> None:
    assert TokenFault.ALGORITHM == _fault(_signed(_header(alg=alg), json.dumps(CLAIMS)))


@pytest.mark.parametrize(
    "header",
    [
        _header()[:-1] + ', "alg": "none"}',
        _header()[:-1] + ', "Alg": "none"}',
        _header()[:-1] + ', "typ": "at+jwt"}',
    ],
    ids=count(),
)
def test_token_with_a_header_member_twice_is_refused(header: str) -> None:
    assert TokenFault.MALFORMED == _fault(_signed(header, json.dumps(CLAIMS)))


def test_token_with_a_claim_twice_is_refused() -> None:
    twice = json.dumps(CLAIMS)[:-1] + ', "aud": "https://other.example"}'

    assert TokenFault.CLAIMS == _fault(_signed(_header(), twice))


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"b64": True},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"jwk": OTHER.public().jwk()},
        {"x5c": ["AAAA"]},
        {"x5t": "AAAA"},
        {"zip": "DEF"},
        {"unknown": 1},
        {"kid": 5},
        {"kid": ""},
        {"kid": "k" * 10_000},
        {"kid": "a\nb"},
        {"typ": ["at+jwt"]},
        {"alg": ["ES256"]},
        {"alg": None},
    ],
    ids=count(),
)
def test_token_with_another_header_member_is_refused(member: dict[str, Any]) -> None:
    fault = _fault(_signed(_header(**member), json.dumps(CLAIMS)))

    assert fault in {TokenFault.HEADER, TokenFault.MALFORMED}


@pytest.mark.parametrize(
    "kid",
    ["../../etc/passwd", "' OR 1=1 --", "https://evil.example/k", OTHER.kid, None, KEY.kid + "x"],
    ids=count(),
)
def test_token_of_an_unknown_key_is_refused(kid: str | None) -> None:
    assert TokenFault.UNKNOWN_KEY == _fault(_signed(_header(kid=kid), json.dumps(CLAIMS)))


def test_token_signed_by_another_key_under_a_known_id_is_refused() -> None:
    assert TokenFault.SIGNATURE == _fault(_signed(_header(), json.dumps(CLAIMS), OTHER))


@pytest.mark.parametrize("typ", ["at+jwt", "JWT", "jwt", None, "dpop+jwt", RULES.typ.upper()])
def test_token_of_another_type_is_refused(typ: str | None) -> None:
    assert TokenFault.TYPE == _fault(_signed(_header(typ=typ), json.dumps(CLAIMS)))


@pytest.mark.parametrize(
    "audience",
    [
        "https://gw.example/oauth/token",
        ["https://gw.example"],
        ["https://gw.example", "https://other.example"],
        "https://other.example",
        "https://gw.example/",
        "",
        None,
        1,
        {},
    ],
    ids=count(),
)
def test_token_for_another_audience_is_refused(audience: object) -> None:
    assert TokenFault.AUDIENCE == _fault(_claims(aud=audience))


@pytest.mark.parametrize("issuer", ["shakyo", None, ["npo-hidamari"], ""], ids=count())
def test_token_of_another_issuer_is_refused(issuer: object) -> None:
    assert TokenFault.ISSUER == _fault(_claims(iss=issuer))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"exp": None}, TokenFault.CLAIMS),
        ({"exp": str(NOW_S + 60)}, TokenFault.CLAIMS),
        ({"exp": NOW_S + 0.5}, TokenFault.CLAIMS),
        ({"exp": True}, TokenFault.CLAIMS),
        ({"exp": [NOW_S]}, TokenFault.CLAIMS),
        ({"exp": -1}, TokenFault.CLAIMS),
        ({"exp": 2**60}, TokenFault.CLAIMS),
        ({"exp": float("nan")}, TokenFault.CLAIMS),
        ({"exp": float("inf")}, TokenFault.CLAIMS),
        ({"exp": 253_402_300_799}, TokenFault.TOO_LONG),
        ({"exp": NOW_S + 301}, TokenFault.TOO_LONG),
        ({"exp": NOW_S}, TokenFault.EXPIRED),
        ({"exp": NOW_S - 1}, TokenFault.EXPIRED),
        ({"iat": None}, TokenFault.CLAIMS),
        ({"iat": "now"}, TokenFault.CLAIMS),
        ({"iat": NOW_S + 11}, TokenFault.NOT_YET),
        ({"iat": NOW_S + 61}, TokenFault.NOT_YET),
        ({"iat": NOW_S - 31_536_000}, TokenFault.TOO_LONG),
        ({"iat": NOW_S + 8, "exp": NOW_S + 5}, TokenFault.TOO_LONG),
        ({"nbf": NOW_S + 61}, TokenFault.NOT_YET),
        ({"nbf": "now"}, TokenFault.CLAIMS),
        ({"jti": None}, TokenFault.CLAIMS),
        ({"jti": ""}, TokenFault.CLAIMS),
        ({"jti": 7}, TokenFault.CLAIMS),
        ({"jti": "j" * 201}, TokenFault.CLAIMS),
        ({"jti": "佐藤"}, TokenFault.CLAIMS),
    ],
    ids=count(),
)
def test_token_with_bad_times_or_id_is_refused(changes: dict[str, Any], fault: TokenFault) -> None:
    assert fault == _fault(_claims(**changes))


@pytest.mark.parametrize(
    "payload",
    ["", "[]", "null", '"claims"', "{", json.dumps(CLAIMS)[:-1] + ', "exp": 1e400}'],
    ids=count(),
)
def test_token_whose_claims_cannot_be_read_is_refused(payload: str) -> None:
    assert TokenFault.CLAIMS == _fault(_signed(_header(), payload))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b", "a.b.c.d", "a..b", "=.=.=", "é.é.é", "A" * (MAX_TOKEN_BYTES + 1)],
    ids=count(),
)
def test_token_in_another_form_is_refused(token: str) -> None:
    assert _fault(token) in {TokenFault.MALFORMED, TokenFault.HEADER}


def test_token_with_padding_or_spare_bits_is_refused() -> None:
    token = sign_jwt(CLAIMS, key=KEY, typ=RULES.typ)
    head, payload, signature = token.split(".")

    for lie in (f"{head}=.{payload}.{signature}", f"{head}.{payload}.{signature}=", f" {token}"):
        assert TokenFault.MALFORMED == _fault(lie)


def test_refused_token_leaves_no_trace_of_its_content() -> None:
    with pytest.raises(InvalidToken) as refused:
        _verify(_claims(jti=None, name="佐藤さん"))

    assert "佐藤" not in repr(refused.value) + str(refused.value.__context__)


def test_token_that_is_right_gives_its_claims() -> None:
    assert CLAIMS == _verify(sign_jwt(CLAIMS, key=KEY, typ=RULES.typ))
    assert NOW_S + 8 == _verify(_claims(iat=NOW_S + 8, nbf=NOW_S + 10))["iat"]


def test_token_with_an_ed25519_key_verifies() -> None:
    key = SigningKey("log-1", Algorithm.ED25519, generate_log_key())
    token = sign_jwt(CLAIMS, key=key, typ=RULES.typ)

    assert CLAIMS == verify_jwt(token, keys={"log-1": key.public()}, rules=RULES, now=NOW)


def _proof(**changes: Any) -> str:
    claims = {"jti": "p-1", "iat": NOW_S, "htm": "POST", "htu": "https://gw.example/v1", **changes}
    return sign_proof_jwt(claims, key=KEY, typ="dpop+jwt")


def _refused_proof(token: str) -> TokenFault:
    with pytest.raises(InvalidToken) as refused:
        verify_proof_jwt(token, typ="dpop+jwt", max_age=60, now=NOW)
    return refused.value.fault


def test_proof_names_the_key_that_signed_it() -> None:
    proof = verify_proof_jwt(_proof(), typ="dpop+jwt", max_age=60, now=NOW)

    assert KEY.kid == proof.thumbprint
    assert "POST" == proof.claims["htm"]


def test_proof_that_is_old_early_or_without_id_is_refused() -> None:
    assert TokenFault.EXPIRED == _refused_proof(_proof(iat=NOW_S - 61))
    assert TokenFault.NOT_YET == _refused_proof(_proof(iat=NOW_S + 11))
    assert TokenFault.CLAIMS == _refused_proof(_proof(jti=""))
    assert TokenFault.CLAIMS == _refused_proof(_proof(iat="1"))


def test_proof_of_another_type_or_without_its_key_is_refused() -> None:
    no_key = sign_jwt({"jti": "p", "iat": NOW_S}, key=KEY, typ="dpop+jwt")

    assert TokenFault.HEADER == _refused_proof(no_key)
    assert TokenFault.TYPE == _refused_proof(
        sign_proof_jwt({"jti": "p", "iat": NOW_S}, key=KEY, typ="at+jwt")
    )


@pytest.mark.parametrize(
    "jwk",
    [
        {**KEY.public().jwk(), "d": "AAAA"},
        {"kty": "oct", "k": "AAAA"},
        "AAAA",
        {},
        None,
        {**KEY.public().jwk(), "use": "enc"},
    ],
    ids=count(),
)
def test_proof_with_an_unfit_embedded_key_is_refused(jwk: Any) -> None:
    claims = json.dumps({"jti": "p", "iat": NOW_S}).encode()
    token = sign_jws(claims, key=KEY, typ="dpop+jwt", header={"jwk": jwk})

    assert TokenFault.UNKNOWN_KEY == _refused_proof(token)


def test_proof_with_the_key_of_somebody_else_is_refused() -> None:
    claims = json.dumps({"jti": "p", "iat": NOW_S}).encode()
    jwk = {k: v for k, v in OTHER.public().jwk().items() if k in {"kty", "crv", "x", "y"}}

    assert TokenFault.SIGNATURE == _refused_proof(
        sign_jws(claims, key=KEY, typ="dpop+jwt", header={"jwk": jwk})
    )
