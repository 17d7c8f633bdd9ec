"""Two vocabularies, one translator: every error of the tree has its problem, and no more."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import gateway.bootstrap  # noqa: F401 - loads every room, and so every class of the tree
from gateway.api.problems import (
    ADVICE_JA,
    CATALOGUE,
    Audience,
    Problem,
    hidden_code,
    problem_of,
    problem_response,
    reason_json,
    shown_reasons,
)
from gateway.api.reading import ContentTooLarge, UnsupportedMediaType
from gateway.crypto.canonical import NotCanonical
from gateway.domain.disclosure import Reason, Side
from gateway.domain.errors import (
    Conflict,
    GatewayError,
    IdempotencyMismatch,
    IntegrityError,
    LogUnavailable,
    MalformedRequest,
    NotAuthenticated,
    NotAuthorized,
    NotFound,
    PolicyUnavailable,
    Refused,
    SchemaViolation,
    StaleFacts,
    StorageUnavailable,
    TooManyRequests,
)
from gateway.policy.bundle import build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.rulebook import CurrentRulebook
from gateway.policy.serving import CurrentPolicy

ROOT: Final = Path(__file__).resolve().parents[3]
SECRET: Final = "架空田花子 SELECT /etc/passwd"

# What is answered while nothing can be handed over: then people have to be told by telephone.
SHUT = (
    "decision-unavailable",
    "audit-unavailable",
    "audit-unwitnessed",
    "storage-unavailable",
    "internal",
)


@pytest.fixture(scope="module")
def rulebook() -> CurrentRulebook:
    return CurrentRulebook(CurrentPolicy(ROOT / "policies", PolicyContract.read(ROOT / "schemas")))


@pytest.mark.parametrize(
    ("error", "name", "detail"),
    [
        (MalformedRequest("not-json"), "malformed-request", "not-json"),
        (ContentTooLarge(), "content-too-large", "too-large"),
        (UnsupportedMediaType("application/json"), "unsupported-media-type", "application/json"),
        (SchemaViolation([("/a", "int_type")]), "schema-violation", ""),
        (NotAuthenticated(SECRET), "agency-not-authenticated", ""),
        (NotAuthorized("scope-operator"), "agency-not-authorized", "scope-operator"),
        (NotFound(SECRET), "not-found", ""),
        (TooManyRequests(7), "too-many-requests", ""),
        (Refused(["d-1"], ["PURPOSE_FORBIDDEN"]), "disclosure-refused", ""),
        (Conflict("PERMIT_USED"), "state-conflict", "PERMIT_USED"),
        (IdempotencyMismatch("IDEMPOTENCY_KEY_REUSED"), "state-conflict", "IDEMPOTENCY_KEY_REUSED"),
        (StaleFacts("DECIDE_AGAIN"), "state-conflict", "DECIDE_AGAIN"),
        (PolicyUnavailable(SECRET), "decision-unavailable", ""),
        (LogUnavailable(SECRET), "audit-unavailable", ""),
        (StorageUnavailable(SECRET), "storage-unavailable", ""),
        (IntegrityError(SECRET), "internal", ""),
        (GatewayError(SECRET), "internal", ""),
        (RuntimeError(SECRET), "internal", ""),
        (ValueError(SECRET), "internal", ""),
    ],
)
def test_error_is_told_by_its_problem_alone(error: Exception, name: str, detail: str) -> None:
    problem = problem_of(error)

    assert (name, detail) == (problem.type.name, problem.detail)
    assert SECRET not in _body(problem)


def test_every_error_of_the_tree_has_a_problem() -> None:
    """What is not an alarm or the root has a mapping of its own, by itself or by its parent."""
    # A value that cannot be committed to is a defect of the gateway, never the caller's.
    opaque = {GatewayError, NotCanonical, *_tree(IntegrityError)}
    opaque |= {c for c in _tree(GatewayError) if _is_desk(c)}

    for cls in set(_tree(GatewayError)) - opaque:
        error = cls.__new__(cls)
        error.__dict__.update(_ATTRIBUTES)
        assert "internal" != problem_of(error).type.name, cls


def test_integrity_is_never_explained_to_anybody() -> None:
    for cls in set(_tree(IntegrityError)):
        error = cls.__new__(cls)
        error.__dict__.update(_ATTRIBUTES)
        assert ("internal", "") == (problem_of(error).type.name, problem_of(error).detail), cls


def test_titles_and_types_are_distinct_and_pages_can_be_named() -> None:
    assert len({t.title for t in CATALOGUE.values()}) == len(CATALOGUE)
    assert len({t.title_ja for t in CATALOGUE.values()}) == len(CATALOGUE)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in CATALOGUE)


@pytest.mark.parametrize("name", SHUT)
def test_answer_while_the_door_is_shut_says_whom_to_telephone(name: str) -> None:
    """A report of abuse or of danger to life is never turned away."""
    body = json.loads(_body(Problem(CATALOGUE[name])))

    assert ADVICE_JA == body["advice_ja"]
    assert all(number in body["advice_ja"] for number in ("189", "110", "119", "市町村の担当課"))
    assert body["advice_en"]


def test_answer_of_an_open_door_gives_no_such_advice() -> None:
    for name in CATALOGUE.keys() - set(SHUT):
        assert "advice_ja" not in json.loads(_body(Problem(CATALOGUE[name]))), name


def test_problem_has_the_members_of_the_standard() -> None:
    response = problem_response(
        problem_of(SchemaViolation([("/a/0", "int_type")])),
        origin="https://gw.example",
        instance="urn:uuid:1",
        members={"more": 1},
    )

    assert "application/problem+json" == response.media_type
    assert {
        "type": "https://gw.example/problems/schema-violation",
        "title": "The request is not as its schema demands",
        "status": 422,
        "instance": "urn:uuid:1",
        "errors": [{"pointer": "/a/0", "message": "int_type"}],
        "more": 1,
    } == json.loads(bytes(response.body))


def test_retry_and_authentication_are_in_the_headers() -> None:
    assert {"Retry-After": "7"} == problem_of(TooManyRequests(7)).headers
    assert {"WWW-Authenticate": "Bearer"} == problem_of(NotAuthenticated()).headers


# --- who hears which reason --------------------------------------------------------------------


def test_asker_hears_facts_about_itself_alone(rulebook: CurrentRulebook) -> None:
    reasons = [_reason(s.value.upper(), s) for s in Side]

    heard = shown_reasons(reasons, Audience.ASKER, rulebook)

    assert ["ASKER"] == [r.code for r in heard]


@pytest.mark.parametrize("hidden", [[Side.CONTROLLER], [Side.OFFICER], [*Side][1:], []])
def test_asker_hears_one_fixed_text_whatever_is_behind_it(
    rulebook: CurrentRulebook, hidden: list[Side]
) -> None:
    """One stop or ten: nobody can count what is not said."""
    reasons = [_reason(f"HIDDEN_{n}", side) for n, side in enumerate(hidden)]

    heard = shown_reasons(reasons, Audience.ASKER, rulebook)

    assert [rulebook.reason("NOT_SHAREABLE")] == list(heard)
    assert "ask_officer" in heard[0].lawful_alternatives


def test_controller_does_not_hear_what_is_for_officers(rulebook: CurrentRulebook) -> None:
    reasons = [_reason(s.value.upper(), s) for s in Side]

    controller = shown_reasons(reasons, Audience.CONTROLLER, rulebook)
    officer = shown_reasons(reasons, Audience.OFFICER, rulebook)

    assert ["ASKER", "CONTROLLER"] == [r.code for r in controller]
    assert ["ASKER", "CONTROLLER", "OFFICER"] == [r.code for r in officer]


def test_code_is_hidden_wherever_its_reason_is() -> None:
    reasons = [_reason("STALKER_NOTICE", Side.OFFICER), _reason("NO_CONSENT", Side.CONTROLLER)]

    shown = [hidden_code(r.code, reasons, Audience.CONTROLLER) for r in reasons]

    assert ["NOT_SHAREABLE", "NO_CONSENT"] == shown
    assert "NOT_SHAREABLE" == hidden_code("UNHEARD_OF", reasons, Audience.OFFICER)


def test_every_code_of_the_rules_has_a_side_and_a_next_step() -> None:
    """A reason without a side would be heard by somebody by accident."""
    reasons: dict[str, Any] = build_bundle(ROOT / "policies").data["meta"]["reasons"]

    assert len(reasons) > 40
    for code, text in reasons.items():
        assert Side(text["side"]), code
        assert text["next_step_ja"], code
        assert text["next_step_en"], code
        assert text["lawful_alternatives"], code


def test_reason_is_shown_whole_but_for_its_side(rulebook: CurrentRulebook) -> None:
    shown = reason_json(rulebook.reason("NOT_SHAREABLE"))

    assert set(Reason.__dataclass_fields__) - {"side"} == shown.keys()


_ATTRIBUTES: Final = {
    "reason": "REASON",
    "errors": (),
    "operation": "operation",
    "retry_after": 1,
    "decision_ids": (),
    "expected": "application/json",
}


def _tree(cls: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield cls
    for below in cls.__subclasses__():
        yield from _tree(below)


def _is_desk(cls: type[GatewayError]) -> bool:
    """Whether only a member's own desk raises it."""
    return cls.__module__.startswith("gateway.client")


def _reason(code: str, side: Side) -> Reason:
    return Reason(code, "main", "69(2)", "題", "title", "次", "next", side, ("none",))


def _body(problem: Problem) -> str:
    response = problem_response(problem, origin="https://gw.example", instance="urn:uuid:1")
    return bytes(response.body).decode()
