"""
Canonical JSON (RFC 8785), for values without fractions.

* One value has one text, so a digest or a commitment of it means something.
* Numbers are whole and within ±(2^53 - 1): what is left of RFC 8785 then is the order of
  members and the escaping of strings, which the standard library does, but for the order
  of names beyond U+DFFF. A member's desk therefore needs no further package; the tests
  compare every kind of value with an independent implementation.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from gateway.crypto.json_reader import MAX_INTEGER
from gateway.domain.errors import GatewayError
from gateway.domain.log import JSONValue

__all__ = ["NotCanonical", "canonical_json"]


def _members(value: object) -> dict[str, Any]:
    """Return what the encoder does not know; :func:`_check` has let through mappings only."""
    return dict(cast("Mapping[str, Any]", value))


_SHAPE: Final[dict[str, Any]] = {
    "ensure_ascii": False,
    "check_circular": False,
    "allow_nan": False,
    "separators": (",", ":"),
    "default": _members,
}
_SORTING: Final = json.JSONEncoder(sort_keys=True, **_SHAPE)
_AS_GIVEN: Final = json.JSONEncoder(sort_keys=False, **_SHAPE)


class NotCanonical(GatewayError):
    """A value has no canonical text here: a fraction, an unsafe number or a broken string."""


def canonical_json(value: JSONValue) -> bytes:
    """
    Return the canonical UTF-8 text of a value.

    Raises:
        NotCanonical: It holds something other than JSON, a fraction, a number beyond
            ±(2^53 - 1), a lone surrogate, or a name that is not text.
    """
    encoded: bytes | None
    try:
        if _check(value):
            encoded = _SORTING.encode(value).encode("utf-8")
        else:
            encoded = _AS_GIVEN.encode(_ordered(value)).encode("utf-8")
    except UnicodeEncodeError:
        encoded = None
    if encoded is None:
        raise NotCanonical("lone surrogate")
    return encoded


def _check(value: JSONValue) -> bool:
    """Check every part, and return whether all names are ASCII."""
    plain = True
    parts: list[Any] = [value]
    while parts:
        part = parts.pop()
        kind = type(part)
        if kind is str or part is None or kind is bool:
            continue
        if kind is int:
            if not -MAX_INTEGER <= part <= MAX_INTEGER:
                raise NotCanonical("number out of range")
        elif kind is dict or isinstance(part, Mapping):
            plain = _are_plain(part) and plain
            parts.extend(part.values())
        elif kind is list or kind is tuple:
            parts.extend(part)
        elif not isinstance(part, str):
            raise NotCanonical("not a JSON value")
    return plain


def _are_plain(names: Mapping[Any, Any]) -> bool:
    try:
        return "".join(names).isascii()
    except TypeError:
        raise NotCanonical("a name is not text") from None


def _ordered(value: Any) -> Any:
    """Return a checked value with members in the order of UTF-16 code units (RFC 8785 3.2.3)."""
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
