"""
Scenarios of the law: a known case of the rules, what is otherwise, and what follows.

* ``前提 「…」場面である`` starts from a known case by its title; the sentences of each group
  say what is otherwise there, through :class:`Law`.
* Every scenario is decided by policy alone and, unless tagged ``@pdp-only``, by a gateway
  that listens, through its one door.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from gateway.policy.cases import KnownCase, changed, read_cases
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from gateway.policy.selfcheck import load_policy
from tests.features.words import Words
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.law_door import DoorOverHTTP, Judged, LawDoor, PolicyAlone
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, asserted

_NEUTRAL = "NOT_SHAREABLE"
_LABELS = {
    "提供できる": {"permit"},
    "一部の項目だけ提供できる": {"permit_partial"},
    "提供できない": {"deny"},
    "判断待ちになる": {"held"},
}


class Law:
    """
    One scenario: an input in the making, and what was decided.

    Args:
        door: Who decides.
        words: What the law in force calls things.
        cases: The known cases, by title.
    """

    def __init__(self, door: LawDoor, words: Words, cases: Mapping[str, KnownCase]) -> None:
        self._door, self._cases = door, cases
        self.words = words
        self.question: dict[str, Any] = {}
        self.judged: Judged | None = None

    def start(self, title: str) -> None:
        """Start from a known case."""
        assert title in self._cases, f"「{title}」という既知の事例はありません"
        self.question = changed(self._cases[title].policy_input, {})

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set members by JSON Pointer."""
        self.question = changed(self.question, changes)

    def remove(self, *pointers: str) -> None:
        """Take members away by JSON Pointer."""
        self.question = changed(self.question, {}, pointers)

    def add(self, registered: str, fact: Mapping[str, Any]) -> None:
        """Register one more fact."""
        self.question["registered"][registered].append(dict(fact))

    def tell(self, fact: str, value: str | int, subject: str = "", text: str = "") -> None:
        """Let the controller vouch for a fact; a longer text than any threshold by default."""
        said = asserted(fact, value, text=text or "状況を見聞きした事実を具体的に記した説明の文。")
        actor = self.question["request"]["sender"]["actor"]
        self.question["asserted"].append({**said, "subject": subject, "actor": actor})

    def untell(self, fact: str) -> None:
        """Let the controller say nothing about a fact."""
        kept = [a for a in self.question["asserted"] if a["fact"] != fact]
        self.question["asserted"] = kept

    def decide(self) -> None:
        """Ask."""
        self.judged = self._door.ask(self.question)

    @property
    def answer(self) -> Judged:
        """What was decided."""
        assert self.judged is not None, "まだ判断していません"
        return self.judged


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what a scenario tagged ``@pdp-only`` would ask over HTTP."""
    for item in items:
        door = getattr(item, "callspec", None) and item.callspec.params.get("law_door")
        tags = {mark.args[0] for mark in item.iter_markers("law")}
        if door == "http" and "pdp-only" in tags:
            item.add_marker(pytest.mark.skip(reason="not a question that the HTTP door takes yet"))


@pytest.fixture(scope="session")
def policy_alone() -> EmbeddedPolicy:
    return load_policy(POLICIES, PolicyContract.read(SCHEMAS))[0]


@pytest.fixture(scope="session")
def cases_by_title() -> Mapping[str, KnownCase]:
    cases = read_cases(POLICIES)
    titles = [c.title_ja for c in cases]
    assert sorted(set(titles)) == sorted(titles)
    return {c.title_ja: c for c in cases}


@pytest.fixture(scope="session")
def listening_door(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DoorOverHTTP]:
    with (
        sqlite_databases.fresh() as url,
        DoorOverHTTP.on(url, tmp_path_factory.mktemp("law")) as door,
    ):
        yield door


@pytest.fixture(params=["policy", "http"])
def law_door(request: pytest.FixtureRequest, policy_alone: EmbeddedPolicy) -> LawDoor:
    """Each door in turn; ``-k policy`` or ``-k http`` chooses one."""
    if request.param == "policy":
        return PolicyAlone(policy_alone)
    door: DoorOverHTTP = request.getfixturevalue("listening_door")
    return door


@pytest.fixture
def law(law_door: LawDoor, words: Words, cases_by_title: Mapping[str, KnownCase]) -> Law:
    return Law(law_door, words, cases_by_title)


@pytest.fixture(autouse=True)
def story(law: Law) -> Law:
    """No story of the desks here: a scenario of the law is one question to each door."""
    return law


@given(parsers.parse("「{title}」場面である"))
def _known_case(law: Law, title: str) -> None:
    law.start(title)


@when("提供してよいか判断する")
def _decide(law: Law) -> None:
    law.decide()


@then(parsers.re(f"^(?P<label>{'|'.join(_LABELS)})$"))
def _outcome(law: Law, label: str) -> None:
    assert law.answer.label in _LABELS[label], law.answer


@then(parsers.parse("根拠は「{title}」である"))
def _basis(law: Law, title: str) -> None:
    assert law.words.rule(title) in law.answer.bases, law.answer


@then(parsers.parse("理由は「{title}」である"))
def _reason(law: Law, title: str) -> None:
    assert law.words.reason(title) in law.answer.reasons, law.answer


@then(parsers.parse("それは「{title}」の定めによる"))
def _by_rule(law: Law, title: str) -> None:
    rules = {reason["rule"] for reason in law.answer.reasons.values()}
    # Over HTTP a rule of which only officers may hear is hidden, even from the sender.
    hidden = law.answer.alert is None and "NOT_SHAREABLE" in law.answer.reasons
    assert hidden or law.words.rule(title) in rules, law.answer


@then(parsers.parse("次の一歩に「{part}」がある"))
def _next_step(law: Law, part: str) -> None:
    assert any(part in r["next_step_ja"] for r in law.answer.reasons.values()), law.answer


@then(parsers.parse("条件として「{title}」が付く"))
def _duty(law: Law, title: str) -> None:
    assert law.words.duty(title) in law.answer.duties, law.answer


@then(parsers.parse("項目「{labels}」は渡る"))
def _passes(law: Law, labels: str) -> None:
    assert set(law.words.fields(labels)) <= set(law.answer.permitted), law.answer


@then(parsers.parse("項目「{labels}」は渡らない"))
def _does_not_pass(law: Law, labels: str) -> None:
    for field in law.words.fields(labels):
        assert law.answer.withheld.get(field), (field, law.answer)


@then("担当者にすぐ知らせる")
def _alert(law: Law) -> None:
    # Over HTTP the asker does not hear of it, and must not.
    assert law.answer.alert is not False, law.answer


@then("相手には理由を示さない")
def _neutral(law: Law) -> None:
    # The fixed words of a neutral refusal are what the asker hears instead.
    sides = {law.words.sides[code] for code in law.answer.reasons if code != _NEUTRAL}
    assert "asker" not in sides, law.answer
