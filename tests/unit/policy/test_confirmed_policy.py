"""The compiled evaluator answers only questions of a shape that the interpreter confirmed."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle
from gateway.policy.compiled import CompiledPolicy, TooLong
from gateway.policy.confirmed import EVERY, ConfirmedPolicy, words_of
from gateway.policy.interpreter import InterpretedPolicy
from tests.simulators.policy_inputs import CASES, known

CASE: Final = "consent_private"
STOP: Final = "stop_my_number"
RULE: Final = "disclosure/stop/stop_my_number/stop_my_number.rego"


class Evaluator:
    """A real evaluator that can be exchanged for another one."""

    def __init__(self, policy: InterpretedPolicy | CompiledPolicy) -> None:
        self.policy = policy

    def said(self, policy_input: Mapping[str, Any]) -> Any:
        """Return what the one of now says."""
        return self.policy.said(policy_input)


class Pair:
    """Two evaluators of a revision and what confirms one by the other."""

    def __init__(self, bundle: PolicyBundle) -> None:
        self.bundle = bundle
        self.interpreter = Evaluator(InterpretedPolicy(bundle.modules, bundle.data_json))
        self.compiled = Evaluator(CompiledPolicy(bundle.modules, bundle.data_json))
        words = words_of(bundle.modules, bundle.data_json)
        self.said = ConfirmedPolicy(self.interpreter, self.compiled, words).said

    def lose_the_stop_in_the_compiled(self) -> None:
        """Let the compiled evaluator overlook a stop, as it once did."""
        assert "hits contains" in self.bundle.modules[RULE]
        deaf = self.bundle.modules[RULE].replace("hits contains", "unheard contains")
        modules = {**self.bundle.modules, RULE: f"{deaf}\nhits := set()\n"}
        self.compiled.policy = CompiledPolicy(modules, self.bundle.data_json)

    def misread_everything_in_the_interpreter(self) -> None:
        """Let the interpreter find no reason for anything, so that being asked is seen."""
        main = "package disclosure.main\n\ndecision := {}\n"
        self.interpreter.policy = InterpretedPolicy({"main.rego": main}, "{}")


@pytest.fixture
def pair(bundle: PolicyBundle) -> Pair:
    return Pair(bundle)


def test_stop_that_one_evaluator_does_not_see_is_silence(pair: Pair) -> None:
    pair.lose_the_stop_in_the_compiled()

    with pytest.raises(PolicyUnavailable, match="differ"):
        pair.said(known(STOP))


def test_after_a_difference_the_interpreter_decides_alone(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    expected = pair.interpreter.said(known(STOP))
    pair.lose_the_stop_in_the_compiled()
    with pytest.raises(PolicyUnavailable):
        pair.said(known(STOP))

    assert expected == pair.said(known(STOP))
    assert ["CRITICAL"] == [r.levelname for r in caplog.records]
    assert known(STOP)["request"]["subject"] not in caplog.text


def test_difference_that_first_shows_later_is_noticed(pair: Pair) -> None:
    """A rule that one evaluator misreads is seen when it first matters."""
    pair.lose_the_stop_in_the_compiled()
    assert "permit" == pair.said(known(CASE))["outcome"]

    with pytest.raises(PolicyUnavailable, match="differ"):
        pair.said(known(STOP))


def test_shape_once_confirmed_is_not_asked_of_both_again(pair: Pair) -> None:
    expected = pair.said(known(CASE))
    pair.misread_everything_in_the_interpreter()

    assert expected == pair.said(known(CASE))


def test_one_in_so_many_is_asked_of_both_again(pair: Pair) -> None:
    pair.said(known(CASE))
    pair.misread_everything_in_the_interpreter()

    for _ in range(EVERY - 1):
        pair.said(known(CASE))
    with pytest.raises(PolicyUnavailable, match="differ"):
        pair.said(known(CASE))


@pytest.mark.parametrize(
    "changes",
    [
        {"/request/disclosure": "d-other"},
        {"/request/sender/system": "system-other"},
        {"/registered/sender/agency/name_ja": "架空の会"},
        {"/registered/sender/actor/training_until": 1_806_505_200_001},
    ],
)
def test_another_name_or_day_is_no_other_shape(pair: Pair, changes: dict[str, Any]) -> None:
    pair.said(known(CASE))
    pair.misread_everything_in_the_interpreter()

    assert "permit" == pair.said(known(CASE, changes))["outcome"]


@pytest.mark.parametrize(
    "changes",
    [
        {"/request/purpose": "watch"},
        {"/request/urgency": "life"},
        {"/request/fields/0/my_number": "found"},
        {"/registered/consents": []},
        {"/registered/sender/agency/status": "suspended"},
        {"/registered/consents/0/withdrawn_at": 1},
        {"/computed/lately_count": 1},
    ],
)
def test_another_word_fact_or_answer_is_another_shape(pair: Pair, changes: dict[str, Any]) -> None:
    pair.said(known(CASE))
    pair.misread_everything_in_the_interpreter()

    with pytest.raises(PolicyUnavailable):
        pair.said(known(CASE, changes))


def test_an_ended_consent_is_another_shape_by_its_answer(pair: Pair) -> None:
    """Which instant is past is seen only by what the rules answer."""
    pair.said(known(CASE))
    pair.misread_everything_in_the_interpreter()

    with pytest.raises(PolicyUnavailable):
        pair.said(known(CASE, {"/registered/consents/0/expires_at": 1_776_214_799_999}))


def test_question_too_long_for_the_compiled_is_answered_by_the_interpreter(pair: Pair) -> None:
    question = too_long()
    with pytest.raises(TooLong):
        pair.compiled.said(question)

    expected = pair.interpreter.said(question)

    assert expected == pair.said(question)


def too_long() -> dict[str, Any]:
    """Return a question about many fields of many persons."""
    question = known(CASE)
    fields, subjects = question["request"]["fields"], question["registered"]["subjects"]
    persons = [
        {**subjects[0], "id": f"s-{n}", "person": f"p-{n}", "relation": "household"}
        for n in range(20)
    ]
    about = [s["id"] for s in (*subjects, *persons)]
    wide = [{**fields[n % len(fields)], "about": about} for n in range(60)]
    return known(
        CASE,
        {"/request/fields": wide, "/registered/subjects": [*subjects, *persons]},
    )


@pytest.mark.parametrize("case", CASES)
def test_known_case_is_answered_as_the_interpreter_answers(pair: Pair, case: str) -> None:
    assert pair.interpreter.said(known(case)) == pair.said(known(case))


def test_answer_of_another_form_is_left_to_the_contract_to_refuse() -> None:
    main = 'package disclosure.main\n\ndecision := {"reasons": [{}], "stops": 1}\n'

    said = ConfirmedPolicy.of({"main.rego": main}, "{}").said(known(CASE))

    assert {"reasons": [{}], "stops": 1} == said
