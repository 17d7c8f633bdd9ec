"""
Finding My Numbers in a record before anybody is asked whether it may pass.

Nobody may provide a My Number outside the closed list of the Number Act, not even by
accident in a free text. A finding names the field and never the number.

* Twelve digits count when the check digit matches; a driving licence may match too, so a
  finding asks the sender to look, and proves nothing.
* Digits of any script, full-width, circled or kanji are folded; up to three separators
  may stand between two digits.
* A number starts and ends where a group of digits does: a longer number is another number.

Law: 行政手続における特定の個人を識別するための番号の利用等に関する法律 19条, 20条.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from gateway.domain.codes import is_my_number
from gateway.domain.ids import FieldId
from gateway.domain.log import JSONValue

__all__ = ["SCREENER", "holds_my_number", "screen_my_number"]

SCREENER = "mynumber-1"

_LENGTH = 12
_KANJI_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0"}
# Invisible characters (format characters, marks) and the following may stand in between.
_SEPARATORS = frozenset("-‐‑‒–—―−－ｰー~〜～.．・･,，、/／_＿·•")
_BETWEEN = "s"
_OTHER = "x"
_RUN = re.compile(rf"[0-9]+(?:{_BETWEEN}{{1,3}}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def holds_my_number(text: str) -> bool:
    """
    Whether twelve digits with a My Number's check digit stand somewhere in ``text``.

    A whole text that is a UUID is a random reference and holds none.
    """
    if _UUID.fullmatch(text):
        return False
    folded = "".join(map(_folded, text))
    return any(_holds(_GROUP.findall(run.group())) for run in _RUN.finditer(folded))


def screen_my_number(record_payload: Mapping[FieldId, JSONValue]) -> dict[FieldId, str]:
    """Return ``clear`` or ``found`` for each field; the number itself is never returned."""
    return {
        id_: "found" if any(map(holds_my_number, _texts(value))) else "clear"
        for id_, value in record_payload.items()
    }


def _folded(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if char in _KANJI_DIGITS:
        return _KANJI_DIGITS[char]
    if char in _SEPARATORS or char.isspace() or unicodedata.category(char) in {"Cf", "Mn"}:
        return _BETWEEN
    return _OTHER


def _holds(groups: list[str]) -> bool:
    return any(_starts(groups[i : i + _LENGTH]) for i in range(len(groups)))


def _starts(groups: list[str]) -> bool:
    digits = ""
    for group in groups:
        digits += group
        if len(digits) >= _LENGTH:
            return is_my_number(digits)
    return False


def _texts(value: JSONValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
