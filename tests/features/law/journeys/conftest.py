"""What is otherwise in the journeys of residents through the agencies."""

from typing import Any, Final

from pytest_bdd import given, parsers

from tests.features.law.conftest import Law
from tests.simulators.policy_inputs import DAY, T0, known

_CONSENT: Final = "/registered/consents/0"
_FIRST_OF_APRIL: Final = 1774969200000  # 2026-04-01T00:00+09:00
# Agency, kind, regime, name, its actor and the actor's role.
_PARTIES: Final = {
    "わかば市": (
        "wakaba-city",
        "municipality",
        "public",
        "わかば市",
        "actor-wakaba",
        "municipal_caseworker",
    ),
    "児童相談所": (
        "midori-jiso",
        "child_guidance",
        "public",
        "みどり県児童相談所",
        "actor-jiso",
        "child_guidance",
    ),
    "教育委員会": (
        "aoba-education",
        "education_board",
        "public",
        "あおば市教育委員会",
        "actor-education",
        "school_staff",
    ),
    "社協": (
        "aoba-shakyo",
        "shakyo",
        "private",
        "あおば市社会福祉協議会",
        "actor-shakyo",
        "shakyo_worker",
    ),
    "NPO法人ひだまり": (
        "npo-hidamari",
        "npo",
        "private",
        "NPO法人ひだまり",
        "actor-hidamari",
        "npo_worker",
    ),
    "こども食堂つくし": (
        "tsukushi",
        "npo",
        "private",
        "こども食堂つくし",
        "actor-tsukushi",
        "npo_volunteer",
    ),
    "あおばガス": ("aoba-gas", "company", "private", "あおばガス", "actor-gas", "biz_watcher"),
    "区長": (
        "aoba-chiku",
        "chiku_shakyo",
        "private",
        "中央地区社会福祉協議会",
        "actor-chiku",
        "chiku_shakyo",
    ),
}


def _side(law: Law, side: str, name: str) -> None:
    agency, kind, regime, name_ja, actor, role = _PARTIES[name]
    like = known("consent_private")["registered"]["recipient"]
    party = {"id": agency, "kind": kind, "regime": regime, "name_ja": name_ja}
    law.change(
        {
            f"/request/{side}/agency": agency,
            f"/request/{side}/actor": actor,
            f"/registered/{side}": {
                "agency": {**like["agency"], **party},
                "actor": {**like["actor"], "id": actor, "agency": agency, "roles": [role]},
            },
        }
    )
    if side == "sender":
        own = {"kind": "own_business", "ref": ""}
        law.change({"/request/sender/system": f"system-{agency}", "/request/sender/capacity": own})


def _field(law: Law, label: str) -> dict[str, Any]:
    (id_,) = law.words.fields(label)
    request = law.question["request"]
    like = known("consent_private")["request"]["fields"][0]
    classes = list(law.words.classes[id_])
    read = request["sender"]["actor"] if "NAR" in classes else ""
    about = [request["subject"]]
    return {**like, "id": id_, "classes": classes, "about": about, "share_ready_by": read}


def _concerns(law: Law, name: str) -> None:
    """Let somebody else of the cast be whom a case of one person is about."""
    subject, person = f"s-{name}", f"p-{name}"
    law.change(
        {
            "/request/subject": subject,
            "/registered/subjects": [{"id": subject, "person": person, "relation": "main"}],
            f"{_CONSENT}/person": person,
        }
    )
    for field in law.question["request"]["fields"]:
        field["about"] = [subject]


# --- だれが、だれに、何を ----------------------------------------------------------------------


@given(parsers.parse("提供元は{name}である"))
def _from(law: Law, name: str) -> None:
    _side(law, "sender", name)


@given(parsers.parse("提供先は{name}である"))
def _to(law: Law, name: str) -> None:
    _side(law, "recipient", name)


@given(parsers.parse("目的は「{label}」である"))
def _purpose(law: Law, label: str) -> None:
    law.change({"/request/purpose": law.words.purpose(label), "/request/profile": ""})


@given(parsers.parse("提供範囲は「{label}」である"))
def _profile(law: Law, label: str) -> None:
    law.change({"/request/profile": law.words.profile(label)})


@given(parsers.parse("渡すのは「{labels}」である"))
def _only(law: Law, labels: str) -> None:
    law.change({"/request/fields": [_field(law, label) for label in labels.split("、")]})


@given(parsers.parse("「{label}」も渡そうとする"))
def _also(law: Law, label: str) -> None:
    law.question["request"]["fields"].append(_field(law, label))


@given(parsers.parse("「{label}」を、だれも読んで確かめていない"))
def _unread(law: Law, label: str) -> None:
    (id_,) = law.words.fields(label)
    for field in law.question["request"]["fields"]:
        if field["id"] == id_:
            field["share_ready_by"] = ""


@given("根拠は特に挙げていない")
def _nothing_named(law: Law) -> None:
    law.change({"/request/basis": ""})


@given("高橋さんのことである")
def _takahashi(law: Law) -> None:
    _concerns(law, "takahashi")


@given("十七歳の田中さんのことである")
def _tanaka(law: Law) -> None:
    _concerns(law, "tanaka")
    law.tell("subject_age", 17)


@given("佐藤さんの息子のことである")
def _son(law: Law) -> None:
    _concerns(law, "son")


# --- 同意 -----------------------------------------------------------------------------------


@given(parsers.parse("同意は、この提供元が「{label}」のために取ったものである"))
def _taken_for(law: Law, label: str) -> None:
    request, recipient = law.question["request"], law.question["registered"]["recipient"]
    classes = {c for f in request["fields"] for c in f["classes"]} - {"SYS"}
    law.change(
        {
            f"{_CONSENT}/taken_by": request["sender"]["agency"],
            f"{_CONSENT}/purposes": [law.words.purpose(label)],
            f"{_CONSENT}/recipient_classes": [recipient["agency"]["kind"]],
            f"{_CONSENT}/item_classes": sorted(classes),
        }
    )


@given("同意は、電話で読み上げた文に本人が答えたものである")
def _by_telephone(law: Law) -> None:
    law.change({f"{_CONSENT}/method": "oral_scripted", f"{_CONSENT}/text_version": "2026-04"})


@given("同意したのは、権限のない母親である")
def _mother(law: Law) -> None:
    law.change({f"{_CONSENT}/capacity": "family_no_authority", f"{_CONSENT}/given_by": "p-sato"})


@given("同意したのは、権限を示した成年後見人である")
def _guardian(law: Law) -> None:
    law.change({f"{_CONSENT}/capacity": "legal_guardian", f"{_CONSENT}/given_by": "p-koken"})


@given("同意したのは、意味の分かる本人である")
def _capable(law: Law) -> None:
    law.change({f"{_CONSENT}/capacity": "self_minor_capable"})


@given("その登録の期限は過ぎている")
def _registration_over(law: Law) -> None:
    law.change({f"{_CONSENT}/valid_to": T0})


@given("本人は、この提供先には知らせないでほしいと断っている")
def _refused(law: Law) -> None:
    agency = law.question["request"]["recipient"]["agency"]
    law.change({f"{_CONSENT}/recipients_refused": [agency]})


# --- 気づき・通告・支援会議 ---------------------------------------------------------------------


@given("サポーターの任期は切れている")
def _certificate_over(law: Law) -> None:
    law.change({"/registered/sender/actor/term_to": T0})


@given("受け取る担当者は代理で、誓約書は本来の担当者のものしかない")
def _proxy(law: Law) -> None:
    law.change(
        {
            "/registered/participants/0/proxy_of": "actor-principal",
            "/registered/undertakings/0/actor": "actor-principal",
        }
    )


@given("あおばガスの職員が、見守りの担い手として招かれている")
def _watcher(law: Law) -> None:
    _side(law, "recipient", "あおばガス")
    law.change(
        {
            "/registered/participants/0/agency": "aoba-gas",
            "/registered/participants/0/actor": "actor-gas",
            "/registered/participants/0/profile": "conf_watcher",
            "/registered/undertakings/0/actor": "actor-gas",
        }
    )


@given("その項目は、支援会議で聞いて知ったものである")
def _heard_in_conference(law: Law) -> None:
    for field in law.question["request"]["fields"]:
        field.update(origin="meeting", told_under="shien_kaigi_swa")


@given("受け取る課の事務は登録されていない")
def _no_department(law: Law) -> None:
    law.change({"/request/refs/recipient_department": "", "/registered/departments": []})


@given("口頭で伝える")
def _orally(law: Law) -> None:
    law.change({"/request/direction": "oral"})


# --- 緊急・災害・任期 --------------------------------------------------------------------------


@given("緊急時の二人目は、始めた本人である")
def _alone(law: Law) -> None:
    started_by = law.question["registered"]["emergency_agreements"][0]["started_by"]
    law.change({"/registered/emergency_agreements/0/second_person": started_by})


@given("緊急時の相手として児童相談所を選ぶ")
def _to_child_guidance(law: Law) -> None:
    _side(law, "recipient", "児童相談所")
    law.change({"/registered/emergency_agreements/0/recipient": "midori-jiso"})


@given("支援措置の申出が登録されている")
def _flagged(law: Law) -> None:
    flag = known("stop_protected_address")["registered"]["protection_flags"][0]
    person = law.question["registered"]["subjects"][0]["person"]
    law.add("protection_flags", {**flag, "person": person, "counterpart_persons": []})


@given("提供先の担当者は、佐藤さんが逃れている相手である")
def _counterpart(law: Law) -> None:
    flag = known("stop_protected_address_counterpart")["registered"]["protection_flags"][0]
    request, registered = law.question["request"], law.question["registered"]
    named = {"person": registered["subjects"][0]["person"]}
    law.add(
        "protection_flags",
        {**flag, **named, "counterpart_actors": [request["recipient"]["actor"]]},
    )


@given("災害時への切替はされていない")
def _mode_off(law: Law) -> None:
    law.change({"/registered/mode_switches": []})


@given("社協の担当者の任期は三月三十一日までである")
def _until_march(law: Law) -> None:
    law.change({"/registered/recipient/actor/term_to": _FIRST_OF_APRIL})


@given(parsers.parse("いまは{moment}である"))
def _now(law: Law, moment: str) -> None:
    at = {"三月三十一日の終わり": _FIRST_OF_APRIL - 1, "四月一日の零時": _FIRST_OF_APRIL}[moment]
    law.change(
        {
            "/computed/now": at,
            "/computed/law_at": at,
            f"{_CONSENT}/valid_from": at - DAY,
        }
    )
