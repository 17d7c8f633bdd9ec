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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from gateway.crypto.binding import (
    ALG,
    BOUND,
    ENC,
    MAX_ENVELOPE_BYTES,
    MAX_HEADER_BYTES,
    RECORD_TYP,
    TYP,
    VERSION,
    Binding,
    BindingMismatch,
    EnvelopeMalformed,
    FieldsExceedDecision,
    SenderNotProven,
    WrongKey,
    bound_members,
    check_bound,
    check_permitted,
    fields_digest,
    read_protected_header,
)
from gateway.crypto.canonical import canonical_json
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.jws import BadJWS, parse_jws, sign_jws, verify_jws
from gateway.crypto.keys import SealingKey, SealTo, SigningKey, VerifyKey
from gateway.domain.log import JSONValue

__all__ = ["OpenedRecord", "SealedBy", "SignedRecord", "open_sealed", "seal"]

_PAD_BYTES: Final = 1024
_RECORD: Final = frozenset({"v", "sealed_by", "controller", "record", *BOUND})


class _Registry(jwe.JWERegistry):
    """Exactly the two algorithms and the members of our header, in our sizes."""

    max_protected_header_length: int = MAX_HEADER_BYTES
    max_ciphertext_length: int = MAX_ENVELOPE_BYTES
    _texts: ClassVar[dict[str, HeaderParameter]] = {
        name: HeaderParameter(name, "str", required=True) for name in BOUND
    }

    def __init__(self) -> None:
        super().__init__(
            {**self._texts, "v": HeaderParameter("version", "int", required=True)},
            algorithms=(ALG, ENC),
        )


_REGISTRY: Final = _Registry()


class SealedBy(StrEnum):
    """Who sealed and signed the record; the recipient sees it."""

    CONTROLLER = "controller"
    GATEWAY = "gateway"  # in memory, on behalf of a controller without a client


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
    check_permitted(record.fields.keys(), binding)
    bound = bound_members(binding, fields_digest(record.fields.keys()))
    payload = canonical_json(
        {
            **bound,
            "v": VERSION,
            "controller": binding.controller,
            "sealed_by": record.sealed_by.value,
            "record": record.fields,
        }
    )
    inner = sign_jws(_padded(payload), key=signer, typ=RECORD_TYP)
    header = {
        **bound,
        "alg": ALG,
        "enc": ENC,
        "typ": TYP,
        "cty": RECORD_TYP,
        "kid": recipient_key.kid,
        "v": VERSION,
    }
    envelope = jwe.encrypt_compact(
        header, inner, ECKey.import_key(recipient_key.public), registry=_REGISTRY
    )
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise EnvelopeMalformed("the record is too large")
    return envelope


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
    check_bound(header, binding)
    if header.kid != key.kid:
        raise WrongKey("sealed to another key")
    kid, payload = _verified(_decrypted(envelope, key), senders)
    record = _record(payload)
    inside = {name: record[name] for name in BOUND}
    if (
        inside != bound_members(binding, header.fields_digest)
        or record["controller"] != binding.controller
    ):
        raise BindingMismatch("the record was signed for something else")
    fields = record["record"]
    check_permitted(fields.keys(), binding)
    if fields_digest(fields.keys()) != header.fields_digest:
        raise FieldsExceedDecision("the envelope holds other fields than it declares")
    return OpenedRecord(fields, SealedBy(record["sealed_by"]), kid)


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
        if jws.typ == RECORD_TYP and kid in by_kid:
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
    known = record["v"] == VERSION and record["sealed_by"] in list(SealedBy)
    if not known or not isinstance(record["record"], dict):
        raise EnvelopeMalformed("not a record")
    return record
