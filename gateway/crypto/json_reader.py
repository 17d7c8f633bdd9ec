"""
The one reader for every JSON that enters: bodies, tokens, envelopes, policy answers.

Two parsers that understand one text differently are a way around a decision, so whatever
another parser might read otherwise is refused here (RFC 8259 4, RFC 7493):

* size, nesting and the range of whole numbers are bounded before or while parsing;
* strict UTF-8 without a byte order mark;
* a member name occurs once per object, also when spelled in another case or by escapes;
* no NaN, no infinities; fractions only where the caller allows them;
* no NUL and no lone surrogate in any text, since databases and other parsers differ there.

An error names one of a closed list of faults and never carries the input.
"""

import json
import math
import re
from enum import StrEnum
from typing import Any, Final, NoReturn

from gateway.domain.errors import MalformedRequest

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_INTEGER",
    "JSONFault",
    "UnreadableJSON",
    "read_json",
    "read_json_object",
]

MAX_BYTES: Final = 65536
MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1  # RFC 8785 3.2.2.3; exact in every reader's numbers

# A whole number with fewer digits than this is within range.
_SAFE_DIGITS: Final = 15

# An unterminated string runs to the end, so that the search stays linear.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET: Final = bytes(set(range(256)) - set(b"[]{}"))
_LONG_NUMBER: Final = re.compile(rf"[0-9]{{{_SAFE_DIGITS + 1}}}", re.ASCII)

_PAIR: Final = r"[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_PLAIN: Final = r"(?:[0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})"
_NO_LONE_SURROGATE: Final = re.compile(rf"(?:[^\\]++|\\[^u]|\\u(?:{_PLAIN}|{_PAIR}))*+")
_NO_NUL: Final = re.compile(r"(?:[^\\]++|\\[^u]|\\u(?!0000))*+")


class JSONFault(StrEnum):
    """Why a text could not be read; stable, and safe to show to whoever sent it."""

    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    BYTE_ORDER_MARK = "byte-order-mark"
    TOO_DEEP = "too-deep"
    NOT_JSON = "not-json"
    MEMBER_TWICE = "member-twice"
    NOT_FINITE = "not-finite"
    FRACTION = "fraction"
    INTEGER_RANGE = "integer-range"
    NUL = "nul"
    LONE_SURROGATE = "lone-surrogate"
    NOT_AN_OBJECT = "not-an-object"


class UnreadableJSON(MalformedRequest):
    """The text is not JSON as read here; ``fault`` says why, ``reason`` is its code."""

    def __init__(self, fault: JSONFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read_json(
    data: bytes | str,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    floats: bool = False,
) -> Any:
    """
    Return the one value that every strict reader finds in ``data``.

    Args:
        data: The text, as bytes in UTF-8 or already decoded.
        max_bytes: Size in bytes above which nothing is parsed.
        max_depth: Arrays and objects that may contain each other.
        floats: Whether numbers with a fraction or an exponent are allowed.

    Raises:
        UnreadableJSON: It is not readable; ``fault`` names the first fault found.
    """
    raw = data if isinstance(data, bytes) else _encode(data)
    if len(raw) > max_bytes:
        raise UnreadableJSON(JSONFault.TOO_LARGE)
    _check_depth(raw, max_depth)
    text = data if isinstance(data, str) else _decode(raw)
    if text.startswith("\ufeff"):
        raise UnreadableJSON(JSONFault.BYTE_ORDER_MARK)
    narrow = _LONG_NUMBER.search(text) is None
    fault: JSONFault | None = None
    value: Any = None
    # Raised again outside the handler: the decoder's own error holds the whole input.
    try:
        value = _DECODERS[floats, narrow].decode(text)
    except ValueError:
        fault = JSONFault.NOT_JSON
    if fault is not None:
        raise UnreadableJSON(fault)
    if "\\u" in text:
        _check_escapes(text)
    if "\0" in text:
        raise UnreadableJSON(JSONFault.NUL)
    return value


def read_json_object(
    data: bytes | str,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    floats: bool = False,
) -> dict[str, Any]:
    """
    Return the object in ``data``; see :func:`read_json`.

    Raises:
        UnreadableJSON: It is not readable, or it is something other than an object.
    """
    value = read_json(data, max_bytes=max_bytes, max_depth=max_depth, floats=floats)
    if type(value) is not dict:
        raise UnreadableJSON(JSONFault.NOT_AN_OBJECT)
    return value


def _encode(text: str) -> bytes:
    raw: bytes | None
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raw = None
    if raw is None:
        raise UnreadableJSON(JSONFault.LONE_SURROGATE)
    return raw


def _decode(raw: bytes) -> str:
    text: str | None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise UnreadableJSON(JSONFault.NOT_UTF8)
    return text


def _check_depth(raw: bytes, max_depth: int) -> None:
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    # Every second part between quotation marks is outside a string, if nothing is escaped.
    outside = _STRING.sub(b"", raw) if b"\\" in raw else b"".join(raw.split(b'"')[::2])
    brackets = outside.translate(_ONE_KIND, _NO_BRACKET)
    for _ in range(max_depth):
        brackets = brackets.replace(b"[]", b"")  # takes away the innermost level
    # What is left is deeper, or unbalanced and for the parser to refuse.
    if b"[]" in brackets or brackets.count(b"[") > max_depth:
        raise UnreadableJSON(JSONFault.TOO_DEEP)


def _check_escapes(text: str) -> None:
    if not _NO_NUL.fullmatch(text):
        raise UnreadableJSON(JSONFault.NUL)
    if not _NO_LONE_SURROGATE.fullmatch(text):
        raise UnreadableJSON(JSONFault.LONE_SURROGATE)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise UnreadableJSON(JSONFault.MEMBER_TWICE)
    # Some readers match names regardless of case (Go's encoding/json does).
    joined = "".join(members)
    if joined != joined.lower() and len(set(map(str.lower, members))) != len(pairs):
        raise UnreadableJSON(JSONFault.MEMBER_TWICE)
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise UnreadableJSON(JSONFault.NOT_FINITE)


def _refuse_fraction(text: str) -> NoReturn:
    _finite(text)
    raise UnreadableJSON(JSONFault.FRACTION)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise UnreadableJSON(JSONFault.NOT_FINITE)
    return value


def _bounded(text: str) -> int:
    if len(text) > _SAFE_DIGITS + 2 or abs(value := int(text)) > MAX_INTEGER:
        raise UnreadableJSON(JSONFault.INTEGER_RANGE)
    return value


def _decoder(*, floats: bool, narrow: bool) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_members,
        parse_constant=_refuse_constant,
        parse_float=_finite if floats else _refuse_fraction,
        parse_int=int if narrow else _bounded,
    )


_DECODERS: Final = {
    (floats, narrow): _decoder(floats=floats, narrow=narrow)
    for floats in (False, True)
    for narrow in (False, True)
}
