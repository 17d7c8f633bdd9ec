"""
Compact signatures (RFC 7515), for one algorithm per key and a closed header.

* The header is read with the strict reader and may hold ``alg``, ``typ``, ``kid``, ``cty``
  and, only where a proof of possession needs it, ``jwk``. Nothing that points elsewhere
  (``jku``, ``x5u``, ``x5c``) and nothing that changes the meaning (``crit``, ``b64``) is read.
* The algorithm is the key's, never the header's choice; ``none`` and HMAC do not exist here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, unb64u
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.keys import SigningKey, VerifyKey
from gateway.domain.errors import IntegrityError

__all__ = ["BadJWS", "CompactJWS", "JWSFault", "parse_jws", "sign_jws", "verify_jws"]

_MAX_HEADER_BYTES: Final = 2048
_MAX_KID: Final = 200
_PARTS: Final = 3
_ES256_BYTES: Final = 32
_HEADER: Final = frozenset({"alg", "typ", "kid", "cty"})
_SHA256: Final = hashes.SHA256()
# RFC 6979: one text and one key have one signature, and no poor random number gives a key away.
_ECDSA: Final = ec.ECDSA(_SHA256, deterministic_signing=True)
_PSS: Final = padding.PSS(mgf=padding.MGF1(_SHA256), salt_length=_SHA256.digest_size)


class JWSFault(StrEnum):
    """Why a compact signature is refused; for logs, never for the caller."""

    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"


class BadJWS(IntegrityError):
    """A compact signature is malformed or does not verify; ``fault`` says which."""

    def __init__(self, fault: JWSFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CompactJWS:
    """
    A compact signature as read; nothing in it is proven before :func:`verify_jws`.

    Attributes:
        header: The header, with known members only.
        payload: The payload's bytes.
        signed: The bytes that the signature is over.
        signature: The signature's bytes.
    """

    header: Mapping[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes

    @property
    def alg(self) -> str:
        """The algorithm the header claims."""
        return str(self.header["alg"])

    @property
    def typ(self) -> str:
        """The type the header claims; empty when it claims none."""
        return str(self.header.get("typ", ""))

    @property
    def kid(self) -> str:
        """The key id the header claims; empty when it claims none."""
        return str(self.header.get("kid", ""))


def sign_jws(
    payload: bytes, *, key: SigningKey, typ: str, header: Mapping[str, Any] | None = None
) -> str:
    """
    Return a compact signature over ``payload``.

    Args:
        payload: What is signed.
        key: Signs; its algorithm and id go into the header.
        typ: The type, for example ``at+jwt``.
        header: Further members, for example ``jwk`` of a proof of possession.
    """
    members = {"alg": key.alg.value, "kid": key.kid, "typ": typ, **(header or {})}
    signed = f"{b64u(canonical_json(members))}.{b64u(payload)}".encode("ascii")
    return f"{signed.decode('ascii')}.{b64u(_sign(signed, key))}"


def parse_jws(token: str, *, max_bytes: int, embedded_key: bool = False) -> CompactJWS:
    """
    Read a compact signature without believing it.

    Args:
        token: Three parts of base64url.
        max_bytes: Length above which nothing is read.
        embedded_key: Whether the header must, or else must not, hold ``jwk``.

    Raises:
        BadJWS: It is malformed, or the header holds something else.
    """
    parts = token.split(".") if len(token) <= max_bytes else []
    if len(parts) != _PARTS:
        raise BadJWS(JWSFault.MALFORMED)
    decoded: CompactJWS | None
    try:
        header = read_json_object(unb64u(parts[0]), max_bytes=_MAX_HEADER_BYTES)
        decoded = CompactJWS(
            header,
            unb64u(parts[1]),
            f"{parts[0]}.{parts[1]}".encode("ascii"),
            unb64u(parts[2]),
        )
    except (BadEncoding, UnreadableJSON):
        decoded = None
    if decoded is None:
        raise BadJWS(JWSFault.MALFORMED)
    _check_header(decoded.header, embedded_key=embedded_key)
    return decoded


def verify_jws(jws: CompactJWS, key: VerifyKey) -> None:
    """
    Check the signature with this key and with this key's algorithm alone.

    Raises:
        BadJWS: The header claims another algorithm, or the signature is not the key's.
    """
    if jws.alg != key.alg.value:
        raise BadJWS(JWSFault.ALGORITHM)
    valid = True
    try:
        _verify(jws, key)
    except (InvalidSignature, ValueError):
        valid = False
    if not valid:
        raise BadJWS(JWSFault.SIGNATURE)


def _check_header(header: Mapping[str, Any], *, embedded_key: bool) -> None:
    names = header.keys()
    allowed = _HEADER | {"jwk"} if embedded_key else _HEADER
    if not names <= allowed or "alg" not in names or embedded_key is not ("jwk" in names):
        raise BadJWS(JWSFault.HEADER)
    for name in names & _HEADER:
        value = header[name]
        if not isinstance(value, str) or not 0 < len(value) <= _MAX_KID or not value.isascii():
            raise BadJWS(JWSFault.HEADER)
        if not value.isprintable():
            raise BadJWS(JWSFault.HEADER)


def _sign(signed: bytes, key: SigningKey) -> bytes:
    match key.private:
        case ec.EllipticCurvePrivateKey() as private:
            r, s = decode_dss_signature(private.sign(signed, _ECDSA))
            return r.to_bytes(_ES256_BYTES, "big") + s.to_bytes(_ES256_BYTES, "big")
        case ed25519.Ed25519PrivateKey() as private:
            return private.sign(signed)
        case rsa.RSAPrivateKey() as private:
            return private.sign(signed, _PSS, _SHA256)


def _verify(jws: CompactJWS, key: VerifyKey) -> None:
    signature = jws.signature
    match key.public:
        case ec.EllipticCurvePublicKey() as public:
            if len(signature) != 2 * _ES256_BYTES:  # RFC 7518 3.4
                raise InvalidSignature
            r = int.from_bytes(signature[:_ES256_BYTES], "big")
            s = int.from_bytes(signature[_ES256_BYTES:], "big")
            public.verify(encode_dss_signature(r, s), jws.signed, _ECDSA)
        case ed25519.Ed25519PublicKey() as public:
            public.verify(signature, jws.signed)
        case rsa.RSAPublicKey() as public:
            public.verify(signature, jws.signed, _PSS, _SHA256)
