"""What another parser might read otherwise is refused, and the refusal echoes nothing."""

import json
import time
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.json_reader import (
    MAX_INTEGER,
    JSONFault,
    UnreadableJSON,
    read_json,
    read_json_object,
)

REFUSED = [
    (b'{"a":1,"a":2}', JSONFault.MEMBER_TWICE),
    (b'{"x":{"a":1,"a":2}}', JSONFault.MEMBER_TWICE),
    (b'[{"a":1,"a":1}]', JSONFault.MEMBER_TWICE),
    (b'{"a":1,"\\u0061":2}', JSONFault.MEMBER_TWICE),
    (b'{"alg":1,"Alg":2}', JSONFault.MEMBER_TWICE),
    (b'{"a":NaN}', JSONFault.NOT_FINITE),
    (b'{"a":Infinity}', JSONFault.NOT_FINITE),
    (b'{"a":-Infinity}', JSONFault.NOT_FINITE),
    (b'{"a":1e999}', JSONFault.NOT_FINITE),
    (b'{"a":-1e999}', JSONFault.NOT_FINITE),
    (b'{"a":1.5}', JSONFault.FRACTION),
    (b'{"a":1.0}', JSONFault.FRACTION),
    (b'{"a":1e2}', JSONFault.FRACTION),
    (b"9007199254740992", JSONFault.INTEGER_RANGE),
    (b"-9007199254740992", JSONFault.INTEGER_RANGE),
    (b"1" * 5000, JSONFault.INTEGER_RANGE),
    (b'{"a":"\\u0000"}', JSONFault.NUL),
    (b'{"\\u0000":1}', JSONFault.NUL),
    (b'{"a":"\\\\\\u0000"}', JSONFault.NUL),
    (b'{"a":"\\ud800"}', JSONFault.LONE_SURROGATE),
    (b'{"a":"\\udc00"}', JSONFault.LONE_SURROGATE),
    (b'{"a":"\\udc00\\ud800"}', JSONFault.LONE_SURROGATE),
    (b'{"a":"\\ud800\\u0041"}', JSONFault.LONE_SURROGATE),
    (b'{"\\uDBFF":1}', JSONFault.LONE_SURROGATE),
    (b'{"a":"\xed\xa0\x80"}', JSONFault.NOT_UTF8),
    (b'{"a":"\xc0\x80"}', JSONFault.NOT_UTF8),
    (b'{"a":"\xff"}', JSONFault.NOT_UTF8),
    (b'\xef\xbb\xbf{"a":1}', JSONFault.BYTE_ORDER_MARK),
    ('{"a":1}'.encode("utf-16"), JSONFault.NOT_UTF8),
    ('{"a":1}'.encode("utf-16-le"), JSONFault.NOT_JSON),
    ('{"a":1}'.encode("utf-32-le"), JSONFault.NOT_JSON),
    (b"[" * 100_000, JSONFault.TOO_LARGE),
    (b"[" * 33 + b"]" * 33, JSONFault.TOO_DEEP),
    (b"[" * 30_000, JSONFault.TOO_DEEP),
    (b'{"a":' * 33 + b"1" + b"}" * 33, JSONFault.TOO_DEEP),
    (b'["\\"",' + b"[{" * 5000, JSONFault.TOO_DEEP),
    (b"", JSONFault.NOT_JSON),
    (b" ", JSONFault.NOT_JSON),
    (b"{} {}", JSONFault.NOT_JSON),
    (b'{"a":1,}', JSONFault.NOT_JSON),
    (b"[1,]", JSONFault.NOT_JSON),
    (b"{'a':1}", JSONFault.NOT_JSON),
    (b'{"a":01}', JSONFault.NOT_JSON),
    (b'{"a":+1}', JSONFault.NOT_JSON),
    (b'{"a":.5}', JSONFault.NOT_JSON),
    (b'{"a":0x1}', JSONFault.NOT_JSON),
    (b'{"a":"\n"}', JSONFault.NOT_JSON),
    (b'{"a":"\\x41"}', JSONFault.NOT_JSON),
    (b'{"a":"\\u00g1"}', JSONFault.NOT_JSON),
    (b'{"a":1}\x00', JSONFault.NOT_JSON),
    (b"\x0c{}", JSONFault.NOT_JSON),
    ("\u00a0{}".encode(), JSONFault.NOT_JSON),
    (b'{"a"', JSONFault.NOT_JSON),
    (b'{"a":"', JSONFault.NOT_JSON),
    (b"]", JSONFault.NOT_JSON),
    (b"// comment\n{}", JSONFault.NOT_JSON),
    (b"None", JSONFault.NOT_JSON),
]


@pytest.mark.parametrize(("data", "fault"), REFUSED, ids=count())
def test_read_json_of_a_bad_text_is_refused_with_its_fault(data: bytes, fault: JSONFault) -> None:
    with pytest.raises(UnreadableJSON) as refused:
        read_json(data)

    assert fault == refused.value.fault
    assert fault.value == refused.value.reason


def test_read_json_refusal_carries_nothing_of_the_input() -> None:
    with pytest.raises(UnreadableJSON) as refused:
        read_json('{"name":"佐藤さん", oops')

    assert "佐藤" not in repr(refused.value)
    assert refused.value.__context__ is None
    assert refused.value.__cause__ is None


def test_read_json_of_text_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnreadableJSON) as refused:
        read_json('{"a":"\ud800"}')

    assert JSONFault.LONE_SURROGATE == refused.value.fault


@pytest.mark.parametrize("data", [b"[]", b"1", b'"a"', b"null"], ids=count())
def test_read_json_object_of_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableJSON) as refused:
        read_json_object(data)

    assert JSONFault.NOT_AN_OBJECT == refused.value.fault


@pytest.mark.parametrize("text", [b"1e999", b"-1e999", b"NaN"], ids=count())
def test_read_json_with_fractions_allowed_still_refuses_what_is_not_finite(text: bytes) -> None:
    with pytest.raises(UnreadableJSON) as refused:
        read_json(text, floats=True)

    assert JSONFault.NOT_FINITE == refused.value.fault


@pytest.mark.parametrize(
    "text",
    [
        b'"' + b'\\"' * 32_000,
        b'["' + b"\\\\" * 30_000 + b'",' + b"[" * 33,
        b"\\" * 60_000 + b"[" * 40,
        b'{"a":"' + b"\\u00e9" * 10_000 + b'\\ud800"}',
        b'[{"' * 20_000,
    ],
    ids=count(),
)
def test_read_json_of_a_hostile_text_takes_no_long_time(text: bytes) -> None:
    began = time.perf_counter()

    with pytest.raises(UnreadableJSON):
        read_json(text)

    assert 0.5 > time.perf_counter() - began


def test_read_json_counts_brackets_in_strings_for_nothing() -> None:
    value = {"a": "[{" * 100, "b": ['\\"[[', {"c": "]}\\"}]}

    assert value == read_json(json.dumps(value))


def test_read_json_at_every_limit_is_read() -> None:
    assert MAX_INTEGER == read_json(b"9007199254740991")
    assert -MAX_INTEGER == read_json(b"-9007199254740991")
    assert 32 == str(read_json(b"[" * 32 + b"]" * 32)).count("[")
    assert "😀é/" == read_json(b'"\\ud83d\\ude00\\u00e9\\/"')
    assert {"a": "A", "ａ": "\\u0000"} == read_json('{"a":"A","ａ":"\\\\u0000"}')
    assert 1.5 == read_json(b"1.5", floats=True)
    assert {} == read_json_object(b" \t\r\n{} ")


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcxyz佐_", max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(JSON_VALUES)
def test_read_json_of_any_good_value_returns_it(value: object) -> None:
    assert value == read_json(json.dumps(value).encode())
    assert value == read_json(json.dumps(value, ensure_ascii=False).encode())


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_read_json_of_any_bytes_reads_or_refuses(data: bytes) -> None:
    """No other error gets out, whatever comes in; and what is read, json reads alike."""
    try:
        value = read_json(data)
    except UnreadableJSON:
        return

    assert json.loads(data) == value
