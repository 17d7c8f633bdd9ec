"""What is read as an AuthZEN question and what is not: the reader and the schemas agree."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from gateway.api.authzen import EvaluationAsked, EvaluationsAsked
from gateway.api.reading import validated
from gateway.domain.disclosure import AssertedFact, Capacity
from gateway.domain.errors import MalformedRequest, RequestError, SchemaViolation
from gateway.domain.ids import ActorId, FieldId
from gateway.services.dry_run import DryRunAsked, FieldAsked
from tests.simulators.authzen import as_ours, as_published, errors_of, interop_requests

BY: Final = ActorId("city-1")
QUESTION: Final[Mapping[str, Any]] = {
    "subject": {"type": "agency", "id": "npo-hidamari"},
    "action": {"name": "refer"},
    "resource": {"type": "referral", "id": "case-1"},
}
FULL: Final[Mapping[str, Any]] = {
    "subject": {"type": "agency_system", "id": "hidamari-desk", "properties": {}},
    "action": {"name": "refer", "properties": {}},
    "resource": {"type": "referral", "id": "令和8年 第1号", "properties": {}},
    "context": {
        "actor": "city-1",
        "recipient_actor": "npo-hidamari-1",
        "direction": "push",
        "capacity": {"kind": "contractor", "ref": "entrustment-1"},
        "basis": "consent_public",
        "refs": {"consent": "consent-1", "statutory_request": ""},
        "profile": "referral_basic",
        "urgency": "today",
        "co_subjects": [{"id": "case-2", "relation": "household"}],
        "fields": [
            {"id": "subject.phones"},
            {
                "id": "referral.reason_codes",
                "classes": ["ECO"],
                "about": ["case-2"],
                "origin": "meeting",
            },
        ],
        "asserted": [
            {"fact": "subject_age", "value": 50, "evidence": "document", "subject": "case-2"},
            {"fact": "danger", "value": "life", "evidence": "seen", "text": "倒れている"},
        ],
    },
}


def _with(*path: str, value: Any) -> dict[str, Any]:
    return _put(FULL, path, value)


def _put(whole: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = path
    return {**whole, first: _put(whole[first], tuple(rest), value) if rest else value}


BAD: Final = [
    {},
    {n: v for n, v in QUESTION.items() if n != "subject"},
    {n: v for n, v in QUESTION.items() if n != "action"},
    {n: v for n, v in QUESTION.items() if n != "resource"},
    {**QUESTION, "extra": 1},
    {**QUESTION, "options": {}},
    {**QUESTION, "context": None},
    {**QUESTION, "context": []},
    {**QUESTION, "subject": None},
    {**QUESTION, "subject": "npo-hidamari"},
    {**QUESTION, "subject": {"type": "agency"}},
    {**QUESTION, "subject": {"type": "agency", "id": 7}},
    {**QUESTION, "subject": {"type": "agency", "id": ""}},
    {**QUESTION, "subject": {"type": "agency", "id": "x" * 201}},
    {**QUESTION, "subject": {"type": "agency", "id": "x", "properties": {"post": "x"}}},
    {**QUESTION, "subject": {"type": "agency", "id": "x", "properties": []}},
    {**QUESTION, "action": {"name": True}},
    {**QUESTION, "action": {"name": "refer", "id": "x"}},
    {**QUESTION, "action": {"name": "refer", "properties": {"method": "GET"}}},
    {**QUESTION, "resource": {"type": "referral"}},
    {**QUESTION, "resource": {"type": "referral", "id": ["case-1"]}},
    {**QUESTION, "resource": {"type": "referral", "id": "case\n1"}},
    {**QUESTION, "resource": {"type": "referral", "id": "case\u2028"}},
    {**QUESTION, "resource": {"type": "referral", "id": "case\u3000"}},
    {**QUESTION, "resource": {"type": "referral", "id": "x" * 201}},
    _with("context", value={"time": "1985-10-26T01:22-07:00"}),
    _with("context", "actor", value="a b"),
    _with("context", "direction", value="pull"),
    _with("context", "direction", value="oral"),
    _with("context", "capacity", value={"ref": "x"}),
    _with("context", "capacity", "kind", value="chief"),
    _with("context", "basis", value="Consent"),
    _with("context", "refs", value={"rumour": "x"}),
    _with("context", "refs", value={"consent": "同意"}),
    _with("context", "profile", value="*"),
    _with("context", "urgency", value="soon"),
    _with("context", "co_subjects", value=[{"id": "case-2", "relation": "main"}]),
    _with("context", "co_subjects", value=[{"id": "", "relation": "household"}]),
    _with(
        "context", "co_subjects", value=[{"id": str(n), "relation": "household"} for n in range(40)]
    ),
    _with("context", "fields", value=["subject.phones"]),
    _with("context", "fields", value=[{"id": "phones"}]),
    _with("context", "fields", value=[{"id": "subject.phones", "my_number": "clear"}]),
    _with("context", "fields", value=[{"id": "subject.phones", "share_ready_by": "city-1"}]),
    _with("context", "fields", value=[{"id": "subject.phones", "classes": ["ALL"]}]),
    _with("context", "fields", value=[{"id": "subject.phones", "value": "090"}]),
    _with("context", "asserted", value=[{"fact": "rumour", "value": 1, "evidence": "seen"}]),
    _with("context", "asserted", value=[{"fact": "danger", "value": 1.5, "evidence": "seen"}]),
    _with("context", "asserted", value=[{"fact": "danger", "value": "life"}]),
]


def _asked(body: Mapping[str, Any], actor: ActorId | None = BY) -> DryRunAsked:
    return validated(EvaluationAsked, body).as_asked(actor)


@pytest.mark.parametrize("body", BAD, ids=str)
def test_question_of_another_form_is_a_violation_by_reader_and_schema(body: Any) -> None:
    with pytest.raises(SchemaViolation):
        validated(EvaluationAsked, body)

    assert not as_ours("evaluation-request", body)


@pytest.mark.parametrize("body", [QUESTION, FULL], ids=["bare", "full"])
def test_question_is_read_as_both_schemas_say(body: Any) -> None:
    assert [] == errors_of("evaluation-request", body)
    assert as_published("evaluation-request", body)
    assert [] == errors_of("evaluations-request", body)
    validated(EvaluationAsked, body)


def test_question_whose_members_are_all_left_out_asks_as_the_door_would() -> None:
    asked = _asked(QUESTION)

    assert ("agency", "npo-hidamari", None) == (
        asked.recipient_type,
        asked.recipient,
        asked.recipient_actor,
    )
    assert ("refer", "referral", "case-1") == (asked.purpose, asked.record_type, asked.local_ref)
    assert Capacity("own_business", "") == asked.capacity
    assert ("", "", "normal", {}) == (asked.basis, asked.profile, asked.urgency, asked.refs)
    assert ((), (), {}) == (asked.fields, asked.asserted, asked.co_subjects)


def test_question_in_full_says_everything_to_the_domain() -> None:
    asked = _asked(FULL)

    assert ("agency_system", "npo-hidamari-1") == (asked.recipient_type, asked.recipient_actor)
    assert Capacity("contractor", "entrustment-1") == asked.capacity
    assert ({"consent": "consent-1"}, {"case-2": "household"}) == (asked.refs, asked.co_subjects)
    assert (
        FieldAsked(FieldId("subject.phones")),
        FieldAsked(FieldId("referral.reason_codes"), ("ECO",), ("case-2",), "meeting"),
    ) == asked.fields
    assert (
        AssertedFact("subject_age", 50, BY, "document", "", "case-2"),
        AssertedFact("danger", "life", BY, "seen", "倒れている", ""),
    ) == asked.asserted


@pytest.mark.parametrize(
    ("header", "said"), [(None, ""), (BY, "city-2"), (ActorId("city-2"), "city-1")]
)
def test_question_of_nobody_or_of_two_is_malformed(header: ActorId | None, said: str) -> None:
    with pytest.raises(MalformedRequest, match="actor"):
        _asked(_with("context", "actor", value=said), header)


@pytest.mark.parametrize(("header", "said"), [(None, "city-1"), (BY, ""), (BY, "city-1")])
def test_question_of_one_person_is_that_persons(header: ActorId | None, said: str) -> None:
    assert BY == _asked(_with("context", "actor", value=said), header).actor


def test_question_that_names_another_person_twice_is_a_violation() -> None:
    twice = [{"id": "case-2", "relation": r} for r in ("household", "reporter")]

    with pytest.raises(SchemaViolation):
        _asked(_with("context", "co_subjects", value=twice))


@pytest.mark.parametrize("type_", ["user", "identity", "Agency", "agency "])
def test_subject_of_another_type_is_read_and_is_nobody(type_: str) -> None:
    body = {**QUESTION, "subject": {"type": type_, "id": "npo-hidamari"}}

    assert "unknown" == _asked(body).recipient_type
    assert [] == errors_of("evaluation-request", body)


def test_published_questions_are_read() -> None:
    """Of routes and methods, which nobody here knows: a conformant PEP hears no, not 400."""
    requests = interop_requests()
    if not requests:
        pytest.skip("the published interop scenario is not at hand")

    assert 25 == len(requests)
    for request in requests:
        assert [] == errors_of("evaluation-request", request)
        assert "unknown" == _asked(request).recipient_type


# --- several ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {**QUESTION, "evaluations": [{}] * 51},
        {**QUESTION, "evaluations": {}},
        {**QUESTION, "evaluations": None},
        {**QUESTION, "evaluations": [{}], "options": {"evaluations_semantic": "any"}},
        {**QUESTION, "evaluations": [{}], "options": {"another": 1}},
        {**QUESTION, "evaluations": [{}], "options": None},
        {**QUESTION, "evaluations": [{}], "subject": "npo-hidamari"},
        {**QUESTION, "evaluations": [{}], "extra": 1},
    ],
    ids=lambda b: str(b)[-80:],
)
def test_batch_of_another_form_is_a_violation_by_reader_and_schema(body: Any) -> None:
    with pytest.raises(SchemaViolation):
        validated(EvaluationsAsked, body)

    assert not as_ours("evaluations-request", body)


@pytest.mark.parametrize("lacking", ["subject", "action", "resource"])
@pytest.mark.parametrize("more", [{}, {"evaluations": []}], ids=["absent", "empty"])
def test_batch_of_none_that_is_no_question_itself_is_a_violation(
    lacking: str, more: dict[str, Any]
) -> None:
    body = {**{n: v for n, v in QUESTION.items() if n != lacking}, **more}

    with pytest.raises(SchemaViolation):
        validated(EvaluationsAsked, body).alone()

    assert not as_ours("evaluations-request", body)


@pytest.mark.parametrize("more", [{}, {"evaluations": []}], ids=["absent", "empty"])
def test_batch_of_none_is_the_question_that_it_is_itself(more: dict[str, Any]) -> None:
    body = {**FULL, **more}

    assert validated(EvaluationAsked, FULL) == validated(EvaluationsAsked, body).alone()
    assert [] == errors_of("evaluations-request", body)


def test_batch_item_replaces_a_shared_part_as_a_whole() -> None:
    other = {"subject": {"type": "agency", "id": "aoba-shakyo"}, "context": {"actor": "city-1"}}
    body = {**FULL, "evaluations": [{}, other]}

    first, second = validated(EvaluationsAsked, body).as_asked(None)

    assert [] == errors_of("evaluations-request", body)
    assert isinstance(first, DryRunAsked)
    assert isinstance(second, DryRunAsked)
    assert _asked(FULL, None) == first
    assert ("aoba-shakyo", "", ()) == (second.recipient, second.profile, second.fields)
    assert first.local_ref == second.local_ref


@pytest.mark.parametrize(
    "item",
    [
        7,
        None,
        [],
        "text",
        {"subject": None},
        {"resource": {"type": "referral"}},
        {"context": {"time": "now"}},
        {"extra": 1},
        {"evaluations": []},
        {"context": {"actor": "city-2"}},
    ],
    ids=str,
)
def test_batch_item_of_another_form_stands_as_its_error(item: Any) -> None:
    body = {**QUESTION, "evaluations": [{}, item, {}]}

    first, second, third = validated(EvaluationsAsked, body).as_asked(BY)

    assert isinstance(second, RequestError)
    assert isinstance(first, DryRunAsked)
    assert first == third


@pytest.mark.parametrize(
    ("semantic", "until"),
    [("execute_all", None), ("deny_on_first_deny", False), ("permit_on_first_permit", True)],
)
def test_batch_goes_as_far_as_its_semantic_says(semantic: str, *, until: bool | None) -> None:
    body = {"evaluations": [QUESTION], "options": {"evaluations_semantic": semantic}}

    assert until is validated(EvaluationsAsked, body).options.until
    assert None is validated(EvaluationsAsked, {"evaluations": [QUESTION]}).options.until
