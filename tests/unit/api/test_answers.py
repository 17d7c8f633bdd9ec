"""What a sender's own people and an officer hear of the same decision."""

from pathlib import Path
from typing import Any, Final

import pytest

from gateway.api.answers import unit_json
from gateway.api.problems import Audience
from gateway.audit.verify import Evidence
from gateway.crypto.commitment import Opening
from gateway.domain.decisions import decision_from
from gateway.domain.ids import ActorId, AgencyId, DecisionId, SubjectId
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from gateway.policy.rulebook import CurrentRulebook
from gateway.policy.selfcheck import load_policy
from gateway.policy.serving import CurrentPolicy
from gateway.services.asking import DecidedUnit
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, asserted, known

ROOT: Final = Path(__file__).resolve().parents[3]
FLAG: Final = known("stop_protected_address")["registered"]["protection_flags"][0]
NOTICE: Final = known("stop_stalker")["registered"]["stalker_notices"][0]
PHONES: Final = [known("consent_private")["request"]["fields"][1]]
# Whatever has to be kept from whoever asks and from the sender's own desk alike.
HIDDEN: Final = {
    "the counterpart receives": known("stop_protected_address_counterpart"),
    "a likely stalker receives": known("stop_stalker"),
    "the counterpart is said to ask": known(
        "consent_private", {"/asserted": [asserted("asked_by_counterpart", 1)]}
    ),
    "nothing but whereabouts of a protected person": known(
        "consent_private",
        {"/request/fields": PHONES, "/registered/protection_flags": [FLAG]},
    ),
}


@pytest.fixture(scope="module")
def policy() -> EmbeddedPolicy:
    return load_policy(POLICIES, PolicyContract.read(SCHEMAS))[0]


@pytest.fixture(scope="module")
def rulebook() -> CurrentRulebook:
    return CurrentRulebook(CurrentPolicy(ROOT / "policies", PolicyContract.read(SCHEMAS)))


def shown(
    policy: EmbeddedPolicy, rulebook: CurrentRulebook, question: dict[str, Any], to: Audience
) -> dict[str, Any]:
    """Return a decision as it is told, without the fields that were asked for."""
    unit = DecidedUnit(
        decision=decision_from(policy.decide_now(question), DecisionId("decision-1")),
        recipient=AgencyId("aoba-shakyo"),
        recipient_actor=ActorId("actor-shakyo"),
        subject=SubjectId("s-sato"),
        state="refused",
        expires_at=None,
        recipient_key=None,
        index=0,
        evidence=Evidence(b"leaf", Opening(bytes(32), ()), "proof"),
    )
    told = unit_json(unit, to, rulebook)
    said = {tuple(w["codes"]) for w in told.pop("fields_withheld")}
    return {**told, "codes": said}


@pytest.mark.parametrize("circumstance", HIDDEN)
@pytest.mark.parametrize("audience", [Audience.ASKER, Audience.CONTROLLER])
def test_hidden_refusal_is_one_fixed_text(
    policy: EmbeddedPolicy, rulebook: CurrentRulebook, circumstance: str, audience: Audience
) -> None:
    told = shown(policy, rulebook, HIDDEN[circumstance], audience)

    assert ("deny", [], {("NOT_SHAREABLE",)}) == (told["label"], told["held_by"], told["codes"])
    assert ["NOT_SHAREABLE"] == [r["code"] for r in told["reasons"]]


def test_hidden_refusals_read_the_same(policy: EmbeddedPolicy, rulebook: CurrentRulebook) -> None:
    told = [shown(policy, rulebook, q, Audience.CONTROLLER) for q in HIDDEN.values()]

    assert all(answer == told[0] for answer in told)


def test_officer_hears_who_may_lift_a_hidden_refusal(
    policy: EmbeddedPolicy, rulebook: CurrentRulebook
) -> None:
    question = HIDDEN["nothing but whereabouts of a protected person"]

    told = shown(policy, rulebook, question, Audience.OFFICER)

    assert ("held", ["approver", "second_person"]) == (told["label"], told["held_by"])
    assert {("PROTECTED_ADDRESS",)} == told["codes"]


def test_refusal_that_may_be_said_says_who_may_lift_it(
    policy: EmbeddedPolicy, rulebook: CurrentRulebook
) -> None:
    question = known("public_special_reason", {"/registered/approvals": []})

    told = shown(policy, rulebook, question, Audience.CONTROLLER)

    assert ("held", ["approver"]) == (told["label"], told["held_by"])
