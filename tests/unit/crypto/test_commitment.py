"""A leaf reveals nothing, an opening shows what it shows, and no two openings differ."""

import contextlib
import json
import os
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.commitment import (
    MAX_LEAF_BYTES,
    Commitment,
    InvalidOpening,
    Leaf,
    OpenField,
    Opening,
    commit,
    nonce_bytes,
    verify_opening,
)
from gateway.crypto.encoding import b64u
from gateway.crypto.merkle import tree_root

VECTOR = Path(__file__).parents[2] / "vectors" / "commitment.json"
FIELDS = {"purpose": "watch", "subject": "s-17", "basis": ["consent_public"], "alert": False}
ENTRY = "AAECAwQFBgcICQoLDA0ODw"


def _leaf(commitment: Commitment) -> bytes:
    return Leaf(commitment.value, ENTRY, 1795459525123, "decision").to_bytes()


def test_opening_with_a_changed_value_is_refused() -> None:
    made = commit(FIELDS)
    changed = OpenField(made.opening.places[3].nonce, "purpose", b'"x"')
    lie = replace(made.opening, places=(*made.opening.places[:3], changed, made.opening.places[4]))

    with pytest.raises(InvalidOpening):
        verify_opening(_leaf(made), lie)


def test_opening_with_a_missing_field_is_refused() -> None:
    made = commit(FIELDS)
    places = made.opening.places

    for shorter in (places[:-1], places[1:], (places[0], *places[2:]), (), (*places, places[-1])):
        with pytest.raises(InvalidOpening):
            verify_opening(_leaf(made), Opening(made.opening.nonce, shorter))


def test_opening_with_fields_in_each_others_place_is_refused() -> None:
    made = commit(FIELDS)
    first, second = made.opening.places[1:3]
    swapped = (made.opening.places[0], second, first, *made.opening.places[3:])

    with pytest.raises(InvalidOpening):
        verify_opening(_leaf(made), Opening(made.opening.nonce, swapped))


@pytest.mark.parametrize(
    "names",
    [b'["purpose"]', b'["purpose","purpose"]', b'["purpose","zzz"]', b'["aaa","purpose"]'],
    ids=count(),
)
def test_opening_of_a_field_committed_to_twice_is_refused_at_least_once(names: bytes) -> None:
    """Whoever commits cannot show one purpose to one party and another to the next."""
    watch = OpenField(os.urandom(16), "purpose", b'"watch"')
    police = OpenField(os.urandom(16), "purpose", b'"police"')
    listed = OpenField(os.urandom(16), "_names", names)
    root = tree_root([listed.hash(), watch.hash(), police.hash()])
    value = sha256(b"gwaud/commit/v1\x00" + bytes(32) + root).digest()
    leaf = Leaf(value, ENTRY, 1, "decision").to_bytes()
    believed = 0

    for shown in ((listed, watch, police.hash()), (listed, watch.hash(), police)):
        with contextlib.suppress(InvalidOpening):
            verify_opening(leaf, Opening(bytes(32), shown))
            believed += 1

    assert 1 >= believed


def test_opening_of_another_leaf_is_refused() -> None:
    made, other = commit(FIELDS), commit(FIELDS)

    with pytest.raises(InvalidOpening):
        verify_opening(_leaf(made), other.opening)


def test_opening_with_a_changed_nonce_or_hash_is_refused() -> None:
    made = commit(FIELDS)
    partial = made.opening.only({"purpose"})
    hidden = next(p for p in partial.places if isinstance(p, bytes))
    lies = [
        replace(partial, nonce=bytes(32)),
        replace(partial, nonce=partial.nonce[:31]),
        replace(partial, places=tuple(bytes(32) if p == hidden else p for p in partial.places)),
        replace(partial, places=tuple(hidden[:31] if p == hidden else p for p in partial.places)),
    ]

    for lie in lies:
        with pytest.raises(InvalidOpening):
            verify_opening(_leaf(made), lie)


LEAF = _leaf(commit(FIELDS))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        LEAF + b" ",
        LEAF.replace(b'"v":1', b'"v":2'),
        LEAF.replace(b'"v":1', b'"v":1,"w":1'),
        LEAF.replace(b'"t":1795459525123', b'"t":-1'),
        LEAF.replace(b'"t":1795459525123', b'"t":true'),
        LEAF.replace(b'"t":1795459525123', b'"t":1.0'),
        LEAF.replace(b'"t":1795459525123', b'"t":"1795459525123"'),
        LEAF.replace(b'"decision"', b'"Decision"'),
        LEAF.replace(b'"decision"', b'""'),
        LEAF.replace(b'"decision"', b'"' + b"d" * 200 + b'"'),
        LEAF.replace(ENTRY.encode(), b"short"),
        LEAF.replace(ENTRY.encode(), ENTRY.encode()[:-1] + b"x"),
        LEAF.replace(b'{"c":"', b'{"c":"A'),
        LEAF.replace(b",", b", "),
        LEAF.replace(b'"c"', b'"e"', 1),
    ],
    ids=count(),
)
def test_leaf_that_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidOpening):
        Leaf.parse(data)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"v": 2, "nonce": "", "fields": []},
        {"v": True, "nonce": b64u(bytes(32)), "fields": []},
        {"v": 1, "nonce": b64u(bytes(31)), "fields": []},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": {}},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [1]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": ["short"]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [["a", b64u(bytes(16))]]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [["a", b64u(bytes(15)), "1"]]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [["A", b64u(bytes(16)), "1"]]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [["a\0b", b64u(bytes(16)), "1"]]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [["a", b64u(bytes(16)), "\ud800"]]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [["a", b64u(bytes(16)), 1]]},
        {"v": 1, "nonce": b64u(bytes(32)), "fields": [], "more": 1},
    ],
    ids=count(),
)
def test_opening_in_another_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidOpening):
        Opening.from_json(value)


@pytest.mark.parametrize(
    "name", ["", "A", "a b", "a\0", "_names", "1a", "あ", "a" * 65], ids=count()
)
def test_commit_to_a_field_of_another_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidOpening):
        commit({name: 1})


def test_commit_with_too_few_nonces_is_refused() -> None:
    with pytest.raises(InvalidOpening):
        commit(FIELDS, randomness=bytes(nonce_bytes(len(FIELDS)) - 1))


def test_commit_twice_to_the_same_gives_unrelated_commitments() -> None:
    first, second = commit(FIELDS), commit(FIELDS)

    assert first.value != second.value
    assert set(first.opening.only(()).places[1:]).isdisjoint(second.opening.only(()).places)


def test_partial_opening_shows_these_fields_and_the_names_of_all() -> None:
    made = commit(FIELDS)

    partial = Opening.from_json(json.loads(json.dumps(made.opening.only({"purpose"}).to_json())))

    verify_opening(_leaf(made), partial)
    assert {"purpose": "watch"} == partial.fields()
    assert ("alert", "basis", "purpose", "subject") == partial.names()
    assert "s-17" not in json.dumps(partial.to_json())


def test_empty_body_has_a_commitment_too() -> None:
    made = commit({})

    verify_opening(_leaf(made), made.opening)
    assert {} == made.opening.fields()


def test_leaf_of_the_longest_type_is_short_enough() -> None:
    leaf = Leaf(bytes(32), ENTRY, 2**53 - 1, "a" * 32).to_bytes()

    assert MAX_LEAF_BYTES >= len(leaf)
    assert leaf == Leaf.parse(leaf).to_bytes()


def test_commitment_of_the_kept_vector_never_changes() -> None:
    """Leaves written today have to be opened in ten years."""
    vector = json.loads(VECTOR.read_text())

    made = commit(vector["fields"], randomness=bytes.fromhex(vector["randomness_hex"]))

    assert vector["commitment_hex"] == made.value.hex()
    assert vector["opening"] == made.opening.to_json()
    verify_opening(vector["leaf"].encode(), Opening.from_json(vector["opening"]))


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.integers(-5, 5),
    st.lists(st.booleans(), max_size=3),
)


@settings(max_examples=60)
@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True), VALUES), st.data())
def test_any_opening_of_any_fields_verifies(fields: dict[str, object], data: st.DataObject) -> None:
    made = commit(fields)
    shown = data.draw(st.sets(st.sampled_from(sorted(fields)))) if fields else set()

    opening = Opening.from_json(made.opening.only(shown).to_json())

    verify_opening(_leaf(made), opening)
    assert {name: fields[name] for name in shown} == opening.fields()
