"""前提 about registers: consents, meetings, approvals, verdicts, flags, arrangements."""

from typing import Any

from pytest_bdd import given, then, when

from tests.features.cast import AGENCIES, APPROVER, CITY, OFFICER, SECOND_OFFICER
from tests.features.sentences import APPROVALS, says
from tests.features.story import DAY, HOUR, MINUTE, Passing, Story
from tests.simulators.feature_driver import Seat

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
        given_by="",
        given_by_actor="",
        interpreter="none",
        proof_seen=True,
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
def plan_flag(story: Story, agency: str, person: str) -> None:
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
