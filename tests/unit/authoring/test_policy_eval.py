"""Why a decision came out as it did, and why nothing else carried it, on every engine."""

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring.engines import ENGINES
from gateway.authoring.policy_eval import Evaluation, evaluate_input
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from tests.simulators.policy_inputs import CASES, POLICIES, SCHEMAS, T0, known

CONTRACT = PolicyContract.read(SCHEMAS)
WITHDRAWN = {"/registered/consents/0/withdrawn_at": T0}


def evaluated(question: dict[str, Any], **how: Any) -> Evaluation:
    return evaluate_input(POLICIES, CONTRACT, question, **how)


def standings(found: Evaluation) -> dict[str, str]:
    return {s.rule: s.standing for s in found.steps if s.kind == "basis"}


def test_input_that_breaks_its_schema_is_not_evaluated() -> None:
    for question in ({}, {"request": None}, known("consent_private", {"/asserted": None})):
        with pytest.raises(PolicyUnavailable):
            evaluated(question)


def test_engine_that_is_not_there_is_silence() -> None:
    with pytest.raises(PolicyUnavailable, match="make tools"):
        evaluated(known("consent_private"), engine="opa", opa=None)


def test_refusal_says_what_is_against_every_basis() -> None:
    found = evaluated(known("consent_private", WITHDRAWN))

    said = {s.rule: {one.code for one in s.said} for s in found.steps if s.kind == "basis"}
    assert "CONSENT_WITHDRAWN" in said["consent_private"]
    assert {*build_bundle(POLICIES).data["basis"]} == set(said)
    assert [] == [rule for rule, codes in said.items() if not codes]
    assert "carries" not in standings(found).values()


def test_everything_against_a_basis_has_a_sentence_and_an_article() -> None:
    found = evaluated(known("consent_private", WITHDRAWN))

    for step in found.steps:
        for one in step.said:
            assert one.title_ja, (step.rule, one)
            assert one.article, (step.rule, one)
            assert one.next_step_ja, (step.rule, one)


def test_basis_that_is_not_for_this_question_says_why_not() -> None:
    found = evaluated(known("consent_private"))

    elsewhere = next(s for s in found.steps if s.rule == "consent_public")
    assert "elsewhere" == elsewhere.standing
    assert "BASIS_NOT_FOR_SENDER" in {one.code for one in elsewhere.said}
    assert "consent_public" not in found.candidates


def test_ground_that_carries_names_its_facts_and_fields() -> None:
    found = evaluated(known("consent_private"))

    carrying = next(s for s in found.steps if s.rule == "consent_private")
    ground = next(one for one in carrying.said if not one.code)
    assert "carries" == carrying.standing
    assert "subject.phones" in ground.fields
    assert ("consent:consent-sato",) == ground.facts


def test_field_that_is_withheld_names_the_rule_against_it() -> None:
    found = evaluated(known("stop_my_number"))

    phones = next(f for f in found.fields if f.field == "subject.phones")
    name = next(f for f in found.fields if f.field == "subject.name_original")
    assert not phones.passes
    assert (("MY_NUMBER_FOUND", "stop_my_number"),) == phones.against
    assert name.passes
    assert ("consent_private",) == name.bases


# Each asks every basis of the registry; one in eight is enough to see that nothing is made up.
@pytest.mark.parametrize("case", CASES[::8])
def test_decision_explained_is_the_decision_served(case: str) -> None:
    found = evaluated(known(case))
    served = asyncio.run(CurrentPolicy(POLICIES, CONTRACT).decide(known(case)))

    assert served.decision == found.decision
    assert {f.field for f in found.fields if f.passes} == set(served.decision["fields_permitted"])
    assert {s["stop"] for s in served.decision["stops"]} == {
        s.rule for s in found.steps if s.kind == "stop" and s.spoke
    }


def test_every_engine_gives_the_same_trace(opa: Path) -> None:
    for question in (known("consent_private"), known("stop_protected_address")):
        traces = [
            dataclasses.replace(evaluated(question, engine=engine, opa=opa), engine="")
            for engine in ENGINES
        ]
        assert [traces[0]] * len(ENGINES) == traces
        json.dumps(dataclasses.asdict(traces[0]))
