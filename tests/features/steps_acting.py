"""前提 about a request and what went before, and every もし: what somebody does."""

from pytest_bdd import given, when

from gateway.domain.disclosure import Direction
from gateway.domain.ids import Millis
from tests.features.sentences import LONG_REASON, says
from tests.features.steps_registers import plan_flag
from tests.features.story import DAY, Passing, Story

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
    story.draft.read |= set(story.words.fields(fields))


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
    plan_flag(story, agency, person)
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
