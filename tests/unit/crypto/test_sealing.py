"""An envelope opens for one recipient, under one decision, with the fields it declares."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from gateway.crypto.binding import (
    MAX_ENVELOPE_BYTES,
    Binding,
    BindingMismatch,
    EnvelopeMalformed,
    FieldsExceedDecision,
    SealError,
    SenderNotProven,
    WrongKey,
    check_envelope,
    fields_digest,
    read_protected_header,
)
from gateway.crypto.encoding import b64u, unb64u
from gateway.crypto.jws import sign_jws
from gateway.crypto.keys import (
    SealingKey,
    VerifyKey,
    generate_sealing_key,
    generate_signing_key,
    verify_key,
)
from gateway.crypto.sealing import SealedBy, SignedRecord, open_sealed, seal

VECTOR = Path(__file__).parents[2] / "vectors" / "envelope.json"
FIELDS = {"subject.name_original": "佐藤", "subject.phone": "00-0000-0000"}
RECIPIENT, SENDER = generate_sealing_key(), generate_signing_key()
BINDING = Binding(
    gateway="gw.example/audit",
    disclosure_id="d-1",
    recipient="npo-hidamari",
    controller="aoba-city",
    leaf_hash=bytes(range(32)),
    permitted=frozenset({*FIELDS, "subject.address"}),
)
ENVELOPE = seal(SignedRecord(FIELDS), BINDING, recipient_key=RECIPIENT.public(), signer=SENDER)


def _open(
    envelope: str, binding: Binding = BINDING, key: SealingKey = RECIPIENT
) -> Mapping[str, Any]:
    return open_sealed(envelope, binding, key=key, senders=[SENDER.public()]).fields


def _with_header(**changes: Any) -> str:
    """The envelope with another protected header; nothing else about it changes."""
    head, rest = ENVELOPE.split(".", 1)
    header = {**json.loads(unb64u(head)), **changes}
    kept = {name: value for name, value in header.items() if value is not None}
    return f"{b64u(json.dumps(kept).encode())}.{rest}"


def _resealed(inner: str, **changes: Any) -> str:
    """Another envelope of the same binding, truly sealed to the recipient, around anything."""
    header = json.loads(unb64u(ENVELOPE.split(".", maxsplit=1)[0]))
    header = {**{k: v for k, v in header.items() if k != "epk"}, **changes}
    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"], strict_check_header=False)
    registry.max_protected_header_length = 4096
    key = ECKey.import_key(RECIPIENT.private.public_key())
    return jwe.encrypt_compact(header, inner, key, registry=registry)


def _record(**changes: Any) -> bytes:
    record = {
        "gw": BINDING.gateway,
        "disclosure": BINDING.disclosure_id,
        "recipient": BINDING.recipient,
        "fields": fields_digest(FIELDS),
        "leaf": b64u(BINDING.leaf_hash),
        "v": 1,
        "controller": BINDING.controller,
        "sealed_by": "controller",
        "record": FIELDS,
        **changes,
    }
    return json.dumps(record).encode()


def _signed(payload: bytes, typ: str = "tasuki-record+jws") -> str:
    return sign_jws(payload, key=SENDER, typ=typ)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "ECDH-ES"},
        {"alg": "dir"},
        {"alg": "RSA-OAEP"},
        {"alg": "PBES2-HS256+A128KW", "p2c": 10_000_000, "p2s": "AAAA"},
        {"alg": None},
        {"enc": "A128CBC-HS256"},
        {"enc": "A256CBC-HS512"},
        {"enc": None},
        {"zip": "DEF"},
        {"crit": ["v"]},
        {"v": 2},
        {"v": "1"},
        {"v": True},
        {"v": None},
        {"typ": "JWE"},
        {"cty": "JWT"},
        {"kid": None},
        {"kid": 7},
        {"kid": "a\nb"},
        {"jku": "https://evil.example"},
        {"apu": "AAAA"},
        {"gw": None},
        {"gw": ""},
        {"disclosure": 1},
        {"recipient": "ひだまり"},
        {"recipient": "a b"},
        {"fields": ["subject.phone"]},
        {"leaf": "AAAA"},
        {"leaf": b64u(bytes(31))},
        {"epk": None},
        {"epk": "AAAA"},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": "AAAA"}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "d": "AAAA"}},
        {"more": 1},
    ],
    ids=count(),
)
def test_envelope_with_another_header_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeMalformed):
        read_protected_header(_with_header(**changes))


@pytest.mark.parametrize(
    "envelope",
    [
        "",
        "....",
        ENVELOPE + ".",
        ENVELOPE.rsplit(".", 1)[0],
        ENVELOPE + "=",
        " " + ENVELOPE,
        "é" + ENVELOPE,
        "e30." + ENVELOPE.split(".", 1)[1],
        ENVELOPE.replace(".", "..", 1),
        ENVELOPE + "A" * MAX_ENVELOPE_BYTES,
        b64u(b'{"alg":"a","alg":"b"}') + "." + ENVELOPE.split(".", 1)[1],
    ],
    ids=count(),
)
def test_envelope_in_another_form_is_refused(envelope: str) -> None:
    with pytest.raises(EnvelopeMalformed):
        read_protected_header(envelope)


def test_envelope_with_a_header_member_twice_is_refused() -> None:
    head, rest = ENVELOPE.split(".", 1)
    twice = unb64u(head).decode()[:-1] + ',"recipient":"shakyo"}'

    with pytest.raises(EnvelopeMalformed):
        read_protected_header(f"{b64u(twice.encode())}.{rest}")


@pytest.mark.parametrize(
    "changes",
    [
        {"gateway": "gw.example/other"},
        {"disclosure_id": "d-2"},
        {"recipient": "shakyo"},
        {"leaf_hash": bytes(32)},
        {"controller": "midori-pref"},
    ],
    ids=count(),
)
def test_envelope_of_something_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BindingMismatch):
        _open(ENVELOPE, replace(BINDING, **changes))


@pytest.mark.parametrize(
    ("header", "binding"),
    [
        ({"gw": "gw.example/other"}, {"gateway": "gw.example/other"}),
        ({"disclosure": "d-2"}, {"disclosure_id": "d-2"}),
        ({"recipient": "shakyo"}, {"recipient": "shakyo"}),
        ({"leaf": b64u(bytes(32))}, {"leaf_hash": bytes(32)}),
    ],
    ids=count(),
)
def test_record_sealed_again_for_something_else_is_refused(
    header: dict[str, Any], binding: dict[str, Any]
) -> None:
    """A recipient that passes a signed record on cannot make it look addressed elsewhere."""
    forwarded = _resealed(_signed(_record()), **header)

    with pytest.raises(BindingMismatch):
        _open(forwarded, replace(BINDING, **binding))


def test_envelope_with_a_header_changed_after_sealing_does_not_open() -> None:
    moved = _with_header(disclosure="d-2")

    with pytest.raises(WrongKey):
        _open(moved, replace(BINDING, disclosure_id="d-2"))


def test_envelope_for_another_key_is_refused() -> None:
    other = generate_sealing_key()

    with pytest.raises(WrongKey):
        _open(ENVELOPE, key=other)
    with pytest.raises(WrongKey):
        _open(ENVELOPE, key=SealingKey(RECIPIENT.kid, other.private))


@pytest.mark.parametrize("place", range(0, len(ENVELOPE), 13))
def test_envelope_with_any_character_changed_is_refused(place: int) -> None:
    character = "A" if ENVELOPE[place] != "A" else "B"

    with pytest.raises(SealError):
        _open(ENVELOPE[:place] + character + ENVELOPE[place + 1 :])


def test_record_not_signed_by_the_controller_is_refused() -> None:
    stranger = generate_signing_key()
    under_its_kid = VerifyKey(SENDER.kid, stranger.public().alg, stranger.public().public)
    unsigned = f"{b64u(b'{}')}.{b64u(_record())}."
    lies = [
        sign_jws(_record(), key=stranger, typ="tasuki-record+jws"),
        sign_jws(_record(), key=replace(stranger, kid=SENDER.kid), typ="tasuki-record+jws"),
        _signed(_record(), typ="at+jwt"),
        _signed(_record())[:-8] + "AAAAAAAA",
        unsigned,
        f"{b64u(json.dumps({'alg': 'none', 'kid': SENDER.kid}).encode())}.{b64u(_record())}.",
        "not a signature",
        "",
    ]

    for lie in lies:
        with pytest.raises(SenderNotProven):
            _open(_resealed(lie))
    for senders in ([], [stranger.public()], [under_its_kid]):
        with pytest.raises(SenderNotProven):
            open_sealed(ENVELOPE, BINDING, key=RECIPIENT, senders=senders)


def test_record_with_more_fields_than_declared_is_refused() -> None:
    more = {**FIELDS, "subject.address": "あおば市"}

    with pytest.raises(FieldsExceedDecision):
        _open(_resealed(_signed(_record(record=more))))
    with pytest.raises(FieldsExceedDecision):
        _open(_resealed(_signed(_record(record={}))))


def test_record_with_fields_beyond_the_decision_is_refused() -> None:
    declared = {**FIELDS, "health.diagnosis": "x"}
    digest = fields_digest(declared)

    with pytest.raises(FieldsExceedDecision):
        _open(_resealed(_signed(_record(record=declared, fields=digest)), fields=digest))
    with pytest.raises(FieldsExceedDecision):
        _open(ENVELOPE, replace(BINDING, permitted=frozenset({"subject.phone"})))


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": "1"},
        {"record": []},
        {"record": "text"},
        {"sealed_by": "somebody"},
        {"sealed_by": ["controller"]},
        {"more": 1},
    ],
    ids=count(),
)
def test_record_in_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeMalformed):
        _open(_resealed(_signed(_record(**changes))))


def test_record_with_a_member_twice_is_refused() -> None:
    twice = _record()[:-1] + b',"record":{}}'

    with pytest.raises(EnvelopeMalformed):
        _open(_resealed(_signed(twice)))


def test_sealing_what_the_decision_does_not_permit_is_refused() -> None:
    for fields in ({}, {"health.diagnosis": "x"}, {**FIELDS, "health.diagnosis": "x"}):
        with pytest.raises(FieldsExceedDecision):
            seal(SignedRecord(fields), BINDING, recipient_key=RECIPIENT.public(), signer=SENDER)


@pytest.mark.parametrize(
    "changes", [{"recipient": "ひだまり"}, {"gateway": ""}, {"leaf_hash": bytes(31)}], ids=count()
)
def test_sealing_with_an_unfit_binding_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeMalformed):
        seal(
            SignedRecord(FIELDS),
            replace(BINDING, **changes),
            recipient_key=RECIPIENT.public(),
            signer=SENDER,
        )


def test_sealing_a_record_that_is_too_large_is_refused() -> None:
    huge = {"subject.phone": "0" * (MAX_ENVELOPE_BYTES * 3 // 4)}

    with pytest.raises(EnvelopeMalformed):
        seal(SignedRecord(huge), BINDING, recipient_key=RECIPIENT.public(), signer=SENDER)


def test_errors_say_nothing_of_the_record() -> None:
    with pytest.raises(FieldsExceedDecision) as refused:
        _open(_resealed(_signed(_record(record={"health.diagnosis": "秘密"}))))

    error = refused.value
    assert "秘密" not in repr(error) + str(error.__context__) + str(error.__cause__)


def test_gateway_checks_an_envelope_it_cannot_open() -> None:
    header = read_protected_header(ENVELOPE)

    check_envelope(header, BINDING, declared=FIELDS, kid=RECIPIENT.kid)

    for binding in (
        replace(BINDING, disclosure_id="d-2"),
        replace(BINDING, leaf_hash=bytes(32)),
        replace(BINDING, recipient="shakyo"),
        replace(BINDING, gateway="gw.example"),
    ):
        with pytest.raises(BindingMismatch):
            check_envelope(header, binding, declared=FIELDS, kid=RECIPIENT.kid)
    with pytest.raises(BindingMismatch):
        check_envelope(header, BINDING, declared=FIELDS, kid="another")
    for declared in ((), ("subject.phone",), (*FIELDS, "subject.address"), ("health.diagnosis",)):
        with pytest.raises(FieldsExceedDecision):
            check_envelope(header, BINDING, declared=declared, kid=RECIPIENT.kid)


def test_envelope_opens_for_its_recipient_and_says_who_sealed_it() -> None:
    on_behalf = SignedRecord(FIELDS, SealedBy.GATEWAY)

    opened = open_sealed(
        seal(on_behalf, BINDING, recipient_key=RECIPIENT.public(), signer=SENDER),
        BINDING,
        key=RECIPIENT,
        senders=[SENDER.public()],
    )

    assert FIELDS == _open(ENVELOPE) == opened.fields
    assert SealedBy.GATEWAY == opened.sealed_by
    assert SENDER.kid == opened.signer_kid


def test_envelope_of_the_recipient_opens_with_an_independent_reader() -> None:
    """Any JOSE library opens it; nothing of ours is needed to read one's own post."""
    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"], strict_check_header=False)
    registry.max_protected_header_length = 4096

    inner = jwe.decrypt_compact(ENVELOPE, ECKey.import_key(RECIPIENT.private), registry=registry)

    assert inner.plaintext is not None
    payload = unb64u(inner.plaintext.decode().split(".")[1])
    assert FIELDS == json.loads(payload)["record"]


def test_envelope_length_says_little_about_what_is_inside() -> None:
    def length(value: str) -> int:
        record = SignedRecord({"subject.phone": value})
        return len(seal(record, BINDING, recipient_key=RECIPIENT.public(), signer=SENDER))

    assert length("") == length("0" * 300)


def test_envelope_of_the_kept_vector_still_opens() -> None:
    vector = json.loads(VECTOR.read_text())
    private = load_pem_private_key(vector["recipient_pem"].encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    bound = {**vector["binding"], "leaf_hash": bytes.fromhex(vector["binding"]["leaf_hash"])}
    bound["permitted"] = frozenset(bound["permitted"])

    opened = open_sealed(
        vector["envelope"],
        Binding(**bound),
        key=SealingKey(vector["recipient_kid"], private),
        senders=[verify_key(vector["sender_jwk"])],
    )

    assert vector["fields"] == opened.fields


def test_symmetric_key_never_opens_an_envelope() -> None:
    registry = jwe.JWERegistry(algorithms=["A256KW", "A256GCM"], strict_check_header=False)
    sealed = jwe.encrypt_compact(
        {"alg": "A256KW", "enc": "A256GCM"}, b"x", OctKey.import_key(bytes(32)), registry=registry
    )

    with pytest.raises(EnvelopeMalformed):
        _open(sealed)
