"""Bodies are closed per type, and no field of them is for the value of a case."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateway.audit.entry import open_body, prepare
from gateway.crypto.encoding import b64u
from gateway.domain.ids import EntryId, LogId, Millis
from gateway.domain.log import EntryDraft, EntryType

PATH = Path(__file__).parents[3] / "schemas" / "audit-body.json"
SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)

DIGEST, ENTRY = b64u(bytes(32)), b64u(bytes(16))
PARTY = {
    "sender_agency": "aoba-city",
    "sender_system": "sys-1",
    "sender_actor": "actor-1",
    "sender_capacity": {"kind": "own_business", "ref": ""},
    "recipient_agency": "npo-hidamari",
    "recipient_actor": "",
}
DELIVERY = {
    "disclosure_id": "d-1",
    "decision_id": "dec-1",
    "delivery_id": "del-1",
    "recipient_agency": "npo-hidamari",
    "actor": "actor-2",
}
SHARED = {
    "disclosure_id": "d-1",
    "decision_id": "dec-1",
    "direction": "push",
    **PARTY,
    "subject": "s-sato",
    "purpose": "mimamori",
    "basis": ["consent_public"],
    "article": ["個人情報保護法 69条2項1号"],
    "field_ids": ["subject.name_original"],
    "obligations": [
        {"code": "purpose_only", "bearer": "recipient", "due_at": None, "params": {"days": 30}}
    ],
    "policy_revision": "sha256:abc",
    "law_at": 1,
    "occurred_at": None,
    "recorded_late_reason": "",
    "labels_ja": {"mimamori": "見守り"},
}
BODIES: dict[str, dict[str, Any]] = {
    "decision": {
        **SHARED,
        "outcome": "permit",
        "withheld": [{"field": "health.diagnosis", "codes": ["PURPOSE_FORBIDDEN"]}],
        "reasons": [],
        "asserted_facts": ["age"],
        "engine": "regorus 0.13.0",
        "policy_input": {"request": {}},
        "policy_decision": {"outcome": "permit"},
    },
    "release": {
        **SHARED,
        "decision_leaf": DIGEST,
        "delivery_id": "del-1",
        "envelope_digest": DIGEST,
    },
    "opened": DELIVERY,
    "acknowledged": {**DELIVERY, "accepted": True},
    "recalled": {**DELIVERY, "code": "consent_withdrawn"},
    "expired": {name: DELIVERY[name] for name in DELIVERY if name != "actor"},
    "outcome": {"disclosure_id": "d-1", "decision_id": "dec-1", "code": "unknown"},
    "register": {
        "kind": "consent",
        "record_id": "c-1",
        "version": 1,
        "fact_digest": DIGEST,
        "change": "created",
        "agency": "aoba-city",
        "actor": "actor-1",
    },
    "obligation": {
        "task_id": "t-1",
        "disclosure_id": "d-1",
        "decision_id": "dec-1",
        "code": "destroy_by",
        "bearer": "recipient",
        "change": "discharged",
        "agency": "npo-hidamari",
    },
    "key": {"change": "announced", "use": "log", "kid": "k", "valid_from": 1},
    "member": {"change": "joined", "agency": "npo-hidamari", "use": "seal", "kid": "k"},
    "policy": {"change": "activated", "policy_revision": "sha256:abc"},
    "link": {
        "previous_origin": "gw.example/audit/2026a",
        "previous_size": 3,
        "previous_root": DIGEST,
        "previous_checkpoint": "note",
        "code": "year",
    },
    "incident": {"code": "clock_back", "severity": "warning", "started_at": 1},
    "audit-read": {"actor": "a", "role": "auditor", "code": "inspection", "count": 1},
    "erase": {"code": "retention_over", "retention": "disclosure", "count": 2},
    "pad": {},
}


def _is_valid(type_: str, body: dict[str, Any]) -> bool:
    return VALIDATOR.is_valid({"type": type_, "body": body})


def test_every_entry_type_has_a_body_and_no_other() -> None:
    types = {type_.value for type_ in EntryType}

    assert types == set(SCHEMA["properties"]["type"]["enum"]) == set(BODIES)
    assert types == {d.removesuffix("_body") for d in SCHEMA["$defs"] if d.endswith("_body")}
    assert not _is_valid("other", {})


@pytest.mark.parametrize("type_", BODIES)
def test_body_with_a_field_too_many_is_refused(type_: str) -> None:
    for name in ("fields", "values", "name", "address", "record", "x"):
        assert not _is_valid(type_, {**BODIES[type_], name: "x"})


@pytest.mark.parametrize("type_", BODIES)
def test_body_with_a_required_field_missing_is_refused(type_: str) -> None:
    for name in SCHEMA["$defs"][f"{type_}_body"]["required"]:
        assert not _is_valid(type_, {k: v for k, v in BODIES[type_].items() if k != name})


@pytest.mark.parametrize("type_", BODIES)
def test_body_whose_ids_could_be_words_is_refused(type_: str) -> None:
    for name, value in BODIES[type_].items():
        if isinstance(value, str) and name not in {"engine", "recorded_late_reason", "kid"}:
            if name.startswith("previous_"):
                continue
            assert not _is_valid(type_, {**BODIES[type_], name: "佐藤 太郎"})


def test_body_with_a_private_key_is_refused() -> None:
    for jwk in ({"kty": "EC", "d": "AAAA"}, {"kty": "oct", "k": "AAAA"}):
        assert not _is_valid("member", {**BODIES["member"], "jwk": jwk})
    assert _is_valid("member", {**BODIES["member"], "jwk": {"kty": "EC", "x": "A", "y": "A"}})


@pytest.mark.parametrize("type_", BODIES)
def test_body_of_each_type_is_valid_and_becomes_an_entry(type_: str) -> None:
    draft = EntryDraft(EntryId(ENTRY), EntryType(type_), Millis(1), BODIES[type_])

    entry = prepare(draft, log_id=LogId("log"), kek=("k", bytes(32)), index_key=bytes(32))

    assert _is_valid(type_, BODIES[type_])
    opened = open_body(entry.body, leaf=entry.leaf, log_id=LogId("log"), kek=bytes(32))
    assert BODIES[type_] == opened.fields


def _open_texts(schema: Any, path: str = "") -> list[tuple[str, int]]:
    """Name and greatest length of fields whose text is free: no pattern, no closed list."""
    found: list[tuple[str, int]] = []
    if isinstance(schema, dict):
        if schema.get("type") == "string" and not {"pattern", "enum", "const"} & schema.keys():
            found.append((path.rsplit("/", 1)[-1], schema.get("maxLength", 1 << 30)))
        for name, part in schema.items():
            found += _open_texts(part, f"{path}/{name}")
    if isinstance(schema, list):
        for part in schema:
            found += _open_texts(part, path)
    return found


def test_free_text_is_bounded_and_only_where_words_are_meant() -> None:
    allowed = {
        "article",
        "engine",
        "recorded_late_reason",
        "note",
        "reason",
        "recipient_kid",
        "kid",
        "previous_kid",
        "proof_of_previous",
        "vkey",
        "bundle_digest",
        "previous_origin",
        "previous_checkpoint",
        "fields_shown",
        "additionalProperties",
        "items",
    }

    for name, length in _open_texts(SCHEMA["$defs"]):
        assert name in allowed
        assert 16_000 >= length
