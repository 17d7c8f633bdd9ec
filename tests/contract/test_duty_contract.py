"""The second entry point: interpreter, compiled evaluator and a real OPA name the same duties."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from gateway.authoring.opa_server import find_opa, opa_serving
from gateway.authoring.policy_test import test_data
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle, build_bundle, sources_of
from gateway.policy.compiled import CompiledPolicy
from gateway.policy.contract import PolicyContract
from gateway.policy.duty import DUTY_ENTRYPOINT, DutyContract, EmbeddedDuties, OPADuties
from gateway.policy.interpreter import engine_for
from gateway.policy.opa import OPAPolicy
from tests.simulators.policy_inputs import POLICIES, SCHEMAS

OPA = find_opa(POLICIES.parent)
needs_opa = pytest.mark.skipif(OPA is None, reason="no OPA binary: run `make tools`")
CONTRACT = DutyContract.read(SCHEMAS)


def questions() -> Mapping[str, Any]:
    engine = engine_for(sources_of(POLICIES), json.dumps(test_data(POLICIES)))
    found: dict[str, Any] = orjson.loads(engine.eval_rule_as_json("data.duty.main_test.questions"))
    return {name: q for name, q in found.items() if CONTRACT.question.is_valid(q)}


QUESTIONS = questions()


@pytest.fixture(scope="module")
def bundle() -> PolicyBundle:
    return build_bundle(POLICIES)


@pytest.fixture(scope="module")
def duties(bundle: PolicyBundle) -> EmbeddedDuties:
    return EmbeddedDuties(bundle, CONTRACT)


@pytest.fixture(scope="module")
def compiled(bundle: PolicyBundle) -> CompiledPolicy:
    return CompiledPolicy(bundle.modules, bundle.data_json, DUTY_ENTRYPOINT)


@pytest.fixture(scope="module")
def opa_port(bundle: PolicyBundle) -> Iterator[int]:
    assert OPA is not None
    with opa_serving(OPA, bundle.archive) as port:
        yield port


def ask_opa(port: int, revision: str, question: Any) -> Any:
    async def ask() -> Any:
        contract = PolicyContract.read(SCHEMAS)
        policy = OPAPolicy(contract, revision=revision, port=port, timeout_s=5.0)
        async with policy:
            return await OPADuties(policy, CONTRACT).decide(question)

    return asyncio.run(ask())


@pytest.mark.parametrize("name", QUESTIONS)
def test_duties_compiled_are_those_of_the_interpreter(
    duties: EmbeddedDuties, compiled: CompiledPolicy, name: str
) -> None:
    assert duties.decide_now(QUESTIONS[name]) == compiled.said(QUESTIONS[name])


@needs_opa
@pytest.mark.opa
@pytest.mark.parametrize("name", QUESTIONS)
def test_duties_of_opa_are_those_of_the_interpreter(
    duties: EmbeddedDuties, bundle: PolicyBundle, opa_port: int, name: str
) -> None:
    expected = duties.decide_now(QUESTIONS[name])

    assert expected == ask_opa(opa_port, bundle.revision, QUESTIONS[name])


@needs_opa
@pytest.mark.opa
def test_duties_by_another_revision_are_silence(opa_port: int) -> None:
    question = next(iter(QUESTIONS.values()))

    with pytest.raises(PolicyUnavailable, match="another revision"):
        ask_opa(opa_port, "sha256:other", question)


@pytest.mark.parametrize("path", ["event", "registered", "computed"])
def test_duties_of_a_question_with_a_part_missing_are_silence(
    duties: EmbeddedDuties, path: str
) -> None:
    question = dict(next(iter(QUESTIONS.values())))
    del question[path]

    with pytest.raises(PolicyUnavailable, match="its schema"):
        duties.decide_now(question)


@pytest.mark.parametrize("question", [{}, {"event": {"kind": "breach"}}, {"event": None}])
def test_duties_of_no_question_are_silence(duties: EmbeddedDuties, question: Any) -> None:
    with pytest.raises(PolicyUnavailable, match="its schema"):
        duties.decide_now(question)


def test_duties_of_something_that_is_no_json_are_silence(duties: EmbeddedDuties) -> None:
    question: Any = {**next(iter(QUESTIONS.values())), "event": {"kind": object()}}

    with pytest.raises(PolicyUnavailable):
        duties.decide_now(question)


@pytest.mark.parametrize("said", [None, [], {}, {"duties": [], "because": []}])
def test_answer_of_another_shape_is_silence(said: object) -> None:
    with pytest.raises(PolicyUnavailable, match="its schema"):
        CONTRACT.read_answer(said)
