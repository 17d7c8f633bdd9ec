"""Asked only: decided and recorded like at the door, and nothing can follow from it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import jsonschema_rs
import pytest

from gateway.audit.verify import ContradictsEvidence, verify_decision
from gateway.authoring.policy_replay import replay
from gateway.domain.disclosure import AssertedFact, Capacity, Outcome
from gateway.domain.errors import (
    LogUnavailable,
    MalformedRequest,
    NotAuthorized,
    NotFound,
    RequestError,
    SchemaViolation,
)
from gateway.domain.ids import ActorId, AgencyId, DecisionId, DisclosureId, FieldId
from gateway.policy.cases import read_cases
from gateway.services.asking import Upload
from gateway.services.audit_records import AuditRecords
from gateway.services.dry_run import DryRun, DryRunAnswer, DryRunAsked, FieldAsked
from gateway.services.past_decisions import PastDecisions
from gateway.services.registers.registration import Registrar
from gateway.services.registers.schemas import FactSchemas
from gateway.services.registers.subjects import Subjects
from tests.simulators.house import House
from tests.simulators.policy_inputs import CASES, DAY, POLICIES, SCHEMAS, T0, known, protection_flag
from tests.simulators.silence import SilentPolicy

CASE: Final = "consent_private"
WORDS: Final = "架空太郎"
BODY: Final = jsonschema_rs.Draft202012Validator(
    json.loads((SCHEMAS / "audit-body.json").read_text(encoding="utf-8"))
)
LATELY: Final = "lately_count"


def _fits(question: Mapping[str, Any]) -> bool:
    """Whether a case carries what a dry run can carry: pushed, clear of numbers and unread."""
    request = question["request"]
    return request["direction"] == "push" and all(
        f["my_number"] == "clear" and f["screener"] and not f["share_ready_by"]
        for f in request["fields"]
    )


FITTING: Final = [case for case in CASES if _fits(known(case))]


def dry_run(house: House, **changes: Any) -> DryRun:
    context = replace(house.context, **changes)
    registrar = Registrar(context, FactSchemas(SCHEMAS / "policy-input.json"))
    return DryRun(context, Subjects(registrar))


def asked_of(question: Mapping[str, Any], **changes: Any) -> DryRunAsked:
    """Return what a policy input asks; handles of the house are their own references."""
    request = question["request"]
    values: dict[str, Any] = {
        "actor": ActorId(request["sender"]["actor"]),
        "recipient_type": "agency",
        "recipient": request["recipient"]["agency"],
        "recipient_actor": ActorId(request["recipient"]["actor"]) or None,
        "purpose": request["purpose"],
        "record_type": "subject",
        "local_ref": request["subject"],
        "capacity": Capacity(**request["sender"]["capacity"]),
        "basis": request["basis"],
        "refs": request["refs"],
        "profile": request["profile"],
        "urgency": request["urgency"],
        "co_subjects": {
            s["id"]: s["relation"]
            for s in question["registered"]["subjects"]
            if s["id"] != request["subject"]
        },
        "fields": tuple(
            FieldAsked(FieldId(f["id"]), tuple(f["classes"]), tuple(f["about"]), f["origin"])
            for f in request["fields"]
        ),
        "asserted": tuple(
            AssertedFact(
                a["fact"],
                a["value"],
                ActorId(a["actor"]),
                a["evidence"],
                a["text"] or "語" * a["text_chars"],
                a["subject"],
            )
            for a in question["asserted"]
        ),
    }
    return DryRunAsked(**{**values, **changes})


def ask(house: House, *asked: DryRunAsked | RequestError, **options: Any) -> Any:
    changes = options.pop("context", {})
    caller = options.pop("caller", None) or house.caller("npo-hidamari")
    return house.run(dry_run(house, **changes).ask(caller, asked, **options))


def answer_to(house: House, asked: DryRunAsked, **options: Any) -> DryRunAnswer:
    (answer,) = ask(house, asked, **options)
    assert isinstance(answer, DryRunAnswer), answer
    return answer


def furnished(house: House, case: str = CASE, changes: Mapping[str, Any] | None = None) -> Any:
    question = known(case, changes)
    house.furnish(question)
    return question


def decisions(house: House) -> list[dict[str, Any]]:
    return [body for _, body in house.entries(kinds={"decision"})]


def rows(house: House, table: str) -> Any:
    return house.context.registers.rows(house.context.tenant_id, table, {})


# --- no -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unknown",
    [
        {"recipient": WORDS},
        {"recipient": "agency-absent"},
        {"recipient_type": "unknown"},
        {"recipient_type": "agency_system"},
        {"purpose": WORDS},
        {"purpose": "GET"},
        {"purpose": ""},
        {"record_type": WORDS},
        {"record_type": ""},
        {"record_type": WORDS, "fields": ()},
        {"record_type": "minutes", "fields": ()},
        {"profile": "no_such_set", "fields": ()},
        {"local_ref": "another-person", "fields": ()},
    ],
    ids=str,
)
def test_dry_run_about_something_unknown_is_no_and_recorded_without_its_words(
    house: House, unknown: dict[str, Any]
) -> None:
    question = furnished(house)

    answer = answer_to(house, asked_of(question, **unknown))

    assert not answer.permitted
    (body,) = decisions(house)
    assert body["decision_id"] == answer.decision.decision_id
    assert body["dry_run"] is True
    assert [] == body["field_ids"]
    assert Outcome.INDETERMINATE is not answer.decision.outcome  # policy was asked and said no
    BODY.validate({"type": "decision", "body": body})
    assert WORDS not in json.dumps(body, ensure_ascii=False)


def test_dry_run_for_a_purpose_without_persons_does_not_pass_an_unknown_record(
    house: House,
) -> None:
    question = furnished(house)

    for purpose in ("match", "stats", "study", "abuse"):
        asked = asked_of(question, purpose=purpose, record_type="route", fields=())
        assert not answer_to(house, asked).permitted, purpose


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "suspended"},
        {"valid_from": T0 + 1},
        {"valid_to": T0},
        {"valid_to": T0 - DAY},
    ],
    ids=str,
)
def test_dry_run_for_a_system_out_of_force_is_no(house: House, changes: dict[str, Any]) -> None:
    question = furnished(house)
    house.fact("system", {**system(), **changes})

    asked = asked_of(question, recipient_type="agency_system", recipient="shakyo-desk")

    assert not answer_to(house, asked).permitted


def test_dry_run_by_a_person_of_another_agency_is_not_decided(house: House) -> None:
    question = furnished(house)

    (answer,) = ask(house, asked_of(question, actor=ActorId("actor-shakyo")))

    assert isinstance(answer, NotAuthorized)
    assert [] == decisions(house)


def test_dry_run_about_the_person_of_another_agency_is_about_ones_own_reference(
    house: House,
) -> None:
    """社協 cannot ask about ひだまり's people, not even by guessing their references."""
    question = furnished(house)
    asked = asked_of(question, actor=ActorId("actor-shakyo"), recipient="npo-hidamari")

    answer = answer_to(house, asked, caller=house.caller("aoba-shakyo"))

    assert not answer.permitted
    (body,) = decisions(house)
    assert "s-sato" != body["subject"]
    assert "aoba-shakyo" == body["sender_agency"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"co_subjects": {"s-sato": "household"}}, "/context/co_subjects"),
        ({"fields": (FieldAsked(FieldId("subject.phones")),) * 2}, "/context/fields"),
        ({"fields": (FieldAsked(FieldId("subject.no_such")),)}, "/context/fields"),
        (
            {"fields": (FieldAsked(FieldId("subject.phones"), (), ("s-nobody",)),)},
            "/context/fields",
        ),
        (
            {"asserted": (AssertedFact("danger", "life", ActorId("a"), "seen", "", "s-nobody"),)},
            "/context/asserted",
        ),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_dry_run_whose_parts_do_not_fit_is_a_violation_and_makes_no_handle(
    house: House, changes: dict[str, Any], pointer: str
) -> None:
    question = furnished(house)
    asked = asked_of(question, **{"local_ref": "s-sato", **changes})
    before = house.entries()

    (answer,) = ask(house, asked)

    assert isinstance(answer, SchemaViolation)
    assert pointer in [p for p, _ in answer.errors]
    assert before == house.entries()


def test_dry_run_while_policy_is_silent_is_no_recorded_and_raised_as_an_alert(
    house: House,
) -> None:
    question = furnished(house)

    answer = answer_to(house, asked_of(question), context={"pdp": SilentPolicy()})

    assert not answer.permitted
    (body,) = decisions(house)
    assert ("indeterminate", True) == (body["outcome"], body["dry_run"])
    assert ["policy_silent"] == [row["kind"] for row in rows(house, "notice")]


def test_dry_run_that_cannot_be_recorded_is_not_answered(house: House) -> None:
    question = furnished(house)
    house.writer.close()

    with pytest.raises(LogUnavailable):
        ask(house, asked_of(question))


def test_dry_run_to_the_counterpart_reaches_the_officer_with_its_entry(house: House) -> None:
    question = furnished(house)
    house.fact("protection_flag", protection_flag(counterpart_agencies=["aoba-shakyo"]))

    answer = answer_to(house, asked_of(question))

    assert not answer.permitted
    ((kind, decision_id),) = [(r["kind"], r["decision_id"]) for r in rows(house, "notice")]
    assert ("alert", answer.decision.decision_id) == (kind, decision_id)
    entry_id = AuditRecords(house.context).entry_of(DecisionId(decision_id))
    body = house.recorder.body_of(entry_id)
    assert (["PROTECTED_ADDRESS"], True) == (body["reasons"], body["dry_run"])


def test_entry_of_a_decision_that_was_never_made_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        AuditRecords(house.context).entry_of(DecisionId("decision-0"))


# --- yes, and nothing comes of it --------------------------------------------------------------


@pytest.mark.parametrize("case", FITTING)
def test_dry_run_decides_a_known_case_as_the_door_does(house: House, case: str) -> None:
    question = furnished(house, case)
    caller = house.caller(question["request"]["sender"]["agency"])

    answer = answer_to(house, asked_of(question), caller=caller)

    expected = next(c for c in read_cases(POLICIES) if c.id == case)
    assert expected.outcome == str(answer.decision.outcome)
    assert expected.permitted == answer.decision.permitted


def test_dry_run_names_an_agency_by_its_system(house: House) -> None:
    question = furnished(house)
    house.fact("system", system())

    asked = asked_of(question, recipient_type="agency_system", recipient="shakyo-desk")

    assert answer_to(house, asked).permitted
    assert "aoba-shakyo" == decisions(house)[0]["recipient_agency"]


def test_dry_run_without_fields_asks_about_what_the_set_needs_of_the_record(
    house: House,
) -> None:
    question = furnished(house)
    needed = house.context.rulebook.needed_fields("refer", "referral_basic")

    answer = answer_to(house, asked_of(question, profile="referral_basic", fields=()))

    asked = decisions(house)[0]["policy_input"]["request"]["fields"]
    assert [f for f in needed if f.startswith("subject.")] == [f["id"] for f in asked]
    assert all(("clear", "dry-run", "") == _screening(f) for f in asked)
    assert answer.permitted
    assert "subject.phones" in answer.decision.permitted


def test_dry_run_leaves_a_narrative_unread(house: House) -> None:
    question = furnished(house)

    answer = answer_to(
        house, asked_of(question, record_type="referral", profile="referral_basic", fields=())
    )

    withheld = {w.id for w in answer.decision.withheld}
    assert {"referral.heard_summary", "referral.done_so_far"} <= withheld


def test_field_about_nobody_in_particular_is_about_everybody_named(house: House) -> None:
    question = furnished(house)
    asked = asked_of(
        question,
        co_subjects={"s-son": "household"},
        fields=(FieldAsked(FieldId("subject.phones")),),
    )

    answer = answer_to(house, asked)

    (field,) = decisions(house)[0]["policy_input"]["request"]["fields"]
    assert 2 == len(field["about"])
    assert ("CON",) == tuple(field["classes"])
    assert not answer.permitted
    assert ["THIRD_PERSON_INCLUDED"] == [r.code for r in answer.decision.reasons]


def test_dry_run_that_is_permitted_leaves_nothing_that_could_be_used(house: House) -> None:
    question = furnished(house)

    answer = answer_to(house, asked_of(question))

    assert answer.permitted
    assert [] == [t for t in ("unit", "disclosure", "delivery", "task", "notice") if rows(house, t)]
    assert {"decision"} == {t for t, _ in house.entries()} - {"pad"}
    disclosure_id = DisclosureId(decisions(house)[0]["disclosure_id"])
    upload = Upload(
        disclosure_id,
        AgencyId("aoba-shakyo"),
        answer.decision.decision_id,
        (FieldId("subject.phones"),),
        "a.b.c.d.e",
    )
    with pytest.raises(NotFound):
        house.release(upload, question)


def test_evidence_of_a_dry_run_is_no_permit_to_whoever_verifies_it(house: House) -> None:
    question = furnished(house)
    answer = answer_to(house, asked_of(question))
    entry_id = AuditRecords(house.context).entry_of(answer.decision.decision_id)

    evidence = house.recorder.evidence_of(entry_id, only=("outcome", "field_ids"))

    with pytest.raises(ContradictsEvidence, match="only asked"):
        verify_decision(evidence, house.trusted, expected={})


def test_dry_runs_do_not_count_as_earlier_disclosures(house: House) -> None:
    question = furnished(house, "public_special_reason")
    asked = asked_of(question)
    caller = house.caller(question["request"]["sender"]["agency"])

    ask(house, asked, asked, asked, caller=caller)
    ask(house, asked, caller=caller)

    bodies = decisions(house)
    assert ["permit"] * 4 == [body["outcome"] for body in bodies]
    counted = {
        (b["policy_input"]["computed"]["ad_hoc_count"], b["policy_input"]["computed"][LATELY])
        for b in bodies
    }
    assert {(0, 0)} == counted


def test_dry_runs_are_replayed_to_the_same_answers(house: House) -> None:
    question = furnished(house)
    ask(house, asked_of(question), asked_of(question, purpose="watch"))
    past = PastDecisions(house.context)

    bundle = house.current.bundle
    report = replay(
        list(past.read(past.select())), bundle, kept={bundle.revision: bundle.archive}, jobs=1
    )

    assert (2, [], 0, 0) == (report.checked, report.differing, report.erased, report.changed)


# --- several ------------------------------------------------------------------------------------


def test_batch_goes_on_after_what_could_not_be_read(house: House) -> None:
    question = furnished(house)
    unreadable = MalformedRequest("actor")

    answers = ask(house, unreadable, asked_of(question), asked_of(question, purpose="watch"))

    assert answers[0] is unreadable
    assert [True, False] == [a.permitted for a in answers[1:]]
    assert [b["decision_id"] for b in decisions(house)] == [
        a.decision.decision_id for a in answers[1:]
    ]
    assert answers[1].index + 1 == answers[2].index


@pytest.mark.parametrize(
    ("until", "order", "count"),
    [
        (None, "ynyn", 4),
        (False, "ynyn", 2),
        (False, "yeyn", 2),
        (False, "yy", 2),
        (True, "nyyn", 2),
        (True, "neyn", 3),
        (True, "nn", 2),
    ],
)
def test_batch_ends_with_the_answer_it_looks_for(
    house: House, *, until: bool | None, order: str, count: int
) -> None:
    question = furnished(house)
    of = {
        "y": asked_of(question),
        "n": asked_of(question, purpose="watch"),
        "e": MalformedRequest("actor"),
    }

    answers = ask(house, *(of[o] for o in order), until=until)

    assert count == len(answers)
    assert sum(o != "e" for o in order[:count]) == len(decisions(house))


def test_batch_of_nothing_readable_records_nothing(house: House) -> None:
    furnished(house)
    before = house.entries()

    (answer,) = ask(house, MalformedRequest("actor"))

    assert isinstance(answer, MalformedRequest)
    assert before == house.entries()


# --- how ----------------------------------------------------------------------------------------


def system() -> dict[str, Any]:
    return {
        "id": "shakyo-desk",
        "agency": "aoba-shakyo",
        "name": "窓口",
        "status": "active",
        "scopes": ["member"],
        "valid_from": 0,
        "valid_to": None,
    }


def _screening(field: Mapping[str, Any]) -> tuple[str, str, str]:
    return field["my_number"], field["screener"], field["share_ready_by"]
