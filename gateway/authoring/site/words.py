"""
Japanese words for the codes of the registry; a code without one is shown as it is.

Wording of the field: the law's where it has a word, the report's otherwise.
"""

from collections.abc import Iterable
from typing import Final

__all__ = ["amount", "relation", "word", "words"]

_WORDS: Final = {
    # regimes
    "public": "行政機関等",
    "private": "民間事業者",
    # kinds of agencies
    "municipality": "市町村",
    "prefecture": "都道府県",
    "education_board": "教育委員会",
    "child_guidance": "児童相談所",
    "shakyo": "社会福祉協議会",
    "chiku_shakyo": "地区社会福祉協議会",
    "npo": "NPO等",
    "company": "企業",
    "minsei": "民生委員・児童委員",
    "medical": "医療機関",
    "school": "学校",
    "police": "警察",
    "fire": "消防",
    "post_office": "郵便局",
    "dv_centre": "配偶者暴力相談支援センター",
    "other_public": "そのほかの公的機関",
    "other_private": "そのほかの民間",
    # capacities
    "own_business": "自らの業務として",
    "contractor": "受託者として",
    "conference_member": "会議の構成員として",
    "supporter": "支援する立場で",
    # who hears a refusal
    "asker": "依頼した人",
    "controller": "提供元(保有機関)",
    "officer": "個人情報保護の担当",
    # bearers of duties
    "recipient": "提供先",
    "gateway": "この仕組み",
    # how well a text was read
    "text": "条文を確認",
    "secondary": "解説等で確認(条文は未確認)",
    "memory": "未確認(記憶による)",
    # what a decision comes to
    "permit": "提供する",
    "deny": "提供しない",
    "not_applicable": "当てはまる根拠がない",
}
_RELATIONS: Final = {
    "main": "本人",
    "household": "世帯員",
    "supporter": "支え手",
    "reporter": "知らせた人",
    "third_party": "ほかの関係者",
    "alleged_perpetrator": "加害が疑われる人",
}
_UNITS: Final = ((86_400_000, "日"), (3_600_000, "時間"), (60_000, "分"), (1_000, "秒"))


def word(code: str) -> str:
    """Return the Japanese word of a code."""
    return _WORDS.get(code, code)


def relation(code: str) -> str:
    """Return the Japanese word for whom information is about."""
    return _RELATIONS.get(code, code)


def words(codes: Iterable[str]) -> str:
    """Return words, one after the other."""
    return "、".join(map(word, codes)) or "なし"


def amount(name: str, value: object) -> str:
    """Return a threshold as people say it: a span of time for names that end in ``_ms``."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if value is None:
        return "定めない"
    if name.endswith("_ms") and isinstance(value, int):
        size, unit = next(((s, u) for s, u in _UNITS if value % s == 0), (1, "ミリ秒"))
        return f"{value // size} {unit}"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
