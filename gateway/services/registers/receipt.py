"""
The receipt of a consent, for the person who gave it (in the spirit of ISO/IEC TS 27560).

* It says in Japanese who took it, for what, to whom, until when, how to withdraw, and what a
  withdrawal cannot undo; codes stand beside the words for machines.
* It holds no name and no case content: the agency writes the person's name on the copy.
* Index and proof of the log entry show that it was registered, and when.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gateway.audit.verify import Evidence
from gateway.domain.ids import Millis
from gateway.domain.log import JSONValue

__all__ = ["AGENCY_KINDS_JA", "CAPACITIES_JA", "ITEM_CLASSES_JA", "METHODS_JA", "consent_receipt"]

CAPACITIES_JA: Final[Mapping[str, str]] = {
    "self": "本人",
    "self_minor_capable": "本人(判断能力のある未成年者)",
    "guardian_parent": "親権者",
    "legal_guardian": "法定代理人・後見人",
    "curator_assist_scope": "保佐人・補助人(権限の範囲内)",
    "family_no_authority": "家族(代理する権限はなく、本人の同意とは扱わない)",
}
METHODS_JA: Final[Mapping[str, str]] = {
    "paper": "書面",
    "electronic": "電子的方法",
    "oral_scripted": "口頭(説明文の読み上げ)",
    "imported_blanket": "以前の包括的な同意書からの移行(範囲と期間を限って扱う)",
}
AGENCY_KINDS_JA: Final[Mapping[str, str]] = {
    "municipality": "市町村",
    "prefecture": "都道府県",
    "education_board": "教育委員会",
    "child_guidance": "児童相談所",
    "shakyo": "社会福祉協議会",
    "npo": "NPO",
    "company": "事業者",
    "minsei": "民生委員・児童委員",
    "chiku_shakyo": "地区社協",
    "medical": "医療機関",
    "post_office": "郵便局",
    "dv_centre": "配偶者暴力相談支援センター",
    "school": "学校",
    "police": "警察",
    "fire": "消防",
    "other_public": "その他の公的機関",
    "other_private": "その他の民間団体",
}
ITEM_CLASSES_JA: Final[Mapping[str, str]] = {
    "SYS": "個人情報を含まない事務の情報",
    "IDN": "識別情報",
    "CON": "連絡先",
    "HH": "世帯・家族",
    "ECO": "経済状況",
    "HEA": "健康・医療",
    "YOH": "その他の要配慮個人情報",
    "ABU": "虐待・暴力",
    "PAD": "秘匿すべき住所・居所",
    "REP": "通告者・連絡者",
    "NAR": "自由記述",
}

_HOW_TO_WITHDRAW_JA: Final = (
    "同意は、いつでも、理由を述べずに、全部または一部を撤回できます。この控えを交付した機関の窓口、"
    "電話、書面のいずれでも申し出ることができます。同意しないこと、撤回することで不利益な扱いを"
    "受けることはありません。"
)
_CANNOT_UNDO_JA: Final = (
    "撤回すると、その後の提供は行いません。まだ開かれていない提供は取り戻します。すでに伝えた内容を"
    "なかったことにはできません。提供先には撤回があったことを伝え、それぞれの対応を記録します。"
    "法令により保存が必要な記録は残ります。"
)
_WITHOUT_CONSENT_JA: Final = (
    "法令に基づく会議、通告・通報、生命・身体の危険がある場合など、同意がなくても法令により"
    "情報を提供できる場合があります。"
)


def consent_receipt(
    consent: Mapping[str, JSONValue],
    *,
    version: int,
    agency: Mapping[str, JSONValue],
    purpose_ja: Callable[[str], str],
    issued_at: Millis,
    log_index: int,
    evidence: Evidence,
) -> dict[str, JSONValue]:
    """
    Return the receipt as JSON; instants are epoch milliseconds, intervals half-open.

    Args:
        consent: The consent as registered.
        version: Its version; a withdrawal is a version too.
        agency: The agency that took it.
        purpose_ja: Gives the Japanese words for a purpose.
        issued_at: When this copy is made.
        log_index: Index of the entry about this version.
        evidence: That entry.
    """
    withdrawn_at = consent["withdrawn_at"]
    return {
        "consent_id": consent["id"],
        "version": version,
        "issued_at": issued_at,
        "state": "given" if withdrawn_at is None else "withdrawn",
        "taken_by": {
            "agency": agency["id"],
            "name_ja": agency["name_ja"],
            "name_en": agency["name_en"],
        },
        "given_by": _coded(consent["capacity"], CAPACITIES_JA),
        "method": _coded(consent["method"], METHODS_JA),
        "text_version": consent["text_version"],
        "purposes": [{"code": p, "label_ja": purpose_ja(p)} for p in _codes(consent["purposes"])],
        "recipients": {
            "classes": _all_coded(consent["recipient_classes"], AGENCY_KINDS_JA),
            "named": consent["recipients_named"],
            "refused": consent["recipients_refused"],
        },
        "items": {
            "classes": _all_coded(consent["item_classes"], ITEM_CLASSES_JA),
            "refused": consent["items_refused"],
        },
        "valid_from": consent["valid_from"],
        "valid_to": consent["valid_to"],
        "review_on": consent["review_on"],
        "imported_at": consent["imported_at"],
        "withdrawal": {
            "withdrawn_at": withdrawn_at,
            "how_ja": _HOW_TO_WITHDRAW_JA,
            "cannot_undo_ja": _CANNOT_UNDO_JA,
        },
        "without_consent_ja": _WITHOUT_CONSENT_JA,
        "log": {"index": log_index, "evidence": evidence.to_json()},
    }


def _coded(code: JSONValue, labels: Mapping[str, str]) -> dict[str, JSONValue]:
    return {"code": code, "label_ja": labels[str(code)]}


def _all_coded(codes: JSONValue, labels: Mapping[str, str]) -> list[JSONValue]:
    return [_coded(code, labels) for code in _codes(codes)]


def _codes(value: JSONValue) -> Sequence[str]:
    return [str(code) for code in value] if isinstance(value, list | tuple) else []
