"""What is otherwise in scenarios about meetings, councils and the duties that the law brings."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from pytest_bdd import given, parsers, then, when

from gateway.policy.bundle import build_bundle
from gateway.policy.duty import DutyContract, EmbeddedDuties
from tests.features.law.conftest import Law
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, T0

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_ITEM: Final = "/registered/agenda_items/0"
_HIDAMARI: Final = ("npo-hidamari", "npo")
_CITY: Final = ("aoba-city", "municipality")


def _asked(law: Law, **changes: Any) -> dict[str, Any]:
    """Return the meeting's request to the sender about everybody and everything asked for."""
    registered, request = law.question["registered"], law.question["request"]
    return {
        "id": "request-1",
        "item": registered["agenda_items"][0]["id"],
        "conference": registered["conferences"][0]["id"],
        "asked_by": registered["conferences"][0]["organiser"],
        "asked": request["sender"]["agency"],
        "persons": [s["person"] for s in registered["subjects"]],
        "fields": [f["id"] for f in request["fields"]],
        "requested_at": T0 - _DAY,
        "valid_to": T0 + _DAY,
        **changes,
    }


def _fields(law: Law, changes: Mapping[str, Any]) -> None:
    fields = [{**f, **changes} for f in law.question["request"]["fields"]]
    law.change({"/request/fields": fields})


@given("その議題の話合いは、すでに終わっている")
def _closed(law: Law) -> None:
    law.change({f"{_ITEM}/closes_at": T0 - _HOUR, "/registered/information_requests": []})


@given("その議題は一年前に終わっている")
def _closed_last_year(law: Law) -> None:
    opened = T0 - 365 * _DAY
    law.change({f"{_ITEM}/opens_at": opened, f"{_ITEM}/closes_at": opened + _HOUR})


@given("会議が、その項目の提供を記録に残して求めている")
def _requested(law: Law) -> None:
    law.add("information_requests", _asked(law))


@given("会議は、その項目の提供を求めていない")
def _not_requested(law: Law) -> None:
    law.change({"/registered/information_requests": []})


@given("会議が求めたのは別の方のことである")
def _requested_about_another(law: Law) -> None:
    law.add("information_requests", _asked(law, persons=["p-takahashi"]))


@given("その方は議題の対象になっていない")
def _not_on_agenda(law: Law) -> None:
    law.change({f"{_ITEM}/persons": ["p-takahashi"]})


@given("受け取る担当者は、その議題の名簿に載っていない")
def _no_seat(law: Law) -> None:
    law.change({"/registered/participants/0/actor": "actor-other"})


@given("渡そうとする担当者は、その議題の名簿に載っていない")
def _sender_no_seat(law: Law) -> None:
    law.change({"/registered/participants/1/actor": "actor-other"})


@given("受け取る担当者は、議題の後から加わることになっている")
def _joins_later(law: Law) -> None:
    law.change({"/registered/participants/0/invited_from": T0 + _HOUR})


@given("受け取る担当者は、守秘の誓約書にまだ署名していない")
def _no_undertaking(law: Law) -> None:
    law.change({"/registered/undertakings/0/actor": "actor-other"})


@given("受け取る担当者は代理で、誓約書は本来の担当者のものしかない")
def _proxy(law: Law) -> None:
    law.change(
        {
            "/registered/participants/0/proxy_of": "actor-principal",
            "/registered/undertakings/0/actor": "actor-principal",
        }
    )


@given("受け取る担当者には、見守りの担い手としての範囲だけが示される")
def _watcher(law: Law) -> None:
    law.change({"/registered/participants/0/profile": "conf_watcher"})


@given("居所も、ほかの項目とあわせて求められている")
def _address_too(law: Law) -> None:
    request = law.question["request"]
    field = {**request["fields"][0], "id": "subject.address_actual", "classes": ["CON", "PAD"]}
    law.change({"/request/fields": [*request["fields"], field]})


@given("受け取るのは、ひだまりのボランティアである")
def _own_volunteer(law: Law) -> None:
    sender = law.question["registered"]["sender"]
    actor = {**sender["actor"], "id": "actor-volunteer", "roles": ["npo_volunteer"]}
    law.change(
        {
            "/request/recipient": {"agency": "npo-hidamari", "actor": "actor-volunteer"},
            "/registered/recipient": {"agency": sender["agency"], "actor": actor},
        }
    )


@given("本人は、同意しないと言っている")
def _refuses(law: Law) -> None:
    law.change({"/registered/consents": []})


@given("本人の同意は、きのう撤回されている")
def _withdrawn(law: Law) -> None:
    law.change({"/registered/consents/0/withdrawn_at": T0 - _DAY})


@given("その市では、重層的支援体制整備事業を行っていると確かめられていない")
def _no_programme(law: Law) -> None:
    law.change({"/registered/tenant/pack": "tottori_city", "/request/basis": "shien_kaigi_swa"})


@given("その項目は、支援会議で聞いて知ったものである")
def _told_in_conference(law: Law) -> None:
    _fields(law, {"origin": "meeting", "told_under": "shien_kaigi_swa"})


@given("その項目は、要保護児童対策地域協議会で聞いて知ったものである")
def _told_in_another(law: Law) -> None:
    _fields(law, {"origin": "meeting", "told_under": "yotaikyo"})


@given("その項目は、一つずつ本人の同意に置き直されている")
def _rebased(law: Law) -> None:
    request, registered = law.question["request"], law.question["registered"]
    law.add(
        "rebasings",
        {
            "id": "rebasing-1",
            "person": "p-sato",
            "agency": request["sender"]["agency"],
            "from_basis": "shien_kaigi_swa",
            "consent": registered["consents"][0]["id"],
            "fields": [f["id"] for f in request["fields"]],
            "rebased_at": T0 - _HOUR,
        },
    )


@given("協議会の公示が登録されていない")
def _not_announced(law: Law) -> None:
    law.change({"/registered/council_notices": []})


@given("受け取る機関は、公示された構成機関に入っていない")
def _not_a_member(law: Law) -> None:
    sender = law.question["request"]["sender"]["agency"]
    law.change({"/registered/council_notices/0/members": [sender]})


@given("調整機関が定められていない")
def _no_coordinator(law: Law) -> None:
    law.change({"/registered/council_notices/0/coordinator": ""})


@given("その子どものケースは、協議会に登録されていない")
def _no_case(law: Law) -> None:
    law.change({"/registered/list_entries": []})


@given("どの区分に当たるかが確かめられていない")
def _no_group(law: Law) -> None:
    law.untell("subject_group")


@given("本人がどうしたいかを、まだ聞いていない")
def _not_heard(law: Law) -> None:
    law.untell("subject_wishes")


@given("本人は、会議で話さないでほしいと言っている")
def _objects(law: Law) -> None:
    law.untell("subject_wishes")
    law.tell("subject_wishes", "objects")


@given("本人に会えず、意思を聞けていない")
def _cannot_be_asked(law: Law) -> None:
    law.untell("subject_wishes")
    law.tell("subject_wishes", "cannot_be_asked")


@given("受け取る席が加害者の側でないことは、確かめられていない")
def _side_not_checked(law: Law) -> None:
    law.change({"/registered/participants/0/counterpart_checked": False})


@given("受け取る席には、示す範囲が定められていない")
def _no_profile(law: Law) -> None:
    law.change({"/registered/participants/0/profile": ""})


@given("目的は、支援会議での情報交換である")
def _for_conference(law: Law) -> None:
    law.change({"/request/purpose": "conf", "/request/profile": ""})


@given("要綱が登録されていない")
def _no_rule(law: Law) -> None:
    law.change({"/registered/conferences/0/founding_rule": ""})


@given("議題の根拠は、名前の似た別の会議のものである")
def _another_basis(law: Law) -> None:
    basis = law.question["registered"]["agenda_items"][0]["basis"]
    law.change({"/request/basis": basis, f"{_ITEM}/basis": "konkyu_plan_meeting"})


@given("会議は官民連携プラットフォームで、根拠となる法律がない")
def _platform(law: Law) -> None:
    basis = law.question["registered"]["agenda_items"][0]["basis"]
    law.change(
        {
            "/request/basis": basis,
            "/registered/conferences/0/basis": "platform",
            f"{_ITEM}/basis": "platform",
        }
    )


@given("息子さんのことも同じ項目に書かれている")
def _son_too(law: Law) -> None:
    request = law.question["request"]
    subjects = [
        *law.question["registered"]["subjects"],
        {"id": "s-son", "person": "p-son", "relation": "household"},
    ]
    fields = [*request["fields"]]
    fields[-1] = {**fields[-1], "about": ["s-sato", "s-son"]}
    law.change({"/registered/subjects": subjects, "/request/fields": fields})


@given("知らせるのは、支援会議の構成員であるNPO法人ひだまりの職員である")
def _told_by_a_member(law: Law) -> None:
    question = law.question
    agency = {
        **question["registered"]["sender"]["agency"],
        "id": "npo-hidamari",
        "kind": "npo",
        "name_ja": "NPO法人ひだまり",
        "name_en": "NPO Hidamari",
    }
    actor = {
        **question["registered"]["sender"]["actor"],
        "id": "actor-hidamari",
        "agency": "npo-hidamari",
        "roles": ["npo_worker"],
    }
    capacity = {"kind": "own_business", "ref": ""}
    sender = {"agency": "npo-hidamari", "actor": "actor-hidamari", "system": "system-hidamari"}
    law.change(
        {
            "/request/sender": {**sender, "capacity": capacity},
            "/registered/sender": {"agency": agency, "actor": actor},
            "/asserted": [{**a, "actor": "actor-hidamari"} for a in question["asserted"]],
        }
    )


@given("知らせる先は児童相談所である")
def _to_child_guidance(law: Law) -> None:
    law.change(
        {
            "/request/recipient": {"agency": "midori-jiso", "actor": ""},
            "/registered/recipient/agency/id": "midori-jiso",
            "/registered/recipient/agency/kind": "child_guidance",
            "/registered/recipient/agency/name_ja": "みどり県児童相談所",
            "/registered/recipient/agency/name_en": "Midori Child Guidance Centre",
            "/registered/recipient/actor": None,
        }
    )


@given("渡すのは看護師で、患者の秘密に当たる健康のことである")
def _nurse(law: Law) -> None:
    field = law.question["request"]["fields"][0]
    health = {**field, "id": "assessment.health_state", "classes": ["HEA"], "about": ["s-sato"]}
    law.change({"/registered/sender/actor/roles": ["medical"], "/request/fields": [health]})


# --- duties that the law brings --------------------------------------------------------------


@pytest.fixture(scope="session")
def duties() -> EmbeddedDuties:
    return EmbeddedDuties(build_bundle(POLICIES), DutyContract.read(SCHEMAS))


class Happened:
    """Something that has happened, and what the law then demands."""

    def __init__(self) -> None:
        self.event: dict[str, Any] = {}
        self.agency: tuple[str, str] = _HIDAMARI
        self.other: tuple[str, str] | None = None
        self.answer: Mapping[str, Any] = {}

    def question(self) -> dict[str, Any]:
        """Return what is asked."""
        return {
            "event": self.event,
            "registered": {
                "tenant": {"id": "aoba", "pack": "default", "municipality": _CITY[0]},
                "agency": _agency(*self.agency),
                "other": _agency(*self.other) if self.other else None,
            },
            "computed": {"now": T0, "law_at": T0},
        }

    def duty(self, title: str) -> Mapping[str, Any]:
        """Return the duty whose title begins so."""
        found = [d for d in self.answer["duties"] if d["title_ja"].startswith(title)]
        assert len(found) == 1, (title, self.answer)
        duty: Mapping[str, Any] = found[0]
        return duty


def _agency(id_: str, kind: str) -> dict[str, str]:
    regime = "public" if kind == "municipality" else "private"
    return {"id": id_, "kind": kind, "regime": regime}


@pytest.fixture
def happened() -> Happened:
    return Happened()


_WHERE: Final = {
    "NPO法人ひだまり": _HIDAMARI,
    "あおば市": _CITY,
    "あおば市社会福祉協議会": ("aoba-shakyo", "shakyo"),
}
_WHAT: Final = {"診断名": ["HEA"], "氏名": ["IDN"]}


@given(parsers.parse("{where}から、{count:d}人の{what}が漏れた"))
def _leak(happened: Happened, where: str, count: int, what: str) -> None:
    happened.agency = _WHERE[where]
    happened.event = {
        "kind": "breach",
        "noticed_at": T0,
        "persons": count,
        "classes": _WHAT[what],
        "malicious": False,
        "financial_harm": False,
        "encrypted": False,
        "recalled_unopened": False,
        "contractor_of": "",
        "controller_told_at": None,
    }


@given("何人分かは、まだ分からない")
def _unknown_number(happened: Happened) -> None:
    happened.event["persons"] = None


@given("盗み出されたおそれがある")
def _stolen(happened: Happened) -> None:
    happened.event["malicious"] = True


@given("そのデータには高度な暗号化がされていた")
def _encrypted(happened: Happened) -> None:
    happened.event["encrypted"] = True


@given("開かれる前に取り戻したことが、記録で確かめられる")
def _recalled(happened: Happened) -> None:
    happened.event["recalled_unopened"] = True


@given("それは、あおば市から受託して扱っていたものである")
def _as_contractor(happened: Happened) -> None:
    happened.event["contractor_of"] = "aoba-city"


@given("受託者は、あおば市へ知らせた")
def _told(happened: Happened) -> None:
    happened.event["controller_told_at"] = T0


@given(parsers.parse("{sender}が、「{basis}」を根拠に{recipient}へ提供した"))
def _provided(happened: Happened, law: Law, sender: str, basis: str, recipient: str) -> None:
    happened.agency, happened.other = _WHERE[sender], _WHERE[recipient]
    happened.event = {"kind": "provision", "basis": law.words.rule(basis), "manner": "each"}


@when("何をしなければならないかを確かめる")
def _ask_duties(happened: Happened, duties: EmbeddedDuties) -> None:
    happened.answer = duties.decide_now(happened.question())


@then(parsers.parse("義務として「{title}」が生じる"))
def _owed(happened: Happened, title: str) -> None:
    assert happened.duty(title)


@then(parsers.parse("「{title}」の期限は{days:d}日以内である"))
def _due(happened: Happened, title: str, days: int) -> None:
    assert happened.duty(title)["due_at"] == T0 + days * _DAY


@then(parsers.parse("「{title}」の根拠は「{article}」である"))
def _by_article(happened: Happened, title: str, article: str) -> None:
    assert happened.duty(title)["article"].startswith(article)


@then(parsers.parse("「{title}」は{years:d}年保存する"))
def _kept(happened: Happened, title: str, years: int) -> None:
    assert happened.duty(title)["params"]["keep_years"] == years


@then("その義務は生じない")
def _nothing_owed(happened: Happened) -> None:
    assert happened.answer["duties"] == []


@then(parsers.parse("それは「{part}」ためである"))
def _why(happened: Happened, part: str) -> None:
    said = [*happened.answer["exempt"], *happened.answer["because"]]
    assert any(part in row["title_ja"] for row in said), happened.answer


@then(parsers.parse("「{title}」とは言わない"))
def _not_said(law: Law, title: str) -> None:
    assert law.words.reason(title) not in law.answer.reasons
    assert not any(law.words.reason(title) in codes for codes in law.answer.withheld.values())
