"""Leaves reveal nothing, bodies open for their entry alone, erasing one leaves no trace."""

import json
import os
import time
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from gateway.audit.entry import MAX_BODY_BYTES, open_body, prepare, prepare_with_opening
from gateway.crypto.commitment import MAX_LEAF_BYTES, InvalidOpening, Leaf, commit, verify_opening
from gateway.crypto.encoding import b64u
from gateway.crypto.envelope import BodyUnreadable, encrypt_body
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.pseudonym import subject_pseudonym
from gateway.domain.ids import EntryId, LogId, Millis, PersonId
from gateway.domain.log import EntryDraft, EntryType

LOG = LogId("aoba-2027a")
KEK = ("kek-1", bytes(range(32)))
INDEX_KEY = bytes(range(1, 33))
BODY: dict[str, Any] = {
    "disclosure_id": "d-1",
    "subject": "s-suzuki",
    "purpose": "mimamori",
    "field_ids": ["subject.name_original"],
    "policy_input": {"request": {"urgency": "today"}, "registered": {"consents": []}},
    "labels_ja": {"mimamori": "見守り"},
    "occurred_at": None,
}


def _draft(**changes: Any) -> EntryDraft:
    entry_id = EntryId(b64u(os.urandom(16)))
    draft = EntryDraft(
        entry_id, EntryType.DECISION, Millis(1_795_459_525_123), BODY, (PersonId("p-1"),)
    )
    return replace(draft, **changes)


def _prepare(draft: EntryDraft) -> Any:
    return prepare(draft, log_id=LOG, kek=KEK, index_key=INDEX_KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {"entry_id": "short"},
        {"entry_id": "A" * 21 + "B"},
        {"at": -1},
        {"at": 1.5},
        {"at": True},
        {"type": "Decision"},
        {"type": 'a","x":"'},
        {"body": {"Subject": 1}},
        {"body": {"_names": []}},
        {"body": {"note": "x" * MAX_BODY_BYTES}},
    ],
    ids=count(),
)
def test_entry_in_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidOpening):
        _prepare(_draft(**changes))


def test_body_with_another_key_or_log_is_refused() -> None:
    entry = _prepare(_draft())

    with pytest.raises(BodyUnreadable):
        open_body(entry.body, leaf=entry.leaf, log_id=LOG, kek=bytes(32))
    with pytest.raises(BodyUnreadable):
        open_body(entry.body, leaf=entry.leaf, log_id=LogId("other"), kek=KEK[1])


def test_body_of_another_entry_is_refused() -> None:
    first, second = _prepare(_draft()), _prepare(_draft())

    with pytest.raises(BodyUnreadable):
        open_body(second.body, leaf=first.leaf, log_id=LOG, kek=KEK[1])


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"{}",
        b"[]",
        b'{"fields":{},"nonces":"","v":1}',
        b'{"fields":[],"nonces":"AAAA","v":1}',
        b'{"fields":{},"nonces":5,"v":1}',
        b'{"fields":{"A":1},"nonces":"","v":1}',
        b'{"fields":{"a":1,"a":2},"nonces":"","v":1}',
        None,
    ],
    ids=count(),
)
def test_body_exchanged_by_whoever_holds_the_key_is_refused(plaintext: bytes | None) -> None:
    """The key-encryption key lets one write a body, never one that the leaf commits to."""
    entry = _prepare(_draft())
    if plaintext is None:
        made = commit({**BODY, "purpose": "tax"})
        nonces = made.opening.nonce + b"".join(p.nonce for p in made.opening.places)
        fields = {**BODY, "purpose": "tax"}
        plaintext = json.dumps({"fields": fields, "nonces": b64u(nonces), "v": 1}).encode()
    forged = encrypt_body(
        plaintext, log_id=LOG, entry_id=entry.entry_id, kek_id="k", kek=KEK[1], retention="x"
    )

    with pytest.raises(InvalidOpening):
        open_body(forged, leaf=entry.leaf, log_id=LOG, kek=KEK[1])


def test_leaf_and_stored_row_show_nothing_of_the_body() -> None:
    draft = _draft()
    entry = _prepare(draft)

    stored = entry.leaf + entry.body.ciphertext + "".join(entry.pseudonyms).encode()

    assert MAX_LEAF_BYTES >= len(entry.leaf)
    assert {"c", "e", "t", "ty", "v"} == set(json.loads(entry.leaf))
    for canary in ("d-1", "s-suzuki", "mimamori", "見守り", "p-1", "subject."):
        assert canary.encode() not in stored


def test_leaves_of_one_body_cannot_be_recognised_by_trying_it() -> None:
    """Everyone who could be meant, tried against the leaf: without the nonces none matches."""
    entry = _prepare(_draft())
    commitment = Leaf.parse(entry.leaf).commitment

    for candidate in ("s-sato", "s-suzuki", "s-tanaka", "s-takahashi"):
        for _ in range(20):
            assert commitment != commit({**BODY, "subject": candidate}).value


def test_body_opens_and_its_opening_is_of_the_leaf() -> None:
    draft = _draft()
    entry, opening = prepare_with_opening(draft, log_id=LOG, kek=KEK, index_key=INDEX_KEY)

    opened = open_body(entry.body, leaf=entry.leaf, log_id=LOG, kek=KEK[1])

    assert BODY == opened.fields
    assert opening == opened.opening
    verify_opening(entry.leaf, opened.opening.only({"purpose"}))
    assert leaf_hash(entry.leaf) == entry.leaf_hash
    assert "disclosure" == entry.body.retention


def test_persons_are_indexed_once_each_under_the_index_key() -> None:
    persons = (PersonId("p-1"), PersonId("p-2"), PersonId("p-1"))

    entry = _prepare(_draft(persons=persons))

    expected = tuple(subject_pseudonym(INDEX_KEY, LOG, person) for person in ("p-1", "p-2"))
    assert expected == entry.pseudonyms


def test_empty_body_is_an_entry_too() -> None:
    entry = _prepare(_draft(type=EntryType.PAD, body={}, persons=()))

    assert {} == open_body(entry.body, leaf=entry.leaf, log_id=LOG, kek=KEK[1]).fields


def test_preparing_is_fast_enough_for_the_hot_path() -> None:
    """A decision with forty fields; the budget is 0.25 ms, the bound leaves room for noise."""
    draft = _draft(body={**BODY, **{f"field_{i}": f"value {i}" for i in range(35)}})
    best = 1.0
    for _ in range(30):
        began = time.perf_counter()
        _prepare(draft)
        best = min(best, time.perf_counter() - began)

    assert 0.002 > best
