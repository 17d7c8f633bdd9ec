"""
Sealing a record to one recipient, so that nobody between can read, redirect or exchange it.

* Outside: JWE compact (RFC 7516), ECDH-ES+A256KW with A256GCM on P-256. The protected
  header binds the gateway's origin, the disclosure, the recipient, the digest of the field
  ids and the hash of the decision's leaf. The gateway reads it, and cannot open the rest.
* Inside: JWS (RFC 7515) by the controller, or by the gateway on its behalf, over the record
  and the same binding. A recipient can therefore not re-seal it to somebody else as if the
  controller had addressed it there.
* The record is padded to whole kibibytes: its length says little about what is in it.
* One algorithm each, a closed header, a version; what is unknown is refused.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, digest_text, unb64u
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.jws import BadJWS, parse_jws, sign_jws, verify_jws
from gateway.crypto.keys import SealingKey, SealTo, SigningKey, VerifyKey
from gateway.crypto.merkle import HASH_BYTES
from gateway.domain.errors import IntegrityError
from gateway.domain.log import JSONValue

__all__ = [
    "MAX_ENVELOPE_BYTES",
    "Binding",
    "BindingMismatch",
    "EnvelopeHeader",
    "EnvelopeMalformed",
    "FieldsExceedDecision",
    "OpenedRecord",
    "SealError",
    "SealedBy",
    "SenderNotProven",
    "SignedRecord",
    "WrongKey",
    "check_envelope",
    "fields_digest",
    "open_sealed",
    "read_protected_header",
    "seal",
]

MAX_ENVELOPE_BYTES: Final = 512 * 1024

_VERSION: Final = 1
_ALG: Final = "ECDH-ES+A256KW"
_ENC: Final = "A256GCM"
_TYP: Final = "tasuki-envelope+jwe"
_RECORD_TYP: Final = "tasuki-record+jws"
_PAD_BYTES: Final = 1024
_MAX_HEADER_BYTES: Final = 2048
_PART_BYTES: Final = (None, 40, 12, None, 16)  # wrapped key RFC 3394, nonce and tag RFC 7518 5.3
_TEXT: Final = re.compile(r"[!-~]{1,255}", re.ASCII)
_OURS: Final = ("gw", "disclosure", "recipient", "fields", "leaf")
_HEADER: Final = frozenset({"alg", "enc", "typ", "cty", "kid", "epk", "v", *_OURS})
_RECORD: Final = frozenset({"v", "sealed_by", "controller", "record", *_OURS})
_EPK: Final = frozenset({"kty", "crv", "x", "y"})


class _Registry(jwe.JWERegistry):
    """Exactly the two algorithms and the members of our header, in our sizes."""

    max_protected_header_length: int = _MAX_HEADER_BYTES
    max_ciphertext_length: int = MAX_ENVELOPE_BYTES
    _texts: ClassVar[dict[str, HeaderParameter]] = {
        name: HeaderParameter(name, "str", required=True) for name in _OURS
    }

    def __init__(self) -> None:
        super().__init__(
            {**self._texts, "v": HeaderParameter("version", "int", required=True)},
            algorithms=(_ALG, _ENC),
        )


_REGISTRY: Final = _Registry()


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


class SealedBy(StrEnum):
    """Who sealed and signed the record; the recipient sees it."""

    CONTROLLER = "controller"
    GATEWAY = "gateway"  # in memory, on behalf of a controller without a client


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


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """A record and who vouches for it: ``fields`` maps field ids to values."""

    fields: Mapping[str, JSONValue]
    sealed_by: SealedBy = SealedBy.CONTROLLER


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record as opened, after every check: its fields, and whose key signed it."""

    fields: Mapping[str, Any]
    sealed_by: SealedBy
    signer_kid: str


def fields_digest(field_ids: Collection[str]) -> str:
    """Return the digest of a set of field ids: 43 characters, independent of order."""
    return digest_text(canonical_json(tuple(sorted(set(field_ids)))))


def seal(
    record: SignedRecord, binding: Binding, *, recipient_key: SealTo, signer: SigningKey
) -> str:
    """
    Return the record, signed and sealed to one recipient.

    Args:
        record: The fields that pass, at most those the decision permits.
        binding: What the envelope belongs to.
        recipient_key: The recipient's key, proven by its ``member`` entry.
        signer: The controller's key, or the gateway's when it seals on behalf.

    Raises:
        FieldsExceedDecision: There are no fields, or one that the decision does not permit.
        EnvelopeMalformed: A value of the binding cannot stand in a header, or the record is
            too large.
        NotCanonical: A value is not JSON without fractions.
    """
    _check_permitted(record.fields.keys(), binding)
    bound = _bound(binding, fields_digest(record.fields.keys()))
    payload = canonical_json(
        {
            **bound,
            "v": _VERSION,
            "controller": binding.controller,
            "sealed_by": record.sealed_by.value,
            "record": record.fields,
        }
    )
    inner = sign_jws(_padded(payload), key=signer, typ=_RECORD_TYP)
    header = {
        **bound,
        "alg": _ALG,
        "enc": _ENC,
        "typ": _TYP,
        "cty": _RECORD_TYP,
        "kid": recipient_key.kid,
        "v": _VERSION,
    }
    envelope = jwe.encrypt_compact(
        header, inner, ECKey.import_key(recipient_key.public), registry=_REGISTRY
    )
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise EnvelopeMalformed("the record is too large")
    return envelope


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
            header = read_json_object(unb64u(parts[0]), max_bytes=_MAX_HEADER_BYTES)
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
    _check_bound(header, binding)
    if header.kid != kid:
        raise BindingMismatch("sealed to another key")
    _check_permitted(declared, binding)
    if header.fields_digest != fields_digest(declared):
        raise FieldsExceedDecision("the envelope declares other fields")


def open_sealed(
    envelope: str, binding: Binding, *, key: SealingKey, senders: Sequence[VerifyKey]
) -> OpenedRecord:
    """
    Return the record, after proving who sent it, to whom, for what and under which decision.

    Args:
        envelope: As fetched.
        binding: What it has to belong to, from the decision's verified opening.
        key: The recipient's key.
        senders: Keys of the controller, or of the gateway where it may seal on behalf.

    Raises:
        EnvelopeMalformed: It is not an envelope, or the record inside has another form.
        BindingMismatch: It belongs to something else.
        WrongKey: It is not sealed to this key, or was changed.
        SenderNotProven: None of the senders' keys signed it.
        FieldsExceedDecision: The fields inside are not those declared and permitted.
    """
    header = read_protected_header(envelope)
    _check_bound(header, binding)
    if header.kid != key.kid:
        raise WrongKey("sealed to another key")
    kid, payload = _verified(_decrypted(envelope, key), senders)
    record = _record(payload)
    inside = {name: record[name] for name in _OURS}
    if (
        inside != _bound(binding, header.fields_digest)
        or record["controller"] != binding.controller
    ):
        raise BindingMismatch("the record was signed for something else")
    fields = record["record"]
    _check_permitted(fields.keys(), binding)
    if fields_digest(fields.keys()) != header.fields_digest:
        raise FieldsExceedDecision("the envelope holds other fields than it declares")
    return OpenedRecord(fields, SealedBy(record["sealed_by"]), kid)


def _bound(binding: Binding, digest: str) -> dict[str, JSONValue]:
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


def _check_bound(header: EnvelopeHeader, binding: Binding) -> None:
    said = (header.gateway, header.disclosure_id, header.recipient, header.leaf_hash)
    meant = (binding.gateway, binding.disclosure_id, binding.recipient, binding.leaf_hash)
    if said != meant:
        raise BindingMismatch("the envelope belongs to something else")


def _check_permitted(field_ids: Collection[str], binding: Binding) -> None:
    if not field_ids or not set(field_ids) <= binding.permitted:
        raise FieldsExceedDecision("a field is not permitted")


def _check_members(header: Mapping[str, Any]) -> None:
    epk = header.get("epk")
    fixed = {"alg": _ALG, "enc": _ENC, "typ": _TYP, "cty": _RECORD_TYP, "v": _VERSION}
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
    if not all(_is_text(header[name]) for name in (*_OURS, "kid")):
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


def _padded(payload: bytes) -> bytes:
    # Space after a JSON value is insignificant (RFC 8259 2).
    return payload + b" " * (-len(payload) % _PAD_BYTES)


def _decrypted(envelope: str, key: SealingKey) -> str:
    plaintext: str | None = None
    try:
        private = ECKey.import_key(key.private)
        opened = jwe.decrypt_compact(envelope, private, registry=_REGISTRY).plaintext
        plaintext = opened.decode("ascii") if opened is not None else None
    except (JoseError, ValueError):
        plaintext = None
    if plaintext is None:
        raise WrongKey("the envelope does not open")
    return plaintext


def _verified(inner: str, senders: Sequence[VerifyKey]) -> tuple[str, bytes]:
    by_kid = {sender.kid: sender for sender in senders}
    proven = False
    kid, payload = "", b""
    try:
        jws = parse_jws(inner, max_bytes=MAX_ENVELOPE_BYTES)
        kid, payload = jws.kid, jws.payload
        if jws.typ == _RECORD_TYP and kid in by_kid:
            verify_jws(jws, by_kid[kid])
            proven = True
    except BadJWS:
        proven = False
    if not proven:
        raise SenderNotProven("the record is not signed by the controller")
    return kid, payload


def _record(payload: bytes) -> dict[str, Any]:
    record: dict[str, Any] | None
    try:
        record = read_json_object(payload, max_bytes=MAX_ENVELOPE_BYTES)
    except UnreadableJSON:
        record = None
    if record is None or record.keys() != _RECORD or type(record["v"]) is not int:
        raise EnvelopeMalformed("not a record")
    known = record["v"] == _VERSION and record["sealed_by"] in list(SealedBy)
    if not known or not isinstance(record["record"], dict):
        raise EnvelopeMalformed("not a record")
    return record
