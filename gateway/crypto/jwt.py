"""
The one verifier of tokens: what libraries leave to their caller is decided here.

* ``typ`` must be the type expected here, so that no token passes for another kind (RFC 8725 3.11).
* ``aud`` is one string, ``exp``, ``iat`` and ``jti`` are required, times are whole seconds,
  a life has an upper bound, and ``iat`` or ``nbf`` may be at most ten seconds ahead.
* Header and claims are read with the strict reader; duplicate members are refused.
* Time is an argument. The caller hears nothing but "not authenticated"; the fault is for logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gateway.crypto.canonical import canonical_json
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.jws import BadJWS, CompactJWS, parse_jws, sign_jws, verify_jws
from gateway.crypto.keys import BadKey, SigningKey, VerifyKey, thumbprint, verify_key
from gateway.domain.errors import NotAuthenticated
from gateway.domain.ids import Millis
from gateway.domain.log import JSONValue

__all__ = [
    "MAX_TOKEN_BYTES",
    "InvalidToken",
    "ProofToken",
    "TokenFault",
    "TokenRules",
    "sign_jwt",
    "sign_proof_jwt",
    "verify_jwt",
    "verify_proof_jwt",
]

MAX_TOKEN_BYTES: Final = 8192
AHEAD_SECONDS: Final = 10  # FAPI 2.0 5.3.2.1: accept 10 s, and refuse more than 60 s

_MAX_ID: Final = 200
_MILLIS: Final = 1000


class TokenFault(StrEnum):
    """Why a token is refused; for logs and tests, never for the caller."""

    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    TYPE = "type"
    UNKNOWN_KEY = "unknown-key"
    CLAIMS = "claims"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    TOO_LONG = "too-long"


class InvalidToken(NotAuthenticated):
    """A token does not authenticate; ``fault`` says why, in our logs only."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__("not authenticated")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class TokenRules:
    """
    What a token must say to be accepted at one place.

    Attributes:
        typ: Its exact type, for example ``at+jwt`` or ``client-authentication+jwt``.
        issuer: Its exact ``iss``.
        audience: Its exact ``aud``, one string.
        max_life: Most seconds from ``iat`` to ``exp``.
    """

    typ: str
    issuer: str
    audience: str
    max_life: int


@dataclass(frozen=True, slots=True)
class ProofToken:
    """A proof of possession: its claims, and the thumbprint of the key that signed it."""

    claims: Mapping[str, Any]
    thumbprint: str


def sign_jwt(claims: Mapping[str, JSONValue], *, key: SigningKey, typ: str) -> str:
    """
    Return a token with these claims.

    Args:
        claims: The claims; times in whole seconds.
        key: Signs.
        typ: The token's type.
    """
    return sign_jws(canonical_json(claims), key=key, typ=typ)


def verify_jwt(
    token: str, *, keys: Mapping[str, VerifyKey], rules: TokenRules, now: Millis
) -> dict[str, Any]:
    """
    Return the claims of a token that is valid here and now.

    Whether its ``jti`` was used before is for the caller to check, in a store.

    Args:
        token: The compact token.
        keys: The keys that may have signed it, by key id: those of one client or issuer.
        rules: What it must say.
        now: Epoch milliseconds.

    Raises:
        InvalidToken: It is not valid; nothing about why reaches the caller.
    """
    jws = _parsed(token, rules.typ, embedded_key=False)
    key = keys.get(jws.kid)
    if key is None:
        raise InvalidToken(TokenFault.UNKNOWN_KEY)
    _verify(jws, key)
    claims = _claims(jws)
    if claims.get("iss") != rules.issuer:
        raise InvalidToken(TokenFault.ISSUER)
    if claims.get("aud") != rules.audience:
        raise InvalidToken(TokenFault.AUDIENCE)
    _check_id(claims)
    _check_times(claims, rules.max_life, now // _MILLIS)
    return claims


def sign_proof_jwt(claims: Mapping[str, JSONValue], *, key: SigningKey, typ: str) -> str:
    """Return a token whose header carries the key that signed it (RFC 9449 4.2)."""
    jwk = {name: v for name, v in key.public().jwk().items() if name not in {"kid", "alg", "use"}}
    return sign_jws(canonical_json(claims), key=key, typ=typ, header={"jwk": jwk})


def verify_proof_jwt(token: str, *, typ: str, max_age: int, now: Millis) -> ProofToken:
    """
    Return a proof of possession whose embedded key signed it just now (RFC 9449 4.3).

    It proves only that the sender holds a key. The caller compares the thumbprint with the
    token it comes with, checks ``htm``, ``htu``, ``ath`` and ``nonce``, and the ``jti`` in a
    store.

    Args:
        token: The compact token.
        typ: Its exact type, ``dpop+jwt``.
        max_age: Most seconds since ``iat``.
        now: Epoch milliseconds.

    Raises:
        InvalidToken: It is not valid.
    """
    jws = _parsed(token, typ, embedded_key=True)
    try:
        key = verify_key(jws.header["jwk"]) if isinstance(jws.header["jwk"], dict) else None
    except BadKey:
        key = None
    if key is None:
        raise InvalidToken(TokenFault.UNKNOWN_KEY)
    _verify(jws, key)
    claims = _claims(jws)
    _check_id(claims)
    issued = _seconds(claims, "iat")
    if issued > now // _MILLIS + AHEAD_SECONDS:
        raise InvalidToken(TokenFault.NOT_YET)
    if issued + max_age < now // _MILLIS:
        raise InvalidToken(TokenFault.EXPIRED)
    return ProofToken(claims, thumbprint(jws.header["jwk"]))


def _parsed(token: str, typ: str, *, embedded_key: bool) -> CompactJWS:
    fault: TokenFault | None = None
    jws: CompactJWS | None = None
    try:
        jws = parse_jws(token, max_bytes=MAX_TOKEN_BYTES, embedded_key=embedded_key)
    except BadJWS as error:
        fault = TokenFault(error.fault.value)
    if jws is None:
        raise InvalidToken(fault or TokenFault.MALFORMED)
    if jws.typ != typ:
        raise InvalidToken(TokenFault.TYPE)
    return jws


def _verify(jws: CompactJWS, key: VerifyKey) -> None:
    fault: TokenFault | None = None
    try:
        verify_jws(jws, key)
    except BadJWS as error:
        fault = TokenFault(error.fault.value)
    if fault is not None:
        raise InvalidToken(fault)


def _claims(jws: CompactJWS) -> dict[str, Any]:
    claims: dict[str, Any] | None
    try:
        claims = read_json_object(jws.payload, max_bytes=MAX_TOKEN_BYTES)
    except UnreadableJSON:
        claims = None
    if claims is None:
        raise InvalidToken(TokenFault.CLAIMS)
    return claims


def _check_id(claims: Mapping[str, Any]) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_ID or not jti.isascii():
        raise InvalidToken(TokenFault.CLAIMS)


def _check_times(claims: Mapping[str, Any], max_life: int, now: int) -> None:
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    latest = max(issued, _seconds(claims, "nbf") if "nbf" in claims else issued)
    if latest > now + AHEAD_SECONDS:
        raise InvalidToken(TokenFault.NOT_YET)
    if expires <= now:
        raise InvalidToken(TokenFault.EXPIRED)
    if not 0 < expires - issued <= max_life:
        raise InvalidToken(TokenFault.TOO_LONG)


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or value < 0:
        raise InvalidToken(TokenFault.CLAIMS)
    return value
