"""
Key files: written once, never over another, and read only while nobody else can read them.

Private keys are PKCS #8 PEM, secrets one line of base64url. A file that others may read or
change is refused, so that a slip of permissions is noticed at start and not by a thief.
"""

import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.crypto.encoding import BadEncoding, b64u, unb64u
from gateway.crypto.keys import (
    MIN_RSA_BITS,
    SECRET_BYTES,
    BadKey,
    PrivateKey,
    PublicKey,
    VerifyKey,
    public_jwk,
    verify_key,
)
from gateway.domain.errors import IntegrityError

__all__ = [
    "KeyFileUnusable",
    "load_private_key",
    "load_secret",
    "load_verify_key",
    "public_pem",
    "save_private_key",
    "save_public_key",
    "save_secret",
]

_MAX_FILE_BYTES: Final = 16384
_NOT_PRIVATE: Final = stat.S_IWGRP | stat.S_IRWXO


class KeyFileUnusable(IntegrityError):
    """A key file is missing, open to others, already there, or not a key."""


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


def save_public_key(path: Path, key: PublicKey) -> None:
    """
    Write a public key as PEM (SubjectPublicKeyInfo).

    Raises:
        KeyFileUnusable: The file exists already, or cannot be written.
    """
    _write_once(path, public_pem(key).encode("ascii"))


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
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        return key
    raise KeyFileUnusable("not a private key of a kind used here")


def public_pem(key: PublicKey) -> str:
    """Return a public key as PEM (SubjectPublicKeyInfo), as other programs take it."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


def load_verify_key(path: Path) -> VerifyKey:
    """
    Read a public key that verifies, from PEM; its id is its thumbprint.

    Raises:
        KeyFileUnusable: It is missing, or no public key of a kind used here.
    """
    key: VerifyKey | None
    try:
        with path.open("rb") as file:
            read = serialization.load_pem_public_key(file.read(_MAX_FILE_BYTES))
        key = _verifying(read)
    except (OSError, ValueError, UnsupportedAlgorithm, BadKey):
        key = None
    if key is None:
        raise KeyFileUnusable("not a public key of a kind used here")
    return key


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


def _verifying(key: object) -> VerifyKey | None:
    kinds = (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, rsa.RSAPublicKey)
    return verify_key(public_jwk(key)) if isinstance(key, kinds) else None


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
