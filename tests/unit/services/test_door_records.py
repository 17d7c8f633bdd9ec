"""Whatever the door answers stands in the log, and what cannot be recorded is a no."""

from typing import Any

import pytest

from gateway.domain.disclosure import Direction, Outcome
from gateway.domain.errors import (
    IdempotencyMismatch,
    LogUnavailable,
    NotAuthorized,
    NotFound,
    SchemaViolation,
)
from gateway.domain.ids import ActorId, AgencyId, SubjectId
from gateway.services.context import Context
from gateway.services.disclose import Door
from gateway.services.idempotency import IdempotencyKey
from tests.simulators.house import House, asked_of
from tests.simulators.policy_inputs import DAY, HOUR, T0, known
from tests.simulators.silence import SilentPolicy

CASE = "consent_private"


def with_other(context: Context, **ports: Any) -> Context:
    return Context(**{**{n: getattr(context, n) for n in Context.__slots__}, **ports})


def key(text: str, digest: str = "d" * 43) -> IdempotencyKey:
    return IdempotencyKey(AgencyId("npo-hidamari"), text, digest)


def told(**changes: Any) -> dict[str, Any]:
    return known("minsei_iin", {"/request/direction": "oral", **changes})


def test_silent_policy_is_refused_recorded_and_raised_as_an_alert(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    silent: Any = SilentPolicy()
    house.door = Door(with_other(house.context, pdp=silent))

    disclosed = house.disclose(question)

    assert disclosed.undecided
    assert Outcome.INDETERMINATE is disclosed.units[0].decision.outcome
    ((_, body),) = house.entries(kinds={"decision"})
    assert ("indeterminate", []) == (body["outcome"], body["field_ids"])
    (alert,) = house.context.registers.rows(house.context.tenant_id, "notice", {})
    assert "policy_silent" == alert["kind"]


def test_stopped_log_means_no(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    house.writer.close()

    with pytest.raises(LogUnavailable):
        house.disclose(question)

    assert () == tuple(house.context.registers.rows(house.context.tenant_id, "disclosure", {}))


def test_person_of_another_agency_may_not_act(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    stranger = ActorId(question["registered"]["recipient"]["actor"]["id"])

    with pytest.raises(NotAuthorized):
        house.run(
            house.door.disclose(
                house.caller(question["request"]["sender"]["agency"]), stranger, asked_of(question)
            )
        )

    assert [] == house.entries(kinds={"decision"})


def test_handle_of_another_agency_is_not_found(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    house.subject("s-of-another", "aoba-city", "p-sato")

    with pytest.raises(NotFound):
        house.disclose(question, subjects=(SubjectId("s-of-another"),))


def test_field_named_twice_is_against_the_schema(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    twice = asked_of(question).fields[:1] * 2

    with pytest.raises(SchemaViolation):
        house.disclose(question, fields=twice)


def test_same_request_twice_is_decided_once(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    first = house.disclose(question, idempotency=key("k1"))

    second = house.disclose(question, idempotency=key("k1"))

    assert first.disclosure_id == second.disclosure_id
    assert first.units[0].decision == second.units[0].decision
    assert first.units[0].recipient_key == second.units[0].recipient_key
    assert 1 == len(house.entries(kinds={"decision"}))


def test_same_key_for_another_request_is_a_mismatch(house: House) -> None:
    question = known(CASE)
    house.furnish(question)
    house.disclose(question, idempotency=key("k1"))

    with pytest.raises(IdempotencyMismatch):
        house.disclose(question, idempotency=key("k1", "e" * 43))

    assert 1 == len(house.entries(kinds={"decision"}))


def test_told_disclosure_is_recorded_as_decision_and_release_at_once(house: House) -> None:
    question = told()
    house.furnish(question)

    disclosed = house.disclose(question)

    (unit,) = disclosed.units
    assert ("told", None) == (unit.state, unit.recipient_key)
    (_, decision), (_, release) = house.entries(kinds={"decision", "release"})
    assert "permit" == decision["outcome"]
    assert ("nobody", "", T0) == (
        release["sealed_by"],
        release["envelope_digest"],
        release["occurred_at"],
    )
    assert unit.index + 1 == unit.release_index


def test_told_disclosure_without_a_basis_is_recorded_and_raised_as_an_alert(house: House) -> None:
    question = told()
    question["registered"]["appointments"] = []
    house.furnish(question)

    disclosed = house.disclose(question)

    assert not disclosed.permitted
    assert ["decision"] == [t for t, _ in house.entries(kinds={"decision", "release"})]
    alerts = house.context.registers.rows(house.context.tenant_id, "notice", {})
    assert ["told_without_permit"] == [a["kind"] for a in alerts]


@pytest.mark.parametrize(
    ("direction", "occurred_at"),
    [(Direction.PUSH, T0), (Direction.ORAL, None), (Direction.ORAL, T0 + HOUR)],
)
def test_time_of_telling_that_does_not_fit_is_against_the_schema(
    house: House, direction: Direction, occurred_at: int | None
) -> None:
    question = told()
    house.furnish(question)

    with pytest.raises(SchemaViolation):
        house.disclose(question, direction=direction, occurred_at=occurred_at)


def test_late_entry_needs_a_reason(house: House) -> None:
    question = told()
    house.furnish(question)
    long_ago = T0 - 3 * DAY

    with pytest.raises(SchemaViolation):
        house.disclose(question, occurred_at=long_ago)
    disclosed = house.disclose(question, occurred_at=long_ago, late_reason="連休のため")

    ((_, body),) = house.entries(kinds={"decision"})
    assert (long_ago, "連休のため") == (body["occurred_at"], body["recorded_late_reason"])
    assert disclosed.units[0].decision.outcome in set(Outcome)


def test_members_see_neither_the_whole_question_nor_the_facts_in_the_evidence(
    house: House,
) -> None:
    question = known(CASE)
    house.furnish(question)

    shown = house.disclose(question).units[0].evidence.fields()

    assert {"policy_input", "policy_decision", "facts", "labels_ja"}.isdisjoint(shown)
    assert "permit" == shown["outcome"]
