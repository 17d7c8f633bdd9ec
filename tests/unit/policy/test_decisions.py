"""A policy answer becomes the decision that is recorded."""

from dataclasses import replace

import pytest

from gateway.domain.decisions import decision_from, indeterminate
from gateway.domain.disclosure import Label, Outcome, Side
from gateway.domain.ids import DecisionId, FieldId
from gateway.policy.embedded import EmbeddedPolicy
from tests.simulators.policy_inputs import T0, known

ID = DecisionId("decision-1")


@pytest.mark.parametrize(
    ("case", "label"),
    [
        ("consent_private", Label.PERMIT),
        ("stop_my_number", Label.PERMIT_PARTIAL),
        ("stop_improper_use", Label.DENY),
        ("main", Label.DENY),
    ],
)
def test_decision_has_its_label(policy: EmbeddedPolicy, case: str, label: Label) -> None:
    assert label is decision_from(policy.decide_now(known(case)), ID).label


def test_decision_that_somebody_may_lift_is_held(policy: EmbeddedPolicy) -> None:
    question = known("public_special_reason", {"/registered/approvals": []})

    decision = decision_from(policy.decide_now(question), ID)

    assert Label.HELD is decision.label
    assert ("approver",) == decision.held_by
    assert "seek_approval" in decision.reasons[0].lawful_alternatives


def test_withheld_field_of_a_permit_names_who_may_lift_it(policy: EmbeddedPolicy) -> None:
    decision = decision_from(policy.decide_now(known("stop_protected_address")), ID)

    assert (Label.PERMIT_PARTIAL, ()) == (decision.label, decision.held_by)
    (phones,) = decision.withheld
    assert ("approver", "second_person") == phones.by


def test_withheld_field_that_nobody_may_lift_names_nobody(policy: EmbeddedPolicy) -> None:
    decision = decision_from(policy.decide_now(known("stop_my_number")), ID)

    assert [()] == [withheld.by for withheld in decision.withheld]


def test_answer_of_an_older_revision_names_nobody_by_field(policy: EmbeddedPolicy) -> None:
    answer = policy.decide_now(known("stop_protected_address"))
    said = dict(answer.decision)
    said["fields_withheld"] = [
        {"field": w["field"], "codes": w["codes"]} for w in said["fields_withheld"]
    ]

    decision = decision_from(replace(answer, decision=said), ID)

    assert [()] == [withheld.by for withheld in decision.withheld]


def test_decision_carries_everything_that_explains_it(policy: EmbeddedPolicy) -> None:
    decision = decision_from(policy.decide_now(known("vital_interest_private")), ID)

    assert Outcome.PERMIT is decision.outcome
    assert ("vital_interest_private",) == decision.bases
    assert ("個人情報の保護に関する法律27条1項2号",) == decision.articles
    assert ("consent_difficult", "danger") == decision.asserted
    assert policy.revision == decision.policy_revision
    review = next(o for o in decision.obligations if o.code == "officer_review")
    assert "controller" == review.bearer
    assert T0 < (review.due_at or 0)


def test_refusal_names_side_and_next_step(policy: EmbeddedPolicy) -> None:
    question = known("consent_private", {"/registered/consents/0/withdrawn_at": T0})

    (reason,) = decision_from(policy.decide_now(question), ID).reasons

    assert ("CONSENT_WITHDRAWN", "consent_private") == (reason.code, reason.rule)
    assert Side.CONTROLLER is reason.side
    assert "あらためてご相談ください" in reason.next_step_ja
    assert () == reason.fields


def test_silence_withholds_every_field() -> None:
    asked = [FieldId("subject.phones"), FieldId("subject.name_original"), FieldId("subject.phones")]

    decision = indeterminate(ID, asked, revision="r", engine="e")

    assert Outcome.INDETERMINATE is decision.outcome
    assert ("subject.name_original", "subject.phones") == tuple(w.id for w in decision.withheld)
    assert Label.DENY is decision.label
    assert decision.alert
