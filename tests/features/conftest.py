"""
The sentences of the features: each is one or two lines on the :class:`Story` of its scenario.

* A feature runs on every driver; a step knows none of them.
* After each scenario everything the log holds is searched for names, values and reasons in
  words: none of them may be there.
* A tag is a reference to the law and becomes the one mark ``law(reference)``.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import parse
import pytest
from pytest_bdd import given, parsers, then, when

from gateway.domain.disclosure import Direction, Label
from gateway.domain.ids import Millis
from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from gateway.policy.tables import instant_of_day
from tests.features.cast import AGENCIES, APPROVER, CITY, OFFICER, PERSONS, SECOND_OFFICER
from tests.features.story import DAY, HOUR, MINUTE, Passing, Story
from tests.features.words import Words
from tests.simulators.feature_driver import Driver, Seat, ServicesDriver
from tests.simulators.house import House
from tests.simulators.http_driver import HTTPDriver
from tests.simulators.policy_inputs import POLICIES, SCHEMAS

HELD_BY = {"個人情報保護の担当": "officer", "決裁者": "approver", "二人目": "second_person"}
APPROVALS = {
    "特別の理由による提供": "public_special_reason",
    "断られている相手への提供": "refused_recipient",
    "所在の秘匿の解除": "address_lift",
    "読んでいない記述の提供": "unread_narrative",
}
STATES = {"取り消された": "recalled", "開かれた": "opened", "期限が切れた": "expired"}
LONG_REASON = "三日つづけて呼び鈴に応えず、新聞がたまり、室内で物音もしない。電話にも出ない。"


def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool:
    pytest.mark.law(tag)(function)
    return True


@pytest.fixture(scope="session")
def current_policy() -> CurrentPolicy:
    return CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))


@pytest.fixture(scope="session")
def words(current_policy: CurrentPolicy) -> Words:
    return Words(current_policy.bundle)


@pytest.fixture(params=["services", "http"])
def driver(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy
) -> Iterator[Driver]:
    """Each driver in turn; ``-k services`` or ``-k http`` chooses one."""
    opened: Driver
    if request.param == "services":
        opened = ServicesDriver(
            lambda policy: House(sqlite_url, tmp_path, policy=policy), current_policy
        )
    else:
        opened = HTTPDriver(sqlite_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def story(driver: Driver, words: Words) -> Iterator[Story]:
    told = Story(driver, words)
    yield told
    logged = driver.everything_logged()
    assert [] == [secret for secret in told.secrets() if secret in logged]


def _one_of(names: Any) -> Callable[[str], str]:
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


# --- 前提: 同意 ------------------------------------------------------------------------------


@given(says("{taker:A}は、{passing:X}渡すことについて、ご本人の同意を記録している"))
def _consent(story: Story, taker: str, passing: Passing) -> None:
    now = story.driver.now()
    story.plan(
        taker,
        "consents",
        subject=passing.person,
        imported=False,
        capacity="self",
        method="paper",
        recipient_classes=[AGENCIES[passing.recipient].kind],
        recipients_named=[],
        recipients_refused=[],
        purposes=[story.words.purpose(passing.purpose)],
        item_classes=story.words.classes_of(story.words.fields(passing.fields)),
        items_refused=[],
        valid_from=now - 30 * DAY,
        valid_to=now + 500 * DAY,
        review_on=now + 400 * DAY,
        counterpart_present=False,
        text_version="2026-04",
    )


@given("その同意は、期限が昨日までである")
def _consent_ended(story: Story) -> None:
    story.last("consents")["valid_to"] = story.driver.now() - DAY


@given("その同意は、見直しの日を過ぎている")
def _consent_to_review(story: Story) -> None:
    story.last("consents")["review_on"] = story.driver.now() - DAY


@given("その同意に署名したのは、権限のないご家族である")
def _consent_of_family(story: Story) -> None:
    story.last("consents")["capacity"] = "family_no_authority"


@given("その同意に署名したのは、成年後見人である")
def _consent_of_guardian(story: Story) -> None:
    story.last("consents")["capacity"] = "legal_guardian"


@given("その同意に署名したのは、親権者である")
def _consent_of_parent(story: Story) -> None:
    story.last("consents")["capacity"] = "guardian_parent"


@given("その同意は、利害の対立する相手のいる場で取られている")
def _consent_not_free(story: Story) -> None:
    story.last("consents")["counterpart_present"] = True


@given(says("その同意のうち「{fields:T}」は、ご本人が断っている"))
def _consent_without(story: Story, fields: str) -> None:
    story.last("consents")["items_refused"] = list(story.words.fields(fields))


@given(says("ご本人は、{recipient:A}へは渡さないでほしいとも言っている"))
def _consent_refuses(story: Story, recipient: str) -> None:
    story.last("consents")["recipients_refused"] = [AGENCIES[recipient].id]


@given("その同意は、古い様式の包括的な同意を引き継いだものである")
def _consent_imported(story: Story) -> None:
    story.last("consents").update(method="imported_blanket", imported=True)


@given("その同意は、すでに撤回されている")
def _consent_withdrawn(story: Story) -> None:
    story.withdraw()


@given(says("{person:P}は{age:d}歳である"))
def _aged(story: Story, age: int) -> None:
    story.vouch("subject_age", value=age)


# --- 前提: 依頼の中身 -------------------------------------------------------------------------


@given(says("根拠として「{basis:T}」を挙げている"))
def _basis_named(story: Story, basis: str) -> None:
    story.draft.basis = story.words.rule(basis)


@given(says("提供範囲は「{profile:T}」とする"))
def _profile(story: Story, profile: str) -> None:
    story.draft.profile = story.words.profile(profile)


@given(says("「{fields:T}」には、{person:P}のことも書かれている"))
def _also_about(story: Story, fields: str, person: str) -> None:
    story.concern(fields, person)


@given(says("「{fields:T}」は、担当者が読んで共有してよいと確かめている"))
def _read(story: Story, fields: str) -> None:
    for field_id in story.words.fields(fields):
        story.draft.share_ready_by[field_id] = "actor-reader"


@given(says("「{fields:T}」に、個人番号らしき12桁の番号が書かれている"))
def _my_number(story: Story, fields: str) -> None:
    for field_id in story.words.fields(fields):
        story.draft.values[field_id] = "番号は 1234 5678 9018 です"


@given(says("{agency:A}の担当者は、つながりサポーターとして知ったことを渡そうとしている"))
def _as_supporter(story: Story) -> None:
    story.draft.capacity = "supporter"


@given("担当者は、命の危険があることと、同意を待てないわけを書いている")
def _danger(story: Story) -> None:
    story.vouch("danger", value="life", text=LONG_REASON)
    story.vouch("consent_difficult", value="unreachable", text=LONG_REASON)


@given("担当者は、わけを「至急」とだけ書いている")
def _danger_unsaid(story: Story) -> None:
    story.vouch("danger", value="life", text="至急")
    story.vouch("consent_difficult", value="unreachable", text="至急")


@given("担当者は、世帯の方にも危険が及ぶことを確かめている")
def _household_in_danger(story: Story) -> None:
    story.vouch("household_urgent", value=True)


@given("担当者は、明らかにご本人の利益になるわけを書いている")
def _benefit(story: Story) -> None:
    story.vouch("special_reason", value="clear_benefit", text=LONG_REASON)


@given("担当者は、誰も不当に害さないことを確かめている")
def _harmless(story: Story) -> None:
    story.vouch("no_third_party_harm", value=True)


@given("担当者は、誰かを不当に害するおそれがあると見ている")
def _harmful(story: Story) -> None:
    story.vouch("no_third_party_harm", value=False)


@given(says("担当者は、{person:P}が第{ward:d}地区に住んでいることを確かめている"))
def _ward(story: Story, ward: int) -> None:
    story.vouch("subject_ward", value=f"第{ward}地区")


@given("担当者は、目的のとおりに使われない疑いがあると見ている")
def _suspected(story: Story) -> None:
    story.vouch("inappropriate_purpose_suspected", value=True)


@given(says("担当者は、{person:P}が所在を隠していると聞いている"))
def _hidden_by_word(story: Story) -> None:
    story.vouch("protection_status", value="dv")


# --- 前提: 会議 ------------------------------------------------------------------------------


@given(says("あおば市は、{person:P}のことを支援会議の議題とし、いま話し合っている"))
def _on_agenda(story: Story, person: str) -> None:
    now = story.driver.now()
    story.plan(
        "あおば市",
        "conferences",
        basis="shien_kaigi_swa",
        local_name_ja="あおば市支援会議",
        founding_rule="あおば市支援会議設置要綱",
        announced_on=None,
        valid_from=now - 300 * DAY,
        valid_to=None,
    )
    story.plan(
        "あおば市",
        "conferences/{conferences}/agenda-items",
        basis="shien_kaigi_swa",
        nature="individual",
        subjects=[person],
        opens_at=now - HOUR,
        closes_at=now + HOUR,
    )


@given("その議題の話合いは、すでに終わっている")
def _item_closed(story: Story) -> None:
    story.last("agenda-items")["closes_at"] = story.driver.now() - MINUTE


@given(says("{agency:A}の担当者は、その議題の出席者である"))
def _on_roster(story: Story, agency: str) -> None:
    now, seat = story.driver.now(), story.seat(agency)
    story.plan(
        "あおば市",
        "conferences/{conferences}/agenda-items/{agenda_items}/participants",
        agency=seat.agency,
        actor=seat.actor,
        proxy_of=None,
        profile="conf_full",
        invited_from=now - 2 * DAY,
        invited_to=now + 7 * DAY,
    )


@given(says("{one:A}と{other:A}の担当者は、その議題に出席し、守秘の誓約書に署名している"))
def _both_in_order(story: Story, one: str, other: str) -> None:
    for agency in (one, other):
        _bound(story, agency)
        _on_roster(story, agency)


@given("その出席者には、見守りの担い手としての範囲だけが示される")
def _as_watcher(story: Story) -> None:
    story.last("participants")["profile"] = "conf_watcher"


@given(says("{agency:A}の担当者は、守秘の誓約書に署名している"))
def _bound(story: Story, agency: str) -> None:
    now = story.driver.now()
    story.plan(
        "あおば市",
        "conferences/{conferences}/undertakings",
        actor=story.seat(agency).actor,
        signed_at=now - 10 * DAY,
        valid_to=now + 340 * DAY,
        text_version="2026-04",
    )


@given(says("{agency:A}からは、代理の職員が出ている"))
def _proxy(story: Story, agency: str) -> None:
    story.draft.acting_for[agency] = f"{story.seat(agency).actor}-2"


@given(says("あおば市は、その議題のために{agency:A}に{person:P}の「{fields:T}」の提供を求めている"))
def _information_request(story: Story, agency: str, person: str, fields: str) -> None:
    story.plan(
        "あおば市",
        "conferences/{conferences}/agenda-items/{agenda_items}/information-requests",
        asked=AGENCIES[agency].id,
        subjects=[person],
        fields=list(story.words.fields(fields)),
        valid_to=story.driver.now() + 14 * DAY,
    )


# --- 前提: 決裁・判断・二人目 -----------------------------------------------------------------


@given(says("{agency:A}の決裁者は、{passing:X}渡すことを、「{kind:K}」として決裁している"))
def _approval(story: Story, agency: str, passing: Passing, kind: str) -> None:
    now, seat = story.driver.now(), story.seat(agency)
    approver = APPROVER.actor if agency == "あおば市" else f"{seat.actor}-head"
    story.plan(
        agency,
        "approvals",
        kind=APPROVALS[kind],
        approver=approver,
        document_no="福第12号",
        approved_at=now - DAY,
        expires_at=now + 7 * DAY,
        subject=passing.person,
        recipient=AGENCIES[passing.recipient].id,
        purpose=story.words.purpose(passing.purpose),
        fields=list(story.words.fields(passing.fields)),
    )


@given("その決裁の期限は、もう過ぎている")
def _approval_ended(story: Story) -> None:
    story.last("approvals")["expires_at"] = story.driver.now() - HOUR


@given(
    says(
        "{agency:A}では、二人目が折り返しの電話で、{person:P}のことを{recipient:A}へ知らせることに同意している"
    )
)
def _second_agrees(story: Story, agency: str, person: str, recipient: str) -> None:
    now, seat = story.driver.now(), story.seat(agency)
    story.plan(
        agency,
        "emergency-agreements",
        subject=person,
        recipient=AGENCIES[recipient].id,
        second_person=f"{seat.actor}-head",
        second_agreed="call_back",
        agreed_at=now - 10 * MINUTE,
        expires_at=now + 12 * HOUR,
    )


@given(says("個人情報保護の担当は、二人目の同意を得て「{title:T}」を解く判断をしている"))
def _verdict(story: Story, title: str) -> None:
    _plan_verdict(story, title)


@when(says("個人情報保護の担当が、二人目の同意を得て「{title:T}」を解く"))
def _verdict_given(story: Story, title: str) -> None:
    _plan_verdict(story, title)
    story.attempt(story.settle)


@when(says("個人情報保護の担当が、依頼した人を二人目として「{title:T}」を解く"))
def _verdict_with_the_asker(story: Story, title: str) -> None:
    asker = story.seat("NPO法人ひだまり").actor
    _plan_verdict(story, title)["second_person"] = asker
    story.attempt(story.settle)


@when(says("市福祉課の職員が、二人目の同意を得て「{title:T}」を解く"))
def _verdict_of_nobody(story: Story, title: str) -> None:
    _plan_verdict(story, title, by=CITY)
    story.attempt(story.settle)


def _plan_verdict(story: Story, title: str, *, by: Seat = OFFICER) -> dict[str, Any]:
    now = story.driver.now()
    return story.plan(
        by,
        "officer-verdicts",
        decision_id=story.unit.decision_id,
        second_person=SECOND_OFFICER.actor,
        second_agreed="call_back",
        agreed_at=now,
        expires_at=now + DAY,
        lifts=[story.words.reason(title)],
        fields=[],
        reason_code="necessary",
    ).body


@then("判断は受け付けられない")
def _verdict_declined(story: Story) -> None:
    assert story.declined is not None
    assert story.declined.code in {"state-conflict", "agency-not-authorized"}


# --- 前提: 住所の秘匿 -------------------------------------------------------------------------


@given(says("{agency:A}は、{person:P}の支援措置の申出を登録している"))
def _flag(story: Story, agency: str, person: str) -> None:
    now = story.driver.now()
    story.plan(
        agency,
        "protection-flags",
        subject=person,
        kind="shien_sochi",
        effective_from=now - DAY,
        valid_to=now + 365 * DAY,
        provisional=True,
        counterpart_subjects=[],
        counterpart_actors=[],
        counterpart_agencies=[],
    )


@given("その支援措置の期限は過ぎたが、まだ解除されていない")
def _flag_ended(story: Story) -> None:
    now = story.driver.now()
    story.last("protection-flags").update(effective_from=now - 400 * DAY, valid_to=now - DAY)


@given("その支援措置は、解除されている")
def _flag_lifted(story: Story) -> None:
    story.plan("あおば市", "protection-flags/{protection_flags}/lifting", lifted_at=None)


@given(says("その支援措置の相手方は、{agency:A}の担当者である"))
def _counterpart_acts(story: Story, agency: str) -> None:
    story.last("protection-flags")["counterpart_actors"] = [story.seat(agency).actor]


@given(says("その支援措置の相手方は、{agency:A}で働いている"))
def _counterpart_works(story: Story, agency: str) -> None:
    story.last("protection-flags")["counterpart_agencies"] = [AGENCIES[agency].id]


@given(says("その支援措置は、{person:P}から身を守るためのものである"))
def _counterpart_known(story: Story, person: str) -> None:
    story.last("protection-flags")["counterpart_subjects"] = [person]


# --- 前提: 委託・委嘱・登録 -------------------------------------------------------------------


@given(says("{entruster:A}は、「{purpose:T}」の業務を{contractor:A}に委託している"))
def _entrustment(story: Story, entruster: str, purpose: str, contractor: str) -> None:
    now = story.driver.now()
    story.plan(
        entruster,
        "entrustments",
        kind="entrustment",
        contractor=AGENCIES[contractor].id,
        controller=AGENCIES[entruster].id,
        purposes=[story.words.purpose(purpose)],
        records=["subject", "referral", "consultation_intake"],
        sub_processing=False,
        valid_from=now - 300 * DAY,
        valid_to=now + 300 * DAY,
    )


@given("その取決めは、委託ではなく協力の申合せである")
def _only_cooperation(story: Story) -> None:
    story.last("entrustments")["kind"] = "cooperation_agreement"


@given("委託の対象は、相談受付の記録だけである")
def _intake_alone(story: Story) -> None:
    story.last("entrustments")["records"] = ["consultation_intake"]


@given("その委託の期間は、昨日までである")
def _entrustment_ended(story: Story) -> None:
    story.last("entrustments")["valid_to"] = story.driver.now() - DAY


@given("委託した情報は、もともとみどり県のものである")
def _of_another_controller(story: Story) -> None:
    story.last("entrustments")["controller"] = AGENCIES["みどり県"].id


@given(says("{agency:A}の担当者は、第{ward:d}地区の民生委員として委嘱されている"))
def _appointment(story: Story, agency: str, ward: int) -> None:
    now = story.driver.now()
    story.plan(
        agency,
        "appointments",
        actor=story.seat(agency).actor,
        office="minsei_iin",
        ward=f"第{ward}地区",
        term_from=now - 300 * DAY,
        term_to=now + 300 * DAY,
    )


@given("その委嘱の任期は、昨日までである")
def _appointment_ended(story: Story) -> None:
    story.last("appointments")["term_to"] = story.driver.now() - DAY


@given(says("{agency:A}は、この仕組みの利用を止められている"))
def _suspended(story: Story, agency: str) -> None:
    story.plan("あおば市", f"agencies/{AGENCIES[agency].id}/suspension", suspended=True)
    story.enrol(agency)


@given("あおば市は、鳥取県と同じ設定でこの仕組みを使っている")
def _pack(story: Story) -> None:
    story.pack = "tottori_pref"


@given(says("いまは{at:I}である"))
def _today(story: Story, at: int) -> None:
    story.settle()
    story.driver.move_to(at)


@given(says("それから{days:d}日が過ぎている"))
@when(says("{days:d}日が過ぎる"))
def _days_pass(story: Story, days: int) -> None:
    story.settle()
    story.driver.move_to(story.driver.now() + days * DAY)


@given(says("それから{minutes:d}分が過ぎている"))
def _minutes_pass(story: Story, minutes: int) -> None:
    story.driver.move_to(story.driver.now() + minutes * MINUTE)


# --- もし ------------------------------------------------------------------------------------


@when(says("{sender:A}が{passing:X}渡そうとする"))
def _proposes(story: Story, sender: str, passing: Passing) -> None:
    story.propose(sender, passing)


@given(says("{sender:A}が{passing:X}渡そうとしたことがある"))
def _proposed(story: Story, sender: str, passing: Passing) -> None:
    story.propose(sender, passing)


@given(says("{sender:A}が{passing:X}渡すことは、すでに{times:d}度許されている"))
def _permitted_before(story: Story, sender: str, passing: Passing, times: int) -> None:
    for _ in range(times):
        story.propose(sender, passing)
        assert story.unit.is_permitted


@given("担当者が同じことをあらためて依頼し、許されている")
def _permitted_again(story: Story) -> None:
    story.propose_again()
    assert story.unit.is_permitted


@given(says("{sender:A}が{passing:X}渡し、相手はまだ開いていない"))
def _waiting(story: Story, sender: str, passing: Passing) -> None:
    story.propose(sender, passing)
    story.send()
    assert "waiting" == story.state_of_delivery()


@given("相手は、それを開いている")
def _has_opened(story: Story) -> None:
    story.open()
    assert "opened" == story.state_of_delivery()


@given("担当者は、誤って送ったとして取り消している")
@when("担当者が、誤って送ったとして取り消す")
def _recalls(story: Story) -> None:
    story.recall()


@when("相手が、届いたものを開こうとする")
def _opens(story: Story) -> None:
    story.open()


@when(says("{agency:A}が、届いたものを開こうとする"))
def _another_opens(story: Story, agency: str) -> None:
    story.open(agency)


@when("担当者が、許された項目を送る")
def _sends(story: Story) -> None:
    story.send()


@when("ご本人が同意を撤回する")
def _withdraws(story: Story) -> None:
    story.withdraw()
    story.settle()


@when(says("{agency:A}が、{person:P}の支援措置の申出を登録する"))
def _raises_flag(story: Story, agency: str, person: str) -> None:
    _flag(story, agency, person)
    story.settle()


@given("伝えたのは3日前である")
def _told_before(story: Story) -> None:
    story.draft.occurred_at = Millis(story.driver.now() - 3 * DAY)


@given(says("伝えたのは{at:I}である"))
def _told_then(story: Story, at: int) -> None:
    story.draft.occurred_at = Millis(at)


@given("遅れて記録するわけを書いている")
def _why_late(story: Story) -> None:
    story.draft.late_reason = "訪問が続き、事務所に戻れなかった。"


@given(says("{asker:A}は、{controller:A}に「{purpose:T}」のための「{fields:T}」の提供を求めている"))
def _asks(story: Story, asker: str, controller: str, purpose: str, fields: str) -> None:
    story.request(asker, controller, purpose, fields)


@when(says("{controller:A}が、{person:P}のことと受けとめて応じようとする"))
def _responds(story: Story, controller: str, person: str) -> None:
    story.respond(controller, person)


@when(says("{controller:A}が、心当たりがないとして閉じる"))
def _closes(story: Story, controller: str) -> None:
    assert story.request_id is not None
    assert "closed" == story.desk(controller).decline(story.request_id)


@when(says("相手が、「{title:T}」務めを果たしたと知らせる"))
def _discharges(story: Story, title: str) -> None:
    code, desk = story.words.duty(title), story.recipient_desk
    (task,) = [task for task in desk.obligations() if task.code == code]
    story.done_at = desk.discharge(task.id)


@given("判断の仕組みが、答えなくなっている")
def _policy_silent(story: Story) -> None:
    story.settle()
    story.driver.silence_policy()


@given("提供記録簿に、何も書けなくなっている")
def _log_stopped(story: Story) -> None:
    story.driver.stop_log()


@when("担当者が同じことをあらためて依頼する")
def _proposes_again(story: Story) -> None:
    story.propose_again()


@when(says("{sender:A}が{passing:X}口頭で伝えたことを記録する"))
def _tells(story: Story, sender: str, passing: Passing) -> None:
    story.propose(sender, passing, direction=Direction.ORAL)


# --- ならば ----------------------------------------------------------------------------------


@then(says("「{fields:T}」が提供される"))
def _given(story: Story, fields: str) -> None:
    assert Label.PERMIT == story.label
    _opened_exactly(story, fields)


@then(says("「{fields:T}」だけが提供される"))
def _given_in_part(story: Story, fields: str) -> None:
    assert Label.PERMIT_PARTIAL == story.label
    _opened_exactly(story, fields)


def _opened_exactly(story: Story, fields: str) -> None:
    story.send()
    story.open()
    assert story.opened is not None
    assert set(story.words.fields(fields)) == set(story.opened.fields)


@then(says("提供は「{title:T}」として断られる"))
def _refused(story: Story, title: str) -> None:
    assert Label.DENY == story.label
    _told(story, title)


@then(says("提供は「{title:T}」としていったん止まり、{by:H}の判断を待つ"))
def _held(story: Story, title: str, by: str) -> None:
    assert Label.HELD == story.label
    assert HELD_BY[by] in story.unit.held_by
    _told(story, title)


@given(says("もう一度の依頼は「{title:T}」としていったん止まっている"))
def _was_held(story: Story, title: str) -> None:
    story.propose_again()
    assert Label.HELD == story.label
    _told(story, title)


@then(says("その理由には「{title:T}」もある"))
def _also_refused(story: Story, title: str) -> None:
    _told(story, title)


def _told(story: Story, title: str) -> None:
    assert story.words.reason(title)
    assert title in story.reason_titles()


@then(says("「{fields:T}」は「{title:T}」として外される"))
def _withheld(story: Story, fields: str, title: str) -> None:
    code = story.words.reason(title)
    assert [] == [f for f in story.words.fields(fields) if code not in story.withheld().get(f, ())]


@then("提供は断られる")
def _refused_untold(story: Story) -> None:
    assert Label.DENY == story.label


@then(says("提供はいったん止まり、{by:H}の判断を待つ"))
def _held_untold(story: Story, by: str) -> None:
    assert Label.HELD == story.label
    assert HELD_BY[by] in story.unit.held_by


@then(says("それは「{title:T}」の定めによる"))
def _by_rule(story: Story, title: str) -> None:
    decided = story.record()["policy_decision"]
    assert story.words.rule(title) in {reason["rule"] for reason in decided["reasons"]}


@then(says("個人情報保護の担当には、その理由が「{title:T}」と示される"))
def _told_to_officers_alone(story: Story, title: str) -> None:
    code, record = story.words.reason(title), story.record()
    assert code in record["reasons"]
    assert title not in story.reason_titles()
    assert code not in {c for codes in story.withheld().values() for c in codes}
    assert story.unit.evidence is not None
    assert code not in repr(story.unit.evidence.fields())


@then(says("根拠は「{title:T}」である"))
def _ground(story: Story, title: str) -> None:
    assert [story.words.rule(title)] == [ground.basis for ground in story.unit.bases]


@then(says("「{title:T}」ことが条件になる"))
def _on_condition(story: Story, title: str) -> None:
    assert story.words.duty(title) in {duty.code for duty in story.unit.obligations}


@then("次にできることが示される")
def _next_step(story: Story) -> None:
    assert story.unit.reasons
    assert all(r.next_step_ja and r.lawful_alternatives for r in story.unit.reasons)


@then("個人情報保護の担当に知らせが届く")
def _alerted(story: Story) -> None:
    assert story.driver.desk(OFFICER).alerts()


@then("提供したことは提供記録簿に残る")
def _release_logged(story: Story) -> None:
    types = story.driver.entry_types()
    assert "decision" == types[story.unit.log_index]
    assert "release" == types[story.sent[-1].log_index]


@then("断ったことは提供記録簿に残る")
def _refusal_logged(story: Story) -> None:
    types = story.driver.entry_types()
    assert "decision" == types[story.unit.log_index]
    assert "release" not in types


@then("提供されたことを示す記録はない")
def _nothing_released(story: Story) -> None:
    assert "release" not in story.driver.entry_types()


@then(says("届いたものは「{state:T}」となり、開かれないまま終わる"))
def _ended_unopened(story: Story, state: str) -> None:
    assert STATES[state] == story.state_of_delivery()
    assert STATES[state] in story.driver.entry_types()
    assert "opened" not in story.driver.entry_types()


@then(says("届いたものは「{state:T}」となり、そのことが提供記録簿に残る"))
def _became(story: Story, state: str) -> None:
    assert STATES[state] == story.state_of_delivery()
    assert STATES[state] == story.driver.entry_types()[-1]


@then(says("届いたものは「{state:T}」のままである"))
def _stays(story: Story, state: str) -> None:
    assert STATES[state] == story.state_of_delivery()
    assert "recalled" not in story.driver.entry_types()


@then("取り消したことは提供記録簿に残る")
def _recall_logged(story: Story) -> None:
    assert 1 == story.driver.entry_types().count("recalled")


@then("開かれたことを示す記録はない")
def _never_opened(story: Story) -> None:
    assert "opened" not in story.driver.entry_types()


@then("開かれたことを示す記録はひとつである")
def _opened_once(story: Story) -> None:
    assert story.opened is not None
    assert 1 == story.driver.entry_types().count("opened")


@then("開くことは断られる")
def _opening_declined(story: Story) -> None:
    assert story.declined is not None
    assert story.opened is None


@then("送ることは断られる")
def _sending_declined(story: Story) -> None:
    assert story.declined is not None
    assert story.declined.code in {"state-conflict", "disclosure-refused"}


@then("記録は受け付けられず、書き直しを求められる")
def _entry_declined(story: Story) -> None:
    assert story.declined is not None
    assert "schema-violation" == story.declined.code


@then("記録できないとして断られる")
def _unrecorded(story: Story) -> None:
    assert story.declined is not None
    assert "audit-unavailable" == story.declined.code


@then(says("「{fields:T}」を伝えたことが提供記録簿に残る"))
def _telling_logged(story: Story, fields: str) -> None:
    assert set(story.words.fields(fields)) == set(story.unit.permitted)
    assert story.unit.release_index is not None
    assert "release" == story.driver.entry_types()[story.unit.release_index]


@then("伝えた時と記録した時の両方が残る")
def _both_times_logged(story: Story) -> None:
    assert story.unit.evidence is not None
    said = story.unit.evidence.fields()
    assert (story.draft.occurred_at, story.driver.now()) == (said["law_at"], said["requested_at"])


@then("求めた機関には、届いたことだけが伝わる")
def _heard_delivered(story: Story) -> None:
    heard = story.heard()
    assert ("delivered", ()) == (heard.answer, heard.reasons)


@then(says("求めた機関には、「{title:T}」とだけ伝わる"))
def _heard_only(story: Story, title: str) -> None:
    assert story.words.reason(title)
    heard = story.heard()
    assert ("not_shareable", [title]) == (heard.answer, [r.title_ja for r in heard.reasons])


@then(says("求めた機関には、自らのこととして「{title:T}」と伝わる"))
def _heard_of_itself(story: Story, title: str) -> None:
    assert story.words.reason(title)
    heard = story.heard()
    assert ("refused_for_asker", title) == (heard.answer, heard.reasons[0].title_ja)


@then("務めを果たしたことが提供記録簿に残る")
def _duty_logged(story: Story) -> None:
    assert "obligation" == story.driver.entry_types()[story.done_at]
