"""An opening as a file: whatever was changed in it, or is another log's, is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.audit.checkpoint import InvalidCheckpoint, TrustedLog
from gateway.audit.opening_file import MAX_OPENING_FILE_BYTES, check_opening_file, opening_file
from gateway.audit.proof_file import InvalidProofFile
from gateway.audit.verify import Evidence
from gateway.crypto.commitment import InvalidOpening
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import InvalidProof
from gateway.crypto.signed_note import InvalidNote, NoteSigner
from gateway.domain.errors import IntegrityError
from gateway.domain.log import EntryType

BODY = {"purpose": "watch", "basis": ["konkyu_shien_kaigi"], "subject": "s-sato"}


def opened(small_log: Any, *names: str, body: dict[str, Any] | None = None) -> Evidence:
    evidence: Evidence = small_log.append(EntryType.DECISION, body or BODY)[1]
    return Evidence(evidence.leaf, evidence.opening.only(names), evidence.proof)


def changed(file: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    members = json.loads(file)
    change(members)
    return json.dumps(members).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"format":"tasuki-opening@v1"}',
        b'{"format":"tasuki-opening@v2","leaf":"","opening":{},"proof":""}',
        b'{"format":"tasuki-opening@v1","format":"tasuki-opening@v1"}',
        b"[" * 100,
        b" " * (MAX_OPENING_FILE_BYTES + 1),
    ],
    ids=lambda data: repr(data[:40]),
)
def test_opening_that_is_no_such_file_is_refused(small_log: Any, data: bytes) -> None:
    with pytest.raises(InvalidOpening):
        check_opening_file(data, small_log.trusted)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["opening"]["fields"][2].__setitem__(2, '"conf"'),
        lambda m: m["opening"]["fields"][2].__setitem__(0, "basis"),
        lambda m: m["opening"]["fields"][2].__setitem__(1, "A" * 22),
        lambda m: m["opening"]["fields"].pop(),
        lambda m: m["opening"]["fields"].reverse(),
        lambda m: m["opening"]["fields"].__setitem__(1, "A" * 43),
        lambda m: m["opening"].__setitem__("nonce", "A" * 43),
        lambda m: m.__setitem__("leaf", m["leaf"].replace('"ty":"decision"', '"ty":"release"', 1)),
        lambda m: m.__setitem__("leaf", ""),
        lambda m: m.__setitem__("more", 1),
    ],
)
def test_opening_that_was_changed_is_refused(
    small_log: Any, change: Callable[[dict[str, Any]], object]
) -> None:
    file = opening_file(opened(small_log, "purpose"))
    assert check_opening_file(file, small_log.trusted)
    with pytest.raises(IntegrityError):
        check_opening_file(changed(file, change), small_log.trusted)


def test_opening_with_a_field_of_another_entry_is_refused(small_log: Any) -> None:
    other = opened(small_log, "purpose", body={**BODY, "purpose": "conf"})
    file = opening_file(opened(small_log, "purpose"))
    foreign = other.opening.to_json()["fields"][2]  # type: ignore[index, call-overload]

    mixed = changed(file, lambda m: m["opening"]["fields"].__setitem__(2, foreign))

    with pytest.raises(InvalidOpening, match="another leaf"):
        check_opening_file(mixed, small_log.trusted)


def test_opening_with_the_proof_of_another_entry_is_refused(small_log: Any) -> None:
    other = opened(small_log, "purpose")
    file = opening_file(opened(small_log, "purpose"))
    with pytest.raises(InvalidProof):
        check_opening_file(
            changed(file, lambda m: m.__setitem__("proof", other.proof)), small_log.trusted
        )


def test_opening_under_a_head_of_another_log_is_refused(small_log: Any) -> None:
    file = opening_file(opened(small_log, "purpose"))
    twin = TrustedLog(
        small_log.trusted.origin,
        (NoteSigner(small_log.trusted.origin, generate_log_key()).key,),
    )
    with pytest.raises(InvalidNote):
        check_opening_file(file, twin)
    other = NoteSigner("gw.example/audit/other", generate_log_key())
    with pytest.raises((InvalidNote, InvalidCheckpoint)):
        check_opening_file(file, TrustedLog("gw.example/audit/other", (other.key,)))


def test_opening_without_a_proof_is_refused(small_log: Any) -> None:
    file = opening_file(opened(small_log, "purpose"))
    with pytest.raises(InvalidProofFile):
        check_opening_file(changed(file, lambda m: m.__setitem__("proof", "")), small_log.trusted)


def test_opening_shows_the_named_fields_and_nothing_of_the_others(small_log: Any) -> None:
    file = opening_file(opened(small_log, "purpose"))

    checked = check_opening_file(file, small_log.trusted)

    assert {"purpose": "watch"} == checked.fields
    assert ("basis", "subject") == checked.hidden
    assert (5, 6, "decision") == (checked.index, checked.head.size, checked.leaf.type)
    assert b"s-sato" not in file
    assert b"konkyu" not in file
