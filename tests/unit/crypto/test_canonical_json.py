"""Our canonical JSON is RFC 8785's, for every value without fractions."""

from itertools import count
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.canonical import NotCanonical, canonical_json
from gateway.domain.log import EntryType

MAX = 2**53 - 1


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        {"\udfff": 1},
        {1: 2},
        {None: 1},
        b"bytes",
        {"a": {1, 2}},
        [object()],
        {"a": [1, {"b": 0.5}]},
    ],
    ids=count(),
)
def test_canonical_json_of_something_else_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_canonical_json_orders_names_by_utf16_units() -> None:
    """RFC 8785 3.2.3: the sample whose order differs from that of code points."""
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    text = canonical_json(value).decode()

    expected = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
    assert expected == sorted(expected, key=text.index)


def test_canonical_json_takes_mappings_tuples_and_codes() -> None:
    value = MappingProxyType({"b": (1, MappingProxyType({"a": None})), "a": EntryType.PAD})

    assert b'{"a":"pad","b":[1,{"a":null}]}' == canonical_json(value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX, MAX) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=15,
)


@settings(max_examples=300)
@given(VALUES)
def test_canonical_json_equals_an_independent_implementation(value: object) -> None:
    assert rfc8785.dumps(value) == canonical_json(value)
