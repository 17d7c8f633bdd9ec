"""
Keys: what each may be used for, and their public form.

* One key, one use: P-256 to sign records and tokens, another P-256 to open what is sealed,
  Ed25519 for log heads, 32 random bytes for key-encryption and pseudonym keys.
* ``kid`` is the RFC 7638 thumbprint unless a registered key brings its own.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, digest_text, unb64u
from gateway.domain.errors import MalformedRequest

__all__ = [
    "MIN_RSA_BITS",
    "SECRET_BYTES",
    "Algorithm",
    "BadKey",
    "PrivateKey",
    "PublicKey",
    "SealTo",
    "SealingKey",
    "SigningKey",
    "VerifyKey",
    "generate_log_key",
    "generate_sealing_key",
    "generate_secret",
    "generate_signing_key",
    "public_jwk",
    "read_public_jwk",
    "seal_to",
    "thumbprint",
    "verify_key",
]

SECRET_BYTES: Final = 32
_COORDINATE_BYTES: Final = 32
MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 4096
_EXPONENT: Final = 65537
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


class BadKey(MalformedRequest):
    """A public key is malformed, private, too weak or of a kind not used here."""

    def __init__(self) -> None:
        super().__init__("bad-key")


class Algorithm(StrEnum):
    """The signature algorithms in use (RFC 7518, RFC 9864); a key has exactly one."""

    ES256 = "ES256"
    ED25519 = "Ed25519"
    PS256 = "PS256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs, its id and its only algorithm."""

    kid: str
    alg: Algorithm
    private: PrivateKey = field(repr=False)

    def public(self) -> "VerifyKey":
        """Return what verifies its signatures."""
        return VerifyKey(self.kid, self.alg, self.private.public_key())


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key that verifies, its id and its only algorithm."""

    kid: str
    alg: Algorithm
    public: PublicKey

    def jwk(self) -> dict[str, str]:
        """Return the key as JWK with ``kid``, ``alg`` and ``use``."""
        return {**public_jwk(self.public), "kid": self.kid, "alg": self.alg.value, "use": "sig"}


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A P-256 private key that opens what is sealed to it."""

    kid: str
    private: ec.EllipticCurvePrivateKey = field(repr=False)

    def public(self) -> "SealTo":
        """Return what one seals to."""
        return SealTo(self.kid, self.private.public_key())


@dataclass(frozen=True, slots=True)
class SealTo:
    """A recipient's P-256 public key."""

    kid: str
    public: ec.EllipticCurvePublicKey

    def jwk(self) -> dict[str, str]:
        """Return the key as JWK with ``kid``, ``alg`` and ``use``."""
        jwk = public_jwk(self.public)
        return {**jwk, "kid": self.kid, "alg": "ECDH-ES+A256KW", "use": "enc"}


def generate_signing_key() -> SigningKey:
    """Return a new P-256 key that signs with ES256."""
    private = ec.generate_private_key(ec.SECP256R1())
    return SigningKey(thumbprint(public_jwk(private.public_key())), Algorithm.ES256, private)


def generate_sealing_key() -> SealingKey:
    """Return a new P-256 key to seal to."""
    private = ec.generate_private_key(ec.SECP256R1())
    return SealingKey(thumbprint(public_jwk(private.public_key())), private)


def generate_log_key() -> ed25519.Ed25519PrivateKey:
    """Return a new Ed25519 key for the heads of one log, or for one witness."""
    return ed25519.Ed25519PrivateKey.generate()


def generate_secret() -> bytes:
    """Return 32 random bytes: a key-encryption key or a pseudonym key."""
    return os.urandom(SECRET_BYTES)


def public_jwk(key: PublicKey) -> dict[str, str]:
    """
    Return the required members of the key's JWK (RFC 7517, RFC 8037).

    Raises:
        BadKey: It is on another curve than P-256.
    """
    match key:
        case ec.EllipticCurvePublicKey():
            if not isinstance(key.curve, ec.SECP256R1):
                raise BadKey
            point = key.public_numbers()
            x, y = (n.to_bytes(_COORDINATE_BYTES, "big") for n in (point.x, point.y))
            return {"crv": "P-256", "kty": "EC", "x": b64u(x), "y": b64u(y)}
        case ed25519.Ed25519PublicKey():
            return {"crv": "Ed25519", "kty": "OKP", "x": b64u(key.public_bytes_raw())}
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}


def read_public_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    """
    Return the public key of a JWK; P-256, Ed25519 or RSA of 2048 to 4096 bits.

    Raises:
        BadKey: It is malformed, off the curve, private, symmetric, too weak or of another kind.
    """
    if _PRIVATE_MEMBERS & jwk.keys():
        raise BadKey
    key: PublicKey | None
    try:
        key = _read_public(jwk)
    except (BadEncoding, KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if key is None:
        raise BadKey
    return key


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """
    Return the SHA-256 thumbprint of a public JWK (RFC 7638), 43 characters.

    Raises:
        BadKey: See :func:`read_public_jwk`.
    """
    return digest_text(canonical_json(public_jwk(read_public_jwk(jwk))))


def verify_key(jwk: Mapping[str, Any]) -> VerifyKey:
    """
    Return the verifying key of a registered JWK; its ``alg`` follows from its kind.

    Raises:
        BadKey: See :func:`read_public_jwk`; or ``use`` or ``alg`` says otherwise.
    """
    public = read_public_jwk(jwk)
    alg = _algorithm(public)
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", alg.value) != alg.value:
        raise BadKey
    return VerifyKey(_kid(jwk), alg, public)


def seal_to(jwk: Mapping[str, Any]) -> SealTo:
    """
    Return the sealing key of a registered JWK.

    Raises:
        BadKey: It is not on P-256, or ``use`` or ``alg`` says otherwise.
    """
    public = read_public_jwk(jwk)
    if not isinstance(public, ec.EllipticCurvePublicKey) or jwk.get("use", "enc") != "enc":
        raise BadKey
    if jwk.get("alg", "ECDH-ES+A256KW") != "ECDH-ES+A256KW":
        raise BadKey
    return SealTo(_kid(jwk), public)


def _read_public(jwk: Mapping[str, Any]) -> PublicKey:
    match jwk["kty"], jwk.get("crv"):
        case "EC", "P-256":
            x, y = (unb64u(jwk[name], length=_COORDINATE_BYTES) for name in ("x", "y"))
            point = (int.from_bytes(x, "big"), int.from_bytes(y, "big"))
            return ec.EllipticCurvePublicNumbers(*point, ec.SECP256R1()).public_key()
        case "OKP", "Ed25519":
            raw = unb64u(jwk["x"], length=_COORDINATE_BYTES)
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        case "RSA", None:
            n, e = (int.from_bytes(unb64u(jwk[name]), "big") for name in ("n", "e"))
            if e != _EXPONENT or not MIN_RSA_BITS <= n.bit_length() <= _MAX_RSA_BITS:
                raise BadKey
            return rsa.RSAPublicNumbers(e, n).public_key()
        case _:
            raise BadKey


def _algorithm(key: PublicKey) -> Algorithm:
    match key:
        case ec.EllipticCurvePublicKey():
            return Algorithm.ES256
        case ed25519.Ed25519PublicKey():
            return Algorithm.ED25519
        case rsa.RSAPublicKey():
            return Algorithm.PS256


def _kid(jwk: Mapping[str, Any]) -> str:
    kid = jwk.get("kid")
    if kid is None:
        return thumbprint(jwk)
    if not isinstance(kid, str) or not kid.isascii() or not kid.isprintable() or not kid:
        raise BadKey
    return kid


def _number(value: int) -> str:
    return b64u(value.to_bytes((value.bit_length() + 7) // 8, "big"))
