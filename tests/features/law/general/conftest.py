"""What is otherwise in scenarios about the general bases."""

from typing import Any

from pytest_bdd import given, parsers

from tests.features.law.conftest import Law

_NOW = 1776214800000
_SHORT = "必要"
_TO = {
    "社協": ("aoba-shakyo", "shakyo", "あおば市社会福祉協議会", "actor-shakyo", "shakyo_worker"),
    "NPO法人ひだまり": (
        "npo-hidamari",
        "npo",
        "NPO法人ひだまり",
        "actor-hidamari",
        "npo_worker",
    ),
}


def _addressed(name: str) -> dict[str, Any]:
    agency, kind, name_ja, actor, role = _TO[name]
    return {
        "/request/recipient": {"agency": agency, "actor": actor},
        "/registered/recipient/agency/id": agency,
        "/registered/recipient/agency/kind": kind,
        "/registered/recipient/agency/regime": "private",
        "/registered/recipient/agency/name_ja": name_ja,
        "/registered/recipient/actor/id": actor,
        "/registered/recipient/actor/agency": agency,
        "/registered/recipient/actor/roles": [role],
    }


@given("目的は採用の調査である")
def _hiring_check(law: Law) -> None:
    law.change({"/request/purpose": "hiring_screening"})


@given(parsers.parse("提供先は{name}である"))
def _sent_to(law: Law, name: str) -> None:
    law.change(_addressed(name))


@given("根拠は特に挙げていない")
def _nothing_named(law: Law) -> None:
    law.change({"/request/basis": ""})


@given("同じ相手への臨時の提供が、この方について何度も続いている")
def _habit(law: Law) -> None:
    law.change({"/computed/ad_hoc_count": 3})


@given("なぜ必要かを一言しか書いていない")
def _necessity_in_a_word(law: Law) -> None:
    law.untell("necessity")
    law.tell("necessity", value=True, text=_SHORT)


@given("どの法令の事務のためかを書いていない")
def _task_untold(law: Law) -> None:
    law.untell("statutory_task")


@given("だれも不当に害さないことを確かめていない")
def _harm_untold(law: Law) -> None:
    law.untell("no_third_party_harm")


# --- 利用目的 ------------------------------------------------------------------------------


@given("その提供先は、個人情報ファイル簿に経常的な提供先として載っていない")
def _not_regular(law: Law) -> None:
    law.change({"/registered/use_purposes/0/regular": False})


@given("利用目的はまだ公表されていない")
def _not_published(law: Law) -> None:
    law.change({"/registered/use_purposes/0/published_at": None})


@given("公表した利用目的に見守りは含まれていない")
def _not_for_watching(law: Law) -> None:
    law.change({"/registered/use_purposes/0/purposes": ["plan"]})


# --- 内部利用・公的機関 ---------------------------------------------------------------------


@given("受け取る課の事務は、要綱で定めてあるだけである")
def _task_by_guideline(law: Law) -> None:
    law.change({"/registered/departments/1/ground_level": "rule"})


@given("受け取る人は、その課の担当者ではない")
def _of_another_unit(law: Law) -> None:
    law.change({"/registered/recipient/actor/department": "unit-child"})


@given("提供先は市の教育委員会である")
def _education(law: Law) -> None:
    law.change(
        {
            "/request/recipient": {"agency": "aoba-education", "actor": "actor-education"},
            "/registered/recipient/agency/id": "aoba-education",
            "/registered/recipient/agency/kind": "education_board",
            "/registered/recipient/agency/name_ja": "あおば市教育委員会",
            "/registered/recipient/actor/id": "actor-education",
            "/registered/recipient/actor/agency": "aoba-education",
        }
    )


# --- 委託・立場 ----------------------------------------------------------------------------


@given("市と社協のあいだにあるのは、協力の協定だけである")
def _agreement_only(law: Law) -> None:
    law.change({"/registered/entrustments/0/kind": "cooperation_agreement"})


@given("委託の期間は、もう終わっている")
def _contract_ended(law: Law) -> None:
    law.change({"/registered/entrustments/0/valid_to": _NOW})


@given("委託されたのは別の目的の仕事である")
def _contract_for_another_purpose(law: Law) -> None:
    law.change({"/registered/entrustments/0/purposes": ["watch"]})


@given("委託したのは、つなぎの記録だけである")
def _contract_for_one_record(law: Law) -> None:
    law.change({"/registered/entrustments/0/records": ["referral"]})


@given("つながりサポーターとして、職員として知ったことを渡そうとしている")
def _staff_as_supporter(law: Law) -> None:
    law.change(
        {
            "/request/sender/capacity": {"kind": "supporter", "ref": ""},
            "/registered/sender/actor/roles": ["npo_worker", "tsunagari_supporter"],
        }
    )


# --- 民生委員 ------------------------------------------------------------------------------


@given("その地区を受け持つのは、ほかの民生委員である")
def _another_ward(law: Law) -> None:
    law.change({"/registered/appointments/0/ward": "よそ地区"})


# --- 協力・緊急・法令 -----------------------------------------------------------------------


@given("同意を求めると差し支えるわけを書いていない")
def _hindrance_untold(law: Law) -> None:
    law.untell("consent_would_hinder")


@given("まだ決裁を受けていない")
def _not_approved(law: Law) -> None:
    law.change({"/registered/approvals": []})


@given("根拠として、民間の緊急時の定めを挙げている")
def _private_emergency_named(law: Law) -> None:
    law.change({"/request/basis": "vital_interest_private"})


@given("その条文は、協力に努めるよう定めるだけである")
def _effort_only(law: Law) -> None:
    law.untell("law_provision")
    law.tell("law_provision", "law_effort")


@given("その条文を見ていない")
def _provision_unseen(law: Law) -> None:
    law.untell("law_provision")
    law.tell("law_provision", "law_requires")  # seen is what it tells; the text is a document


@given("求めているのは条例である")
def _ordinance(law: Law) -> None:
    for said in law.question["asserted"]:
        if said["fact"] == "law_provision":
            said["value"] = "ordinance_requires"


@given("田中さんが児童であることを確かめていない")
def _no_child(law: Law) -> None:
    law.untell("subject_group")


@given("責任者をまだ知らせていない")
def _responsible_untold(law: Law) -> None:
    told = ["fact", "items", "range", "purpose"]
    law.change({"/registered/joint_use_notices/0/told_items": told})


# --- 統計・匿名・死者・本人 ------------------------------------------------------------------


@given("匿名加工情報であることを相手に示していない")
def _unmarked(law: Law) -> None:
    law.untell("anonymised_marked")


@given("亡くなったことを書類で確かめていない")
def _death_unseen(law: Law) -> None:
    law.untell("deceased")


@given("その項目には、存命の息子のことも含まれる")
def _living_son(law: Law) -> None:
    son = {"id": "s-son", "person": "p-son", "relation": "household"}
    law.question["registered"]["subjects"].append(son)
    law.change({"/request/fields/1/about": ["s-sato", "s-son"]})


@given("請求したのは代理人で、委任状を確かめていない")
def _agent_unchecked(law: Law) -> None:
    law.change({"/registered/rights_requests/0/applicant": "agent"})


@given("本人であることを、まだ確かめていない")
def _unidentified(law: Law) -> None:
    law.change({"/registered/rights_requests/0/identity_checked": False})


@given("佐藤さんの同意がある")
def _consent(law: Law, cases_by_title: dict[str, Any]) -> None:
    known = cases_by_title["NPOから社協へ、佐藤さんの同意でつなぐ"].policy_input
    law.add("consents", known["registered"]["consents"][0])
