"""The embedded engine answers what it understood completely, or is silent."""

import asyncio
import concurrent.futures
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.disclosure import Outcome
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import ENTRYPOINT, PolicyBundle, build_bundle
from gateway.policy.cases import KnownCase, read_cases
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from gateway.policy.interpreter import engine_for, guarded
from tests.simulators.policy_inputs import CASES, POLICIES, known

# What a meeting of the law asks for beyond the rest; rules take its absence for no.
OPTIONAL = {"counterpart_checked", "told_under"}
PERMITTED = tuple(c.id for c in read_cases(POLICIES) if c.outcome == "permit")


@pytest.mark.parametrize("question", [{}, {"request": {}}, {"input": 1}])
def test_decide_on_a_broken_input_is_silence(policy: EmbeddedPolicy, question: Any) -> None:
    with pytest.raises(PolicyUnavailable, match="its schema"):
        policy.decide_now(question)


@pytest.mark.parametrize("case", PERMITTED)
def test_decide_with_any_required_member_removed_is_silence(
    policy: EmbeddedPolicy, case: str
) -> None:
    """The schema demands every member, so that no rule ever misses one unnoticed."""
    for pointer in members(known(case)):
        if pointer.rsplit("/", 1)[1] in OPTIONAL:
            continue
        with pytest.raises(PolicyUnavailable):
            policy.decide_now(known(case, removed=[pointer]))


@pytest.mark.parametrize(
    "question", ["{}", "null", "[]", '{"request": null}', '{"registered": {}}']
)
def test_rules_alone_never_permit_on_nothing(bundle: PolicyBundle, question: str) -> None:
    """Even where nobody checks the schema, as in a sidecar asked by somebody else."""
    assert not passing(engine_for(bundle.modules, bundle.data_json), question)


@pytest.mark.parametrize("case", PERMITTED)
def test_rules_alone_never_permit_more_when_a_member_is_missing(
    bundle: PolicyBundle, case: str
) -> None:
    engine = engine_for(bundle.modules, bundle.data_json)
    whole = passing(engine, json.dumps(known(case)))

    for pointer in members(known(case)):
        question = json.dumps(known(case, removed=[pointer]))
        assert passing(engine, question) <= whole, pointer


@pytest.mark.parametrize("part", ["request", "registered", "asserted", "computed"])
def test_rules_alone_never_permit_without_a_part(bundle: PolicyBundle, part: str) -> None:
    question = json.dumps(known("vital_interest_private", removed=[f"/{part}"]))

    assert not passing(engine_for(bundle.modules, bundle.data_json), question)


def test_decide_on_what_is_not_plain_json_is_silence(policy: EmbeddedPolicy) -> None:
    question = known("consent_private", {"/asserted": {1, 2}})

    with pytest.raises(PolicyUnavailable, match="plain JSON"):
        policy.decide_now(question)


def test_decide_when_the_decision_is_undefined_is_silence(
    bundle: PolicyBundle, contract: PolicyContract
) -> None:
    """A duty that no table describes: nothing passes without it."""
    table = bundle.data["obligations"]
    duties = {c: row for c, row in table["duties"].items() if c != "purpose_only"}
    data = {**bundle.data, "obligations": {**table, "duties": duties}}
    policy = EmbeddedPolicy(replace(bundle, data=data), contract)

    with pytest.raises(PolicyUnavailable):
        policy.decide_now(known("consent_private"))


def test_decide_when_the_answer_has_another_shape_is_silence(
    policies_copy: Path, contract: PolicyContract
) -> None:
    path = policies_copy / "disclosure/main/main.rego"
    text = path.read_text(encoding="utf-8").replace('"alert": alert', '"alarm": alert')
    path.write_text(text, encoding="utf-8")
    policy = EmbeddedPolicy(build_bundle(policies_copy), contract)

    with pytest.raises(PolicyUnavailable, match="its schema"):
        policy.decide_now(known("consent_private"))


def test_answer_that_contradicts_itself_is_silence(
    policy: EmbeddedPolicy, contract: PolicyContract
) -> None:
    said = dict(policy.decide_now(known("consent_private")).decision) | {"outcome": "deny"}

    with pytest.raises(PolicyUnavailable, match="contradicts"):
        contract.read_answer(said, revision="r", engine="e")


def test_decide_when_the_engine_fails_is_silence(
    policies_copy: Path, contract: PolicyContract
) -> None:
    path = policies_copy / "lib/time/time.rego"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("at < end\n", 'at < to_number("x")\n'), encoding="utf-8")
    policy = EmbeddedPolicy(build_bundle(policies_copy), contract)

    with pytest.raises(PolicyUnavailable, match="engine failed"):
        policy.decide_now(known("consent_private"))


@pytest.mark.parametrize("case", read_cases(POLICIES), ids=CASES)
def test_decide_on_a_known_case_is_as_expected(policy: EmbeddedPolicy, case: KnownCase) -> None:
    assert not case.differs(policy.decide_now(case.policy_input).decision)


def test_decide_names_revision_and_engine(policy: EmbeddedPolicy, bundle: PolicyBundle) -> None:
    answer = asyncio.run(policy.decide(known("consent_private")))

    assert Outcome.PERMIT is answer.outcome
    assert bundle.revision == answer.revision == policy.revision
    assert answer.engine.startswith("regorus ")


def test_decide_in_many_threads_answers_alike(policy: EmbeddedPolicy) -> None:
    """An engine belongs to the thread that made it; each thread gets its own."""
    expected = policy.decide_now(known("consent_private")).decision

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        said = list(pool.map(policy.decide_now, itertools.repeat(known("consent_private"), 16)))

    assert all(expected == answer.decision for answer in said)


def test_decide_leaves_nothing_behind(policy: EmbeddedPolicy) -> None:
    """One decision never leaks into the next on the same engine."""
    alone = [policy.decide_now(known(c)).decision for c in CASES]

    again = [policy.decide_now(known(c)).decision for c in reversed(CASES)]

    assert alone == list(reversed(again))


def passing(engine: Any, question: str) -> set[str]:
    """Ask the rules alone; an error or nothing said lets nothing pass."""
    try:
        with guarded():
            engine.set_input_json(question)
            said = json.loads(engine.eval_rule_as_json(ENTRYPOINT))
    except PolicyUnavailable:
        return set()
    return set() if said == "<undefined>" else set(said["fields_permitted"])


def members(value: Any, pointer: str = "") -> Iterator[str]:
    """Yield the pointer of every member of an object, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{pointer}/{key}"
            yield from members(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from members(inner, f"{pointer}/{position}")
