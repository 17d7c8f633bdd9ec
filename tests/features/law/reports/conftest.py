"""What is otherwise in scenarios about reports, statutory requests and disasters."""

from typing import Any, Final

from pytest_bdd import given, parsers

from tests.features.law.conftest import Law

_NOW: Final = 1776214800000
# Agency, kind, regime, name, its actor and the actor's role.
_PARTIES: Final = {
    "市": ("aoba-city", "municipality", "public", "あおば市", "actor-city", "municipal_caseworker"),
    "県": ("midori-pref", "prefecture", "public", "みどり県", "actor-pref", "prefecture_staff"),
    "警察": ("midori-police", "police", "public", "みどり県警察", "actor-police", "police_fire"),
    "消防": ("aoba-fire", "fire", "public", "あおば市消防本部", "actor-fire", "police_fire"),
    "社協": (
        "aoba-shakyo",
        "shakyo",
        "private",
        "あおば市社会福祉協議会",
        "actor-shakyo",
        "shakyo_worker",
    ),
}


def _addressed(name: str) -> dict[str, Any]:
    agency, kind, regime, name_ja, actor, role = _PARTIES[name]
    return {
        "/request/recipient": {"agency": agency, "actor": actor},
        "/registered/recipient/agency/id": agency,
        "/registered/recipient/agency/kind": kind,
        "/registered/recipient/agency/regime": regime,
        "/registered/recipient/agency/name_ja": name_ja,
        "/registered/recipient/actor/id": actor,
        "/registered/recipient/actor/agency": agency,
        "/registered/recipient/actor/roles": [role],
    }


@given(parsers.parse("伝える先は{name}である"))
def _sent_to(law: Law, name: str) -> None:
    law.change(_addressed(name))


@given(parsers.parse("緊急に伝える先は{name}である"))
def _sent_urgently_to(law: Law, name: str) -> None:
    agency = _PARTIES[name][0]
    law.change({**_addressed(name), "/registered/emergency_agreements/0/recipient": agency})


@given("知らせた人の任期は切れている")
def _sender_out_of_office(law: Law) -> None:
    law.change({"/registered/sender/actor/term_to": _NOW})


@given("その人は十八歳である")
def _of_age(law: Law) -> None:
    law.tell("subject_age", 18)


@given("同じ通告の引継ぎではない")
def _another_notice(law: Law) -> None:
    law.untell("same_notice")


@given("求めに、必要なわけが書かれていない")
def _request_without_reasons(law: Law) -> None:
    law.change({"/registered/statutory_requests/0/necessity_chars": 0})


@given("学校は、ほかの児童を不当に害するおそれがあると述べている")
def _somebody_harmed(law: Law) -> None:
    law.untell("no_third_party_harm")
    law.tell("no_third_party_harm", value=False)


@given("学年は求められていない")
def _grade_not_asked(law: Law) -> None:
    asked = ["subject.name_original", "awareness_report.signs"]
    law.change({"/registered/statutory_requests/0/fields": asked})


@given("田中さんは転居していない")
def _did_not_move(law: Law) -> None:
    law.untell("moved")


@given("児童に関わる機関であることを述べていない")
def _kind_of_body_not_told(law: Law) -> None:
    law.untell("statutory_task")


@given("社協は対応協力者として登録されていない")
def _no_cooperator(law: Law) -> None:
    law.change({"/registered/designations": []})


@given("その通報はうそだと述べる人がいる")
def _called_false(law: Law) -> None:
    law.tell("report_false", value=True)


@given("虐待は家庭でのものである")
def _at_home(law: Law) -> None:
    law.untell("subject_group")
    law.tell("subject_group", "abused_disabled")


@given("鈴木さんの意思を、まだ確かめていない")
def _will_not_asked(law: Law) -> None:
    law.untell("victims_will")


@given("命の危険がある")
def _danger(law: Law) -> None:
    law.tell("danger", "life")


@given("高橋さんは同意していない")
def _did_not_agree(law: Law) -> None:
    law.change({"/registered/list_entries/0/consent": "none"})


@given("支える人は同意していない")
def _supporter_did_not_agree(law: Law) -> None:
    law.change({"/registered/list_entries/0/supporter_consent": "none"})


@given("地域防災計画は社協を挙げていない")
def _not_in_the_plan(law: Law) -> None:
    law.change({"/registered/designations": []})


@given("生年月日は、名簿ではなく訓練で知ったことである")
def _seen_in_a_drill(law: Law) -> None:
    law.change({"/request/fields/1/origin": "drill_seen"})


@given("社協は、名簿を毎日の見守りの電話に使おうとしている")
def _daily_calls(law: Law) -> None:
    law.change(
        {"/request/purpose": "watch", "/request/profile": "", "/request/basis": "evac_roster_pre"}
    )


@given("災害時の切替は終わっている")
def _mode_ended(law: Law) -> None:
    law.change({"/registered/mode_switches/0/ended_at": _NOW})


@given("避難指示の区域は別の地区である")
def _another_area(law: Law) -> None:
    law.change({"/registered/mode_switches/0/areas": ["第4地区"]})


@given("その団体は登録されている")
def _registered_group(law: Law) -> None:
    assert law.question["registered"]["designations"][0]["office"] == "registered_relief_group"


@given("その団体は登録されていない")
def _unregistered_group(law: Law) -> None:
    law.change({"/registered/designations": []})


@given("会社の記録から調べたことである")
def _from_the_files(law: Law) -> None:
    law.change({"/request/fields/0/origin": "own", "/request/fields/1/origin": "own"})


@given(parsers.parse("わけは「{text}」とだけ書いてある"))
def _in_one_word(law: Law, text: str) -> None:
    for fact, value in (("danger", "life"), ("consent_difficult", "unreachable")):
        law.untell(fact)
        law.tell(fact, value, text=text)
