"""
What an envelope says in the open, and what it has to belong to.

* The protected header binds the gateway's origin, the disclosure, the recipient, the digest
  of the field ids and the hash of the decision's leaf. The gateway reads and compares it;
  the recipient's key proves it.
* A closed header, one version, one algorithm each; what is unknown is refused.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, digest_text, unb64u
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.merkle import HASH_BYTES
from gateway.domain.errors import IntegrityError
from gateway.domain.log import JSONValue

__all__ = [
    "ALG",
    "BOUND",
    "ENC",
    "MAX_ENVELOPE_BYTES",
    "MAX_HEADER_BYTES",
    "RECORD_TYP",
    "TYP",
    "VERSION",
    "Binding",
    "BindingMismatch",
    "EnvelopeHeader",
    "EnvelopeMalformed",
    "FieldsExceedDecision",
    "SealError",
    "SenderNotProven",
    "WrongKey",
    "bound_members",
    "check_bound",
    "check_envelope",
    "check_permitted",
    "fields_digest",
    "read_protected_header",
]

MAX_ENVELOPE_BYTES: Final = 512 * 1024
MAX_HEADER_BYTES: Final = 2048
VERSION: Final = 1
ALG: Final = "ECDH-ES+A256KW"
ENC: Final = "A256GCM"
TYP: Final = "tasuki-envelope+jwe"
RECORD_TYP: Final = "tasuki-record+jws"
BOUND: Final = ("gw", "disclosure", "recipient", "fields", "leaf")

_PART_BYTES: Final = (None, 40, 12, None, 16)  # wrapped key RFC 3394, nonce and tag RFC 7518 5.3
_TEXT: Final = re.compile(r"[!-~]{1,255}", re.ASCII)
_HEADER: Final = frozenset({"alg", "enc", "typ", "cty", "kid", "epk", "v", *BOUND})
_EPK: Final = frozenset({"kty", "crv", "x", "y"})


class SealError(IntegrityError):
    """An envelope is not what it has to be; whoever finds out reports it."""


class EnvelopeMalformed(SealError):
    """It is not an envelope of a version and with algorithms in use here."""


class WrongKey(SealError):
    """It is not sealed to this key, or a byte of it was changed."""


class SenderNotProven(SealError):
    """The record inside is not signed by a known key of the controller."""


class BindingMismatch(SealError):
    """It belongs to another disclosure, recipient, gateway, controller or decision."""


class FieldsExceedDecision(SealError):
    """It holds other fields than it declares, or more than the decision permits."""


@dataclass(frozen=True, slots=True)
class Binding:
    """
    What one envelope belongs to.

    Attributes:
        gateway: The gateway's origin.
        disclosure_id: The disclosure.
        recipient: The recipient agency.
        controller: The agency whose data these are.
        leaf_hash: Hash of the decision's leaf, 32 bytes.
        permitted: Ids of the fields that the decision permits.
    """

    gateway: str
    disclosure_id: str
    recipient: str
    controller: str
    leaf_hash: bytes
    permitted: frozenset[str]


@dataclass(frozen=True, slots=True)
class EnvelopeHeader:
    """
    What an envelope says in the open; the gateway compares it, the recipient proves it.

    Attributes:
        kid: Id of the recipient's key.
        gateway: The gateway's origin.
        disclosure_id: The disclosure.
        recipient: The recipient agency.
        fields_digest: Digest of the ids of the fields inside.
        leaf_hash: Hash of the decision's leaf, 32 bytes.
    """

    kid: str
    gateway: str
    disclosure_id: str
    recipient: str
    fields_digest: str
    leaf_hash: bytes


def fields_digest(field_ids: Collection[str]) -> str:
    """Return the digest of a set of field ids: 43 characters, independent of order."""
    return digest_text(canonical_json(tuple(sorted(set(field_ids)))))


def read_protected_header(envelope: str) -> EnvelopeHeader:
    """
    Return what an envelope says in the open, without a key and without believing it.

    Raises:
        EnvelopeMalformed: It is not an envelope of this version with these algorithms.
    """
    header: dict[str, Any] | None = None
    parts = envelope.split(".") if len(envelope) <= MAX_ENVELOPE_BYTES else []
    if len(parts) == len(_PART_BYTES):
        try:
            for part, length in zip(parts, _PART_BYTES, strict=True):
                unb64u(part, length=length)
            header = read_json_object(unb64u(parts[0]), max_bytes=MAX_HEADER_BYTES)
        except (BadEncoding, UnreadableJSON):
            header = None
    if header is None:
        raise EnvelopeMalformed("not an envelope")
    _check_members(header)
    return EnvelopeHeader(
        kid=header["kid"],
        gateway=header["gw"],
        disclosure_id=header["disclosure"],
        recipient=header["recipient"],
        fields_digest=header["fields"],
        leaf_hash=_hash(header["leaf"]),
    )


def check_envelope(
    header: EnvelopeHeader, binding: Binding, *, declared: Collection[str], kid: str
) -> None:
    """
    Check, without opening it, that an envelope declares what the decision permits.

    Args:
        header: The envelope's header.
        binding: What it has to belong to.
        declared: The field ids that the sender says are inside.
        kid: The recipient's key that it has to be sealed to.

    Raises:
        BindingMismatch: It belongs to something else, or is sealed to another key.
        FieldsExceedDecision: It declares other fields, or fields that are not permitted.
    """
    check_bound(header, binding)
    if header.kid != kid:
        raise BindingMismatch("sealed to another key")
    check_permitted(declared, binding)
    if header.fields_digest != fields_digest(declared):
        raise FieldsExceedDecision("the envelope declares other fields")


def bound_members(binding: Binding, digest: str) -> dict[str, JSONValue]:
    """
    Return the members that stand in the header and, signed, beside the record.

    Raises:
        EnvelopeMalformed: A value cannot stand in a header.
    """
    bound = {
        "gw": binding.gateway,
        "disclosure": binding.disclosure_id,
        "recipient": binding.recipient,
        "fields": digest,
        "leaf": b64u(binding.leaf_hash),
    }
    if len(binding.leaf_hash) != HASH_BYTES or not all(map(_TEXT.fullmatch, bound.values())):
        raise EnvelopeMalformed("a value cannot stand in a header")
    return dict(bound)


def check_bound(header: EnvelopeHeader, binding: Binding) -> None:
    """
    Check that a header belongs to what it has to.

    Raises:
        BindingMismatch: It belongs to something else.
    """
    said = (header.gateway, header.disclosure_id, header.recipient, header.leaf_hash)
    meant = (binding.gateway, binding.disclosure_id, binding.recipient, binding.leaf_hash)
    if said != meant:
        raise BindingMismatch("the envelope belongs to something else")


def check_permitted(field_ids: Collection[str], binding: Binding) -> None:
    """
    Check that there are fields, and only such as the decision permits.

    Raises:
        FieldsExceedDecision: There are none, or one that is not permitted.
    """
    if not field_ids or not set(field_ids) <= binding.permitted:
        raise FieldsExceedDecision("a field is not permitted")


def _check_members(header: Mapping[str, Any]) -> None:
    epk = header.get("epk")
    fixed = {"alg": ALG, "enc": ENC, "typ": TYP, "cty": RECORD_TYP, "v": VERSION}
    if header.keys() != _HEADER or type(header["v"]) is not int:
        raise EnvelopeMalformed("not an envelope")
    if any(header[name] != value for name, value in fixed.items()):
        raise EnvelopeMalformed("another version or algorithm")
    if (
        not isinstance(epk, dict)
        or epk.keys() != _EPK
        or (epk["kty"], epk["crv"]) != ("EC", "P-256")
    ):
        raise EnvelopeMalformed("not an envelope")
    if not all(_is_text(header[name]) for name in (*BOUND, "kid")):
        raise EnvelopeMalformed("not an envelope")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None


def _hash(text: str) -> bytes:
    decoded: bytes | None
    try:
        decoded = unb64u(text, length=HASH_BYTES)
    except BadEncoding:
        decoded = None
    if decoded is None:
        raise EnvelopeMalformed("not an envelope")
    return decoded
