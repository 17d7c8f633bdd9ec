"""
Keys: what each may be used for, their public form, and files only their owner can read.

* One key, one use: P-256 to sign records and tokens, another P-256 to open what is sealed,
  Ed25519 for log heads, 32 random bytes for key-encryption and pseudonym keys.
* ``kid`` is the RFC 7638 thumbprint unless a registered key brings its own.
* A key file is written once, never over another, and readable by its owner alone.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, digest_text, unb64u
from gateway.domain.errors import IntegrityError, MalformedRequest

__all__ = [
    "Algorithm",
    "BadKey",
    "KeyFileUnusable",
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
    "load_private_key",
    "load_secret",
    "public_jwk",
    "read_public_jwk",
    "save_private_key",
    "save_secret",
    "seal_to",
    "thumbprint",
    "verify_key",
]

SECRET_BYTES: Final = 32
_COORDINATE_BYTES: Final = 32
_MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 4096
_MAX_FILE_BYTES: Final = 16384
_EXPONENT: Final = 65537
_NOT_PRIVATE: Final = stat.S_IWGRP | stat.S_IRWXO
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


class BadKey(MalformedRequest):
    """A public key is malformed, private, too weak or of a kind not used here."""

    def __init__(self) -> None:
        super().__init__("bad-key")


class KeyFileUnusable(IntegrityError):
    """A key file is missing, open to others, already there, or not a key."""


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


def save_private_key(path: Path, key: PrivateKey) -> None:
    """
    Write a private key as PKCS #8 PEM that only its owner can read.

    Raises:
        KeyFileUnusable: The file exists already, or cannot be written.
    """
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_once(path, pem)


def load_private_key(path: Path) -> PrivateKey:
    """
    Read a private key: P-256, Ed25519 or RSA.

    Raises:
        KeyFileUnusable: It is missing, open to others, or not such a key.
    """
    key: object
    try:
        key = serialization.load_pem_private_key(_read_private(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _MIN_RSA_BITS:
        return key
    raise KeyFileUnusable("not a private key of a kind used here")


def save_secret(path: Path, secret: bytes) -> None:
    """
    Write 32 secret bytes as base64url that only their owner can read.

    Raises:
        KeyFileUnusable: The file exists already or cannot be written, or the length is wrong.
    """
    if len(secret) != SECRET_BYTES:
        raise KeyFileUnusable("a secret has another length")
    _write_once(path, b64u(secret).encode("ascii") + b"\n")


def load_secret(path: Path) -> bytes:
    """
    Read 32 secret bytes.

    Raises:
        KeyFileUnusable: The file is missing, open to others, or holds something else.
    """
    secret: bytes | None
    try:
        text = _read_private(path).decode("ascii").removesuffix("\n")
        secret = unb64u(text, length=SECRET_BYTES)
    except (BadEncoding, ValueError):
        secret = None
    if secret is None:
        raise KeyFileUnusable("not a secret")
    return secret


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
            if e != _EXPONENT or not _MIN_RSA_BITS <= n.bit_length() <= _MAX_RSA_BITS:
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


def _write_once(path: Path, content: bytes) -> None:
    failed = False
    try:
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        failed = True
    if failed:
        raise KeyFileUnusable("a key file exists already or cannot be written")


def _read_private(path: Path) -> bytes:
    content = b""
    mode = _NOT_PRIVATE
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MAX_FILE_BYTES)
    except OSError:
        mode = _NOT_PRIVATE
    if mode & _NOT_PRIVATE:
        raise KeyFileUnusable("a key file is missing or open to others")
    return content
