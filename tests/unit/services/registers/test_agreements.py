"""Approvals, emergency agreements and officers' verdicts: somebody else has to agree."""

from dataclasses import dataclass
from typing import Any

import pytest

from gateway.domain.disclosure import Caller, Label
from gateway.domain.errors import (
    Conflict,
    IdempotencyMismatch,
    NotAuthorized,
    NotFound,
    SchemaViolation,
)
from gateway.domain.ids import ActorId, AgencyId, PersonId, SystemId
from gateway.domain.records import fact_key, person_key
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import Registered
from gateway.services.registers.schemas import FactSchemas
from gateway.services.registers.services import RegisterServices
from tests.simulators.house import TENANT, House
from tests.simulators.policy_inputs import DAY, HOUR, SCHEMAS, T0, known
from tests.simulators.register_office import (
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
)

REVIEW_MS = 24 * HOUR


def _approve(office: RegisterOffice, **changes: Any) -> Registered:
    terms = {
        "kind": "refused_recipient",
        "document_no": "福第12号",
        "expires_at": T0 + DAY,
        "recipient": SHAKYO,
        "purpose": "refer",
        "fields": [],
        **{k: v for k, v in changes.items() if k not in {"approver", "approved_at"}},
    }
    return office.services.approvals.register(
        office.acting(CITY),
        office.key(),
        subject=office.subject(CITY, "c-1"),
        approver=changes.get("approver", f"{CITY}-2"),
        approved_at=changes.get("approved_at", T0 - HOUR),
        terms=terms,
    )


def _agree(office: RegisterOffice, **changes: Any) -> Registered:
    terms = {
        "recipient": CITY,
        "second_agreed": "call_back",
        "expires_at": T0 + HOUR,
        **{k: v for k, v in changes.items() if k not in {"agreed_by", "agreed_at"}},
    }
    return office.services.emergencies.register(
        office.acting(HIDAMARI),
        office.key(),
        subject=office.subject(),
        agreed_by=changes.get("agreed_by", f"{CITY}-2"),
        agreed_at=changes.get("agreed_at", T0),
        terms=terms,
    )


@pytest.mark.parametrize("approver", [f"{HIDAMARI}-1", "nobody"])
def test_approval_by_somebody_of_another_agency_is_not_found(
    office: RegisterOffice, approver: str
) -> None:
    with pytest.raises(NotFound):
        _approve(office, approver=approver)


def test_approval_before_the_approvers_term_is_refused(office: RegisterOffice) -> None:
    office.hire(CITY, f"{CITY}-head", term_from=T0)

    with pytest.raises(Conflict) as refusal:
        _approve(office, approver=f"{CITY}-head", approved_at=T0 - 1)

    assert "APPROVER_NOT_IN_OFFICE" == refusal.value.reason


def test_approval_by_a_suspended_person_is_refused(office: RegisterOffice) -> None:
    office.services.directory.suspend_actor(
        office.operator, office.key(), CITY, f"{CITY}-2", suspended=True
    )

    with pytest.raises(Conflict) as refusal:
        _approve(office)

    assert "APPROVER_NOT_IN_OFFICE" == refusal.value.reason


@pytest.mark.parametrize(
    "changes",
    [{"approved_at": T0 + 1}, {"expires_at": T0 - HOUR}, {"kind": "because"}, {"fields": ["all"]}],
)
def test_approval_against_its_schema_is_refused(
    office: RegisterOffice, changes: dict[str, Any]
) -> None:
    with pytest.raises(SchemaViolation):
        _approve(office, **changes)


def test_approval_keeps_the_post_of_that_day(office: RegisterOffice) -> None:
    office.hire(CITY, f"{CITY}-head", post_ja="福祉課長")

    done = _approve(office, approver=f"{CITY}-head", approver_post_ja="市長", agency=SHAKYO)

    fact = office.fact("approval", done.id)
    assert ("福祉課長", CITY) == (fact["approver_post_ja"], fact["agency"])
    person = PersonId(office.person(office.subject(CITY, "c-1")))
    for key in (person_key(person), fact_key("approval", done.id)):
        found = office.house.context.registers.facts_by_key(TENANT, key)
        assert [done.id] == [f.id for f in found]


def test_emergency_agreed_by_who_started_it_is_refused(office: RegisterOffice) -> None:
    with pytest.raises(Conflict) as refusal:
        _agree(office, agreed_by=f"{HIDAMARI}-1")

    assert "SECOND_PERSON_SAME" == refusal.value.reason


def test_emergency_agreed_by_nobody_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        _agree(office, agreed_by="nobody")


def test_emergency_agreed_by_a_suspended_person_is_refused(office: RegisterOffice) -> None:
    office.services.directory.suspend_actor(
        office.operator, office.key(), CITY, f"{CITY}-2", suspended=True
    )

    with pytest.raises(Conflict) as refusal:
        _agree(office)

    assert "SECOND_PERSON_NOT_IN_OFFICE" == refusal.value.reason


@pytest.mark.parametrize(
    "changes",
    [{"agreed_at": T0 + 1}, {"expires_at": T0}, {"expires_at": None}, {"second_agreed": "nod"}],
)
def test_emergency_against_its_schema_is_refused(
    office: RegisterOffice, changes: dict[str, Any]
) -> None:
    with pytest.raises(SchemaViolation):
        _agree(office, **changes)


def test_emergency_agreed_by_call_back_has_a_review(office: RegisterOffice) -> None:
    done = _agree(office)

    fact = office.fact("emergency_agreement", done.id)
    assert (f"{HIDAMARI}-1", f"{CITY}-2") == (fact["started_by"], fact["second_person"])
    assert T0 + REVIEW_MS == fact["review_due"]
    assert f"{CITY}-2" == done.evidence.fields()["second_actor"]


# --- verdicts ------------------------------------------------------------------------------


@dataclass
class Bench:
    """A decision that is held, and the officers who may lift it."""

    house: House
    services: RegisterServices
    decision_id: str

    def lift(
        self,
        *,
        officer: str = "actor-officer",
        scope: str = "officer",
        decision_id: str = "",
        agreed_by: str = "actor-second",
        agreed_at: int = T0,
        lifts: tuple[str, ...] = ("APPROVAL_REQUIRED",),
        key: IdempotencyKey | None = None,
        **changes: Any,
    ) -> Registered:
        """Register a verdict."""
        caller = Caller(TENANT, AgencyId("aoba-city"), SystemId("desk"), frozenset({scope}))
        terms = {"second_agreed": "call_back", "expires_at": T0 + DAY, "fields": [], **changes}
        return self.services.verdicts.register(
            Acting(caller, ActorId(officer)),
            key,
            decision_id=decision_id or self.decision_id,
            agreed_by=agreed_by,
            agreed_at=agreed_at,
            lifts=lifts,
            reason_code="danger_confirmed",
            terms=terms,
        )


@pytest.fixture
def bench(house: House) -> Bench:
    """あおば市 asked without the approval that it needs."""
    question = known("public_special_reason", {"/registered/approvals": []})
    house.furnish(question)
    asker = question["registered"]["sender"]["actor"]
    for actor, roles in (
        ("actor-officer", ["privacy_officer"]),
        ("actor-second", ["municipal_caseworker"]),
        ("actor-clerk", ["municipal_caseworker"]),
    ):
        house.fact("actor", {**asker, "id": actor, "roles": roles})
    house.fact("actor", {**asker, "roles": ["privacy_officer"]}, version=1)
    decided = house.disclose(question).units[0].decision
    assert Label.HELD == decided.label
    services = RegisterServices.of(house.context, FactSchemas(SCHEMAS / "policy-input.json"))
    return Bench(house, services, decided.decision_id)


def test_verdict_without_the_officers_scope_is_not_authorized(bench: Bench) -> None:
    with pytest.raises(NotAuthorized):
        bench.lift(scope="member")


def test_verdict_by_no_privacy_officer_is_not_authorized(bench: Bench) -> None:
    with pytest.raises(NotAuthorized):
        bench.lift(officer="actor-clerk")


def test_verdict_on_no_decision_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.lift(decision_id="decision-none")


def test_verdict_with_an_unknown_second_person_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.lift(agreed_by="nobody")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"agreed_by": "actor-officer"}, "SECOND_PERSON_SAME"),
        ({"agreed_by": "actor-city"}, "SECOND_PERSON_ASKED"),
        ({"officer": "actor-city"}, "OFFICER_ASKED"),
        ({"lifts": ()}, "NOT_A_REASON"),
        ({"lifts": ("APPROVAL_REQUIRED", "MY_NUMBER_FOUND")}, "NOT_A_REASON"),
    ],
)
def test_verdict_without_four_eyes_or_a_reason_is_refused(
    bench: Bench, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Conflict) as refusal:
        bench.lift(**changes)

    assert reason == refusal.value.reason


def test_verdict_on_what_is_not_held_is_refused(bench: Bench) -> None:
    again = known("public_special_reason", {"/request/purpose": "statistics"})
    decided = bench.house.disclose(again).units[0].decision
    assert Label.HELD != decided.label

    with pytest.raises(Conflict) as refusal:
        bench.lift(decision_id=decided.decision_id)

    assert "NOT_HELD" == refusal.value.reason


def test_verdict_lifts_what_a_permit_withheld(bench: Bench) -> None:
    approvals = known("public_special_reason")["registered"]["approvals"]
    partly = known(
        "public_special_reason",
        {
            "/request/fields/0/classes": ["IDN", "NAR"],
            "/registered/approvals/0/id": "approval-part",
        },
    )
    bench.house.fact("approval", {**approvals[0], "id": "approval-part"})
    decided = bench.house.disclose(partly).units[0].decision
    assert (Label.PERMIT_PARTIAL, ()) == (decided.label, decided.held_by)
    assert [("officer",)] == [withheld.by for withheld in decided.withheld]

    done = bench.lift(decision_id=decided.decision_id, lifts=("FREE_TEXT_IDENTIFIER",))

    lifted = bench.house.context.registers.fact(TENANT, "verdict", done.id)
    assert lifted is not None
    assert ["FREE_TEXT_IDENTIFIER"] == list(lifted.fact["lifts"])
    assert Label.PERMIT == bench.house.disclose(partly).units[0].decision.label


@pytest.mark.parametrize(
    "changes", [{"agreed_at": T0 + 1}, {"expires_at": T0}, {"second_agreed": "nod"}, {"note": "x"}]
)
def test_verdict_against_its_schema_is_refused(bench: Bench, changes: dict[str, Any]) -> None:
    with pytest.raises(SchemaViolation):
        bench.lift(**changes)


def test_verdict_becomes_a_fact_about_that_person_recipient_and_purpose(bench: Bench) -> None:
    done = bench.lift()

    row = bench.house.context.registers.row(TENANT, "unit", bench.decision_id)
    assert row is not None
    found = bench.house.context.registers.fact(TENANT, "verdict", done.id)
    assert found is not None
    recipient = row["recipient_actor"] or row["recipient_agency"]
    assert (row["person_id"], recipient, "actor-officer", "actor-second") == (
        found.fact["person"],
        found.fact["recipient"],
        found.fact["officer"],
        found.fact["second_person"],
    )
    assert "danger_confirmed" == done.evidence.fields()["code"]


def test_verdict_asked_again_is_one_verdict(bench: Bench) -> None:
    key = IdempotencyKey(AgencyId("aoba-city"), "key-1", "body")

    assert bench.lift(key=key).id == bench.lift(key=key).id
    with pytest.raises(IdempotencyMismatch):
        bench.lift(key=IdempotencyKey(AgencyId("aoba-city"), "key-1", "another body"))


def test_verdict_releases_nothing_and_lets_a_new_decision_permit(house: House) -> None:
    question = known("vital_interest_private", {"/registered/emergency_agreements": []})
    house.furnish(question)
    registered = question["registered"]["recipient"]
    officer = {**registered["actor"], "id": "actor-officer", "roles": ["privacy_officer"]}
    house.fact("actor", officer)
    house.fact("actor", {**officer, "id": "actor-second"})
    refused = house.disclose(question).units[0].decision
    services = RegisterServices.of(house.context, FactSchemas(SCHEMAS / "policy-input.json"))
    agency = AgencyId(registered["agency"]["id"])
    caller = Caller(TENANT, agency, SystemId("desk"), frozenset({"officer"}))

    services.verdicts.register(
        Acting(caller, ActorId("actor-officer")),
        None,
        decision_id=refused.decision_id,
        agreed_by="actor-second",
        agreed_at=T0,
        lifts=("APPROVAL_REQUIRED",),
        reason_code="danger_confirmed",
        terms={"second_agreed": "call_back", "expires_at": T0 + DAY, "fields": []},
    )

    row = house.context.registers.row(TENANT, "unit", refused.decision_id)
    assert row is not None
    assert (Label.HELD, "refused") == (refused.label, row["state"])
    assert Label.PERMIT == house.disclose(question).units[0].decision.label
