"""Every ならば: what came of it, as sender, recipient, officer and stranger see it."""

from pytest_bdd import given, then

from gateway.domain.disclosure import Label
from tests.features.cast import OFFICER
from tests.features.sentences import HELD_BY, STATES, says
from tests.features.story import Story

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
