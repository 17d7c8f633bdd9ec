"""How a sentence of a feature is read: members, persons, quotations, instants and passings."""

import re
from collections.abc import Callable, Iterable

import parse
from pytest_bdd import parsers

from gateway.policy.tables import instant_of_day
from tests.features.cast import AGENCIES, PERSONS
from tests.features.story import HOUR, MINUTE, Passing

__all__ = ["APPROVALS", "HELD_BY", "LONG_REASON", "STATES", "says"]

HELD_BY = {"個人情報保護の担当": "officer", "決裁者": "approver", "二人目": "second_person"}
APPROVALS = {
    "特別の理由による提供": "public_special_reason",
    "断られている相手への提供": "refused_recipient",
    "所在の秘匿の解除": "address_lift",
    "読んでいない記述の提供": "unread_narrative",
}
STATES = {"取り消された": "recalled", "開かれた": "opened", "期限が切れた": "expired"}
LONG_REASON = "三日つづけて呼び鈴に応えず、新聞がたまり、室内で物音もしない。電話にも出ない。"


def _one_of(names: Iterable[str]) -> Callable[[str], str]:
    longest_first = sorted(names, key=len, reverse=True)

    @parse.with_pattern("|".join(longest_first))
    def name(text: str) -> str:
        return text

    return name


@parse.with_pattern(r"[^「」]+")
def _quoted(text: str) -> str:
    return text


@parse.with_pattern(r"\d+年\d+月\d+日\d+時\d+分")
def _instant(text: str) -> int:
    year, month, day, hour, minute = map(int, re.findall(r"\d+", text))
    return instant_of_day(f"{year:04}-{month:02}-{day:02}") + hour * HOUR + minute * MINUTE


PASSING = re.compile(r"「([^「」]+)」のために(.+)の「([^「」]+)」を(.+)へ")


@parse.with_pattern(r"「[^「」]+」のために[^「」]+の「[^「」]+」を[^「」]+へ")
def _passing(text: str) -> Passing:
    found = PASSING.fullmatch(text)
    assert found is not None
    passing = Passing(*found.groups())
    assert passing.person in PERSONS
    assert passing.recipient in AGENCIES
    return passing


def says(sentence: str) -> parsers.StepParser:
    """Return the parser of a sentence with members (A), persons (P) and quotations (T)."""
    types = {"A": _one_of(AGENCIES), "P": _one_of(PERSONS), "T": _quoted, "H": _one_of(HELD_BY)}
    types |= {"K": _one_of(APPROVALS), "X": _passing, "I": _instant}
    return parsers.cfparse(sentence, extra_types=types)
