"""
What happens: the report's flows, each under the pack that its municipality needs.

* A pack enables only what the report says of its municipality; where an exchange needs more,
  it is decided under ``default`` and names the row that it models.
* Every address, number and word is made up. The twelve digits in one narrative have the
  check digit of a My Number and are nobody's.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from gateway.client import Direction
from gateway.demo.cast import AOBA, CHIKU, GAS, HIDAMARI, MIDORI, MINSEI, SHAKYO, TSUKUSHI
from gateway.demo.script import (
    DAY,
    HOUR,
    Asked,
    At,
    Exchange,
    Expected,
    Handle,
    Made,
    Register,
    Telling,
    Town,
)

__all__ = ["MAIN_PACK", "TOWNS"]

MAIN_PACK: Final = "default"

_CITY, _HEAD = "aoba-city-01", "aoba-city-02"
_PREF = "midori-pref-01"
_WORKER = "aoba-shakyo-01"
_NPO, _NPO_HEAD = "npo-hidamari-01", "npo-hidamari-02"
_KITCHEN = "kodomo-tsukushi-01"
_GAS, _GAS_PROXY = "aoba-gas-01", "aoba-gas-02"
_VOLUNTEER = "aoba-minsei-01"
_WARD_HEAD = "aoba-chiku-3-01"

_WARD: Final = "第3地区"
_HOME: Final = {"prefecture": "みどり県", "city": "あおば市", "town": "若葉町", "block": "0-0-1"}
_DESK: Final = {"contact": {"agency": "aoba-city", "unit": "市福祉課", "post": "主任"}}
_PHONES: Final = ("000-000-0001",)
_SAFE_CONTACT: Final = {"methods": ["telephone"], "from": "10:00", "to": "16:00"}


def _consent(subject: str, by: str, name: str = "", **terms: Any) -> Register:
    """Return the consent of a person, taken by ``by``; ``terms`` differ from case to case."""
    body: dict[str, Any] = {
        "subject": Handle(subject),
        "capacity": "self",
        "method": "paper",
        "recipient_classes": [],
        "recipients_named": [],
        "recipients_refused": [],
        "purposes": ["refer"],
        "item_classes": ["SYS", "IDN", "CON"],
        "items_refused": [],
        "valid_from": At(-7 * DAY),
        "valid_to": At(180 * DAY),
        "review_on": At(90 * DAY),
        "imported": False,
        "counterpart_present": False,
        "given_by": "",
        "given_by_actor": "",
        "interpreter": "none",
        "proof_seen": True,
        "text_version": "2026-04",
        **terms,
    }
    return Register(by, "consents", MappingProxyType(body), name)


def _undertaking(actor: str) -> Register:
    return Register(
        _CITY,
        "conferences/{conference}/undertakings",
        {
            "actor": actor,
            "signed_at": At(-14 * DAY),
            "valid_to": At(120 * DAY),
            "text_version": "2026-04",
        },
    )


def _seat(agency: str, actor: str, profile: str, proxy_of: str | None = None) -> Register:
    return Register(
        _CITY,
        "conferences/{conference}/agenda-items/{item}/participants",
        {
            "agency": agency,
            "actor": actor,
            "proxy_of": proxy_of,
            "profile": profile,
            "invited_from": At(-2 * DAY),
            "invited_to": At(7 * DAY),
        },
    )


_FOOD_FIELDS: Final = (
    "assessment.allergy",
    "assessment.safety_note_for_visitors",
    "outreach_visit.household_size",
    "subject.address_actual",
    "subject.contact_ok",
    "subject.name_original",
)


def _food(name: str, people: int) -> Mapping[str, Any]:
    return {
        "subject.name_original": name,
        "subject.address_actual": _HOME,
        "subject.contact_ok": _SAFE_CONTACT,
        "outreach_visit.household_size": people,
        "assessment.allergy": ["そば"],
        "assessment.safety_note_for_visitors": ["stairs"],
    }


_PREFECTURE: Final = Town(
    pack="tottori_pref",
    tenant="midori",
    founder=MIDORI,
    operator="midori-pref-04",
    officer="midori-pref-03",
    members=(SHAKYO,),
    registers=(
        _consent(
            "sato",
            _PREF,
            method="oral_scripted",
            recipient_classes=["shakyo"],
            item_classes=["SYS", "IDN", "CON", "ECO"],
        ),
        _consent("sato-son", _PREF, capacity="family_no_authority", recipient_classes=["shakyo"]),
    ),
    exchanges=(
        Exchange(
            id="voice-consent",
            journey="J3",
            rows=("T3", "T6"),
            title_ja="県の相談窓口が、電話で同意を得て社協へつなぐ",
            title_en="The prefecture's desk refers to the council, with consent given by voice",
            by=_PREF,
            subject="sato",
            purpose="refer",
            profile="referral_basic",
            record={
                "subject.name_original": "佐藤",
                "subject.phones": _PHONES,
                "subject.contact_ok": _SAFE_CONTACT,
                "consultation_intake.main_trouble": "rent_arrears",
                "referral.urgency": "normal",
            },
            narrowed={"consultation_intake.main_trouble": ("ECO",)},
            expected=(
                Expected(
                    _WORKER,
                    "permit",
                    "consent_public",
                    (
                        "consultation_intake.main_trouble",
                        "referral.urgency",
                        "subject.contact_ok",
                        "subject.name_original",
                        "subject.phones",
                    ),
                ),
            ),
        ),
        Exchange(
            id="mothers-signature",
            journey="J3",
            rows=("T3", "T6"),
            title_ja="母の署名だけで、成人の息子さんのことを社協へ渡そうとする",
            title_en="A mother's signature is meant to do for her adult son",
            by=_PREF,
            subject="sato-son",
            purpose="refer",
            profile="referral_basic",
            basis="consent_public",
            record={"subject.name_original": "佐藤", "subject.phones": _PHONES},
            expected=(Expected(_WORKER, "deny", reasons=("CONSENTER_NO_AUTHORITY",)),),
        ),
    ),
)

_CONFERENCE_REFS: Final = {"conference": Made("conference"), "agenda_item": Made("item")}

_MEETING: Final = (
    Register(
        _CITY,
        "conferences",
        {
            "basis": "shien_kaigi_swa",
            "local_name_ja": "あおば市支援会議",
            "founding_rule": "あおば市支援会議設置要綱",
            "valid_from": At(-200 * DAY),
            "valid_to": None,
        },
        "conference",
    ),
    Register(
        _CITY,
        "conferences/{conference}/agenda-items",
        {
            "basis": "shien_kaigi_swa",
            "nature": "individual",
            "subjects": [Handle("sato"), Handle("sato-son")],
            "opens_at": At(-HOUR),
            "closes_at": At(3 * HOUR),
        },
        "item",
    ),
    _seat("aoba-city", _CITY, "conf_full"),
    _seat("aoba-shakyo", _WORKER, "conf_full"),
    _seat("aoba-gas", _GAS, "conf_watcher"),
    _seat("aoba-gas", _GAS_PROXY, "conf_watcher", _GAS),
    *map(_undertaking, (_CITY, _WORKER, _GAS, _KITCHEN)),
)

_CITY_TOWN: Final = Town(
    pack="tottori_city",
    tenant="aoba",
    founder=AOBA,
    operator="aoba-city-04",
    officer="aoba-city-03",
    members=(SHAKYO, GAS, TSUKUSHI),
    registers=(
        *_MEETING,
        _consent("sato", _CITY, recipient_classes=["shakyo"]),
    ),
    exchanges=(
        Exchange(
            id="founding-rule-not-seen",
            journey="J4",
            rows=("C2",),
            title_ja="要綱をまだ確かめていない会議の議題として、社協へ渡そうとする",
            title_en="An item of a meeting whose founding rule nobody has read yet",
            by=_CITY,
            subject="sato",
            purpose="conf",
            basis="shien_kaigi_swa",
            refs=_CONFERENCE_REFS,
            record={
                "subject.name_original": "佐藤",
                "assessment.housing_condition": ["curtains_closed"],
            },
            expected=(Expected(_WORKER, "deny", reasons=("NO_BASIS",)),),
        ),
        Exchange(
            id="diagnosis-withheld",
            journey="J3",
            rows=("C1",),
            title_ja="同意のある項目だけを社協へつなぎ、診断名は渡さない",
            title_en="What was agreed passes to the council; a diagnosis is withheld",
            by=_CITY,
            subject="sato",
            purpose="refer",
            profile="referral_basic",
            record={
                "subject.name_original": "佐藤",
                "subject.phones": _PHONES,
                "referral.urgency": "normal",
                "assessment.diagnosis": "(架空の診断名)",
            },
            read_by={"assessment.diagnosis": _CITY},
            expected=(
                Expected(
                    _WORKER,
                    "permit_partial",
                    "consent_public",
                    ("referral.urgency", "subject.name_original", "subject.phones"),
                    ("CONSENT_MISSING", "FIELD_NOT_NEEDED"),
                ),
            ),
        ),
    ),
)

_URGENT: Final = Exchange(
    id="urgent-household",
    journey="J8",
    rows=("U6",),
    title_ja="NPOが、母が出て行き連絡のとれない家の田中さん(17歳)を市へ知らせる。事後審査つき",
    title_en="An NPO tells the city of Tanaka, 17, whose mother has left and cannot be reached; "
    "a review is due",
    by=_NPO,
    subject="tanaka",
    purpose="emerg",
    profile="visit_safety",
    basis="vital_interest_private",
    urgency="emergency",
    told=(
        Telling(
            "danger",
            "life",
            "seen",
            "食べる物がなく、幼いきょうだいの世話をしながら倒れかけている。",
        ),
        Telling(
            "consent_difficult",
            "unreachable",
            "heard",
            "保護者である母は家を出ており、電話にも出ず、居場所が分からない。",
        ),
    ),
    record={
        "subject.name_original": "田中",
        "subject.address_actual": _HOME,
        "subject.phones": _PHONES,
        "assessment.household_members": [
            {"relation": "sibling", "age_band": "age_0_5", "lives_together": True}
        ],
        "assessment.safety_note_for_visitors": ["ask_sender"],
        "referral.urgency": "emergency",
    },
    before=(
        Register(
            _NPO,
            "emergency-agreements",
            {
                "subject": Handle("tanaka"),
                "recipient": "aoba-city",
                "second_person": _NPO_HEAD,
                "second_agreed": "call_back",
                "agreed_at": At(0),
                "expires_at": At(4 * HOUR),
            },
        ),
    ),
    expected=(
        Expected(
            _CITY,
            "permit",
            "vital_interest_private",
            (
                "assessment.household_members",
                "assessment.safety_note_for_visitors",
                "referral.urgency",
                "subject.address_actual",
                "subject.name_original",
                "subject.phones",
            ),
        ),
    ),
)

_FOOD_TOWN: Final = Town(
    pack="uwajima",
    tenant="aoba",
    founder=AOBA,
    operator="aoba-city-04",
    officer="aoba-city-03",
    members=(SHAKYO, HIDAMARI),
    registers=(
        _consent(
            "sato",
            _CITY,
            recipients_named=["npo-hidamari"],
            purposes=["serve"],
            item_classes=["SYS", "IDN", "CON", "HH", "HEA"],
        ),
        _consent(
            "takahashi",
            _WORKER,
            "guardian-consent",
            capacity="legal_guardian",
            recipient_classes=["municipality", "npo"],
            purposes=["serve"],
            item_classes=["SYS", "IDN", "CON", "HH", "HEA"],
        ),
        Register(_WORKER, "subject-links", {"subject": Handle("takahashi")}, "offer"),
        Register(
            _CITY,
            "subject-links",
            {"subject": Handle("takahashi"), "link_code": Made("offer", "link_code")},
        ),
        Register(_WORKER, "consents/{guardian-consent}/withdrawal", {"withdrawn_at": None}),
    ),
    exchanges=(
        Exchange(
            id="food-request",
            journey="J7",
            rows=("U6",),
            title_ja="市がNPOへ食料の配達を頼む。配達に要る項目だけを渡す",
            title_en="The city asks the NPO for food: only what a delivery needs",
            by=_CITY,
            subject="sato",
            purpose="serve",
            profile="food_delivery",
            record=_food("佐藤", 2),
            expected=(Expected(_NPO, "permit", "consent_public", _FOOD_FIELDS),),
        ),
        Exchange(
            id="withdrawn-consent",
            journey="J5",
            rows=("U3", "U6"),
            title_ja="社協で撤回された同意のもとに、市がNPOへ渡そうとする",
            title_en="The city relies on a consent that was withdrawn at the council",
            by=_CITY,
            subject="takahashi",
            purpose="serve",
            profile="food_delivery",
            record=_food("高橋", 1),
            expected=(Expected(_NPO, "deny", reasons=("CONSENT_WITHDRAWN",)),),
        ),
        Exchange(
            id="urgent-alone",
            journey="J8",
            rows=("U6",),
            title_ja="同じ知らせを一人の判断で送ろうとする。二人目の同意まで保留になる",
            title_en="The same, on one person's word: held until a second person agrees",
            by=_URGENT.by,
            subject=_URGENT.subject,
            purpose=_URGENT.purpose,
            profile=_URGENT.profile,
            basis=_URGENT.basis,
            urgency=_URGENT.urgency,
            told=_URGENT.told,
            record=_URGENT.record,
            expected=(Expected(_CITY, "held", reasons=("APPROVAL_REQUIRED",)),),
        ),
        _URGENT,
    ),
)

_WARD_TOWN: Final = Town(
    pack="tsukumi",
    tenant="aoba",
    founder=AOBA,
    operator="aoba-city-04",
    officer="aoba-city-03",
    members=(CHIKU,),
    registers=(
        _consent(
            "sato",
            _CITY,
            recipient_classes=["chiku_shakyo"],
            purposes=["watch"],
            item_classes=["SYS", "IDN", "CON"],
        ),
    ),
    exchanges=(
        Exchange(
            id="welfare-receipt-to-ward-head",
            journey="J10",
            rows=("M2", "M4"),
            title_ja="生活保護を受けていることを区長に口頭で伝えた、という記録が断られる",
            title_en="The head of the ward was told of public assistance: the record is refused",
            by=_CITY,
            subject="sato",
            purpose="watch",
            profile="watch_minimal",
            basis="consent_public",
            direction=Direction.ORAL,
            record={
                "subject.name_original": "佐藤",
                "assessment.welfare_receipt": "receiving",
            },
            # Told without a permit: the officer is alerted and reads the whole.
            expected=(
                Expected(
                    _WARD_HEAD,
                    "deny",
                    reasons=("BASIS_NOT_FOR_RECIPIENT",),
                    officer_reads=("BASIS_NOT_FOR_RECIPIENT", "FIELD_NOT_NEEDED"),
                ),
            ),
        ),
    ),
)

_NARRATIVE: Final = "家賃の相談。書類に個人番号 1234 5678 9018 と書いてあった。"

_MAIN: Final = Town(
    pack=MAIN_PACK,
    tenant="aoba",
    founder=AOBA,
    operator="aoba-city-04",
    officer="aoba-city-03",
    members=(SHAKYO, HIDAMARI, TSUKUSHI, MINSEI, GAS),
    registers=(
        *_MEETING,
        Register(
            "aoba-city-04",
            "appointments",
            {
                "actor": _VOLUNTEER,
                "office": "minsei_iin",
                "ward": _WARD,
                "term_from": At(-300 * DAY),
                "term_to": At(700 * DAY),
            },
        ),
        _consent(
            "sato",
            _NPO,
            recipient_classes=["shakyo"],
            item_classes=["SYS", "IDN", "CON", "NAR"],
        ),
        _consent("suzuki", _CITY, recipients_named=["kodomo-tsukushi"], purposes=["serve"]),
        Register(
            _CITY,
            "protection-flags",
            {
                "subject": Handle("suzuki"),
                "kind": "shien_sochi",
                "effective_from": At(-30 * DAY),
                "valid_to": At(335 * DAY),
                "provisional": False,
                "counterpart_subjects": [],
                "counterpart_actors": [_KITCHEN],
                "counterpart_agencies": [],
            },
        ),
    ),
    exchanges=(
        Exchange(
            id="conference-8050",
            journey="J4",
            rows=("C2",),
            title_ja="8050世帯の支援会議。社協は全体を、ガス会社は見守りに要ることだけを受け取る",
            title_en="Support conference on an 8050 household: the council hears the whole, the "
            "gas company only what to watch",
            by=_CITY,
            subject="sato",
            others={"sato-son": "household"},
            purpose="conf",
            basis="shien_kaigi_swa",
            refs=_CONFERENCE_REFS,
            record={
                "subject.name_original": "佐藤",
                "subject.age_band": "age_75_84",
                "subject.address_actual": _HOME,
                "assessment.household_members": [
                    {"relation": "son", "age_band": "age_50_59", "lives_together": True}
                ],
                "assessment.arrears_kinds": ["gas"],
                "assessment.housing_condition": ["curtains_closed"],
                "assessment.safety_note_for_visitors": ["visit_in_pairs"],
            },
            about={
                "assessment.household_members": ("sato", "sato-son"),
                "assessment.arrears_kinds": ("sato-son",),
            },
            expected=(
                Expected(
                    _WORKER,
                    "permit",
                    "shien_kaigi_swa",
                    (
                        "assessment.arrears_kinds",
                        "assessment.household_members",
                        "assessment.housing_condition",
                        "assessment.safety_note_for_visitors",
                        "subject.address_actual",
                        "subject.age_band",
                        "subject.name_original",
                    ),
                ),
                Expected(
                    _GAS,
                    "permit_partial",
                    "shien_kaigi_swa",
                    (
                        "assessment.housing_condition",
                        "assessment.safety_note_for_visitors",
                        "subject.address_actual",
                    ),
                    ("FIELD_NOT_NEEDED",),
                ),
            ),
        ),
        Exchange(
            id="not-on-the-roster",
            journey="J4",
            rows=("C2", "C3"),
            title_ja="官民連携プラットフォームの会員だが、この議題の名簿にはない団体へ渡そうとする",
            title_en="A member of the platform who is not on the roster of this agenda item",
            by=_CITY,
            subject="sato",
            purpose="conf",
            basis="shien_kaigi_swa",
            refs=_CONFERENCE_REFS,
            record={
                "subject.name_original": "佐藤",
                "assessment.housing_condition": ["curtains_closed"],
            },
            expected=(Expected(_KITCHEN, "deny", reasons=("NOT_MEMBER_TODAY",)),),
        ),
        Exchange(
            id="proxy-without-undertaking",
            journey="J4",
            rows=("C2",),
            title_ja="誓約書のない代理の出席者へ渡そうとする",
            title_en="A proxy attends who has signed no undertaking",
            by=_CITY,
            subject="sato",
            purpose="conf",
            basis="shien_kaigi_swa",
            refs=_CONFERENCE_REFS,
            record={
                "subject.address_actual": _HOME,
                "assessment.housing_condition": ["curtains_closed"],
            },
            expected=(Expected(_GAS_PROXY, "deny", reasons=("NO_UNDERTAKING",)),),
        ),
        Exchange(
            id="neutral-question",
            journey="J10",
            rows=("M4",),
            title_ja="担当地区の民生委員に、誰が声をかけやすいかを口頭でたずねる",
            title_en="The ward's welfare volunteer is asked by word of mouth who might call first",
            by=_CITY,
            subject="sato",
            purpose="watch",
            profile="watch_minimal",
            basis="minsei_iin",
            direction=Direction.ORAL,
            told=(Telling("subject_ward", _WARD, "document"),),
            record={"subject.name_original": "佐藤", "referral.next_contact_person": _DESK},
            expected=(
                Expected(
                    _VOLUNTEER,
                    "permit",
                    "minsei_iin",
                    ("referral.next_contact_person", "subject.name_original"),
                ),
            ),
        ),
        Exchange(
            id="food-by-approval",
            journey="J7",
            rows=("U6",),
            title_ja="同意をきく余裕がなく、課長の決裁を受けて食料の配達を頼む",
            title_en="With no time for consent, food is asked for under a formal approval",
            by=_CITY,
            subject="sato",
            purpose="serve",
            profile="food_delivery",
            basis="public_special_reason",
            told=(
                Telling(
                    "special_reason",
                    "clear_benefit",
                    "seen",
                    "三日食べておらず、配達を受けることが明らかに本人の利益になる。",
                ),
                Telling("no_third_party_harm", value=True, evidence="document"),
            ),
            record=_food("佐藤", 2),
            before=(
                Register(
                    _CITY,
                    "approvals",
                    {
                        "kind": "public_special_reason",
                        "approver": _HEAD,
                        "document_no": "福第0001号",
                        "approved_at": At(0),
                        "expires_at": At(7 * DAY),
                        "subject": Handle("sato"),
                        "recipient": "npo-hidamari",
                        "purpose": "serve",
                        "fields": list(_FOOD_FIELDS),
                    },
                ),
            ),
            expected=(Expected(_NPO, "permit", "public_special_reason", _FOOD_FIELDS),),
        ),
        Exchange(
            id="protected-address",
            journey="J8",
            rows=("U11",),
            title_ja="住所を伏せている鈴木さんの居所を、相手方のいる団体が求める",
            title_en="Whoever Ms Suzuki hides from asks, through their group, where she lives",
            by=_CITY,
            subject="suzuki",
            purpose="serve",
            profile="food_delivery",
            direction=Direction.PULL,
            asked=Asked(
                _KITCHEN,
                ("subject.address_actual", "subject.contact_ok", "subject.name_original"),
            ),
            record={
                "subject.name_original": "鈴木",
                "subject.address_actual": _HOME,
                "subject.contact_ok": _SAFE_CONTACT,
            },
            # Who sends hears no more than who asks; the officer is alerted and reads why.
            expected=(
                Expected(
                    _KITCHEN,
                    "deny",
                    reasons=("NOT_SHAREABLE",),
                    officer_reads=("PROTECTED_ADDRESS",),
                ),
            ),
        ),
        Exchange(
            id="my-number-removed",
            journey="J3",
            rows=("T13",),
            title_ja="自由記述に個人番号があった。その項目だけが外れる",
            title_en="A My Number stands in a narrative: that field alone is taken out",
            by=_NPO,
            subject="sato",
            purpose="refer",
            profile="referral_basic",
            record={
                "subject.name_original": "佐藤",
                "subject.phones": _PHONES,
                "referral.heard_summary": _NARRATIVE,
            },
            read_by={"referral.heard_summary": _NPO},
            expected=(
                Expected(
                    _WORKER,
                    "permit_partial",
                    "consent_private",
                    ("subject.name_original", "subject.phones"),
                    ("MY_NUMBER_FOUND",),
                ),
            ),
        ),
        Exchange(
            id="my-number-alone",
            journey="J3",
            rows=("T13",),
            title_ja="個人番号のある自由記述だけを送ろうとする。渡せる項目が残らない",
            title_en="Nothing but that narrative: nothing lawful is left",
            by=_NPO,
            subject="sato",
            purpose="refer",
            profile="referral_basic",
            record={"referral.heard_summary": _NARRATIVE},
            read_by={"referral.heard_summary": _NPO},
            expected=(Expected(_WORKER, "deny", reasons=("MY_NUMBER_FOUND",)),),
        ),
    ),
)

TOWNS: Final = (_PREFECTURE, _CITY_TOWN, _FOOD_TOWN, _MAIN, _WARD_TOWN)
