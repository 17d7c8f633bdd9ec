"""What a caller, a colleague or the clock might try at the door, and what comes of it."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.disclosure import AssertedFact, Outcome
from gateway.domain.errors import Conflict, NotAuthorized, NotFound, PolicyUnavailable, Refused
from gateway.domain.ids import ActorId, AgencyId, DeliveryId, DisclosureId, PersonId, SubjectId
from gateway.services.asking import DecidedDisclosure
from gateway.services.context import Context
from gateway.services.deliveries import Deliveries, OpenedDelivery
from gateway.services.idempotency import IdempotencyKey
from gateway.services.reconsider import Reconsider
from tests.simulators.house import House, asked_of
from tests.simulators.policy_inputs import DAY, HOUR, T0, field, known, protection_flag
from tests.simulators.silence import SilentPolicy

CASE = "consent_private"
HIDDEN = ("PROTECTED_ADDRESS", "stop_protected_address")


def silenced(house: House) -> Context:
    silent: Any = SilentPolicy()
    return replace(house.context, pdp=silent)


def furnished(house: House, changes: Mapping[str, Any] | None = None, case: str = CASE) -> Any:
    question = known(case, changes)
    house.furnish(question)
    return question


def to_whole_agency(house: House) -> dict[str, Any]:
    question: dict[str, Any] = furnished(house)
    question["request"]["recipient"]["actor"] = ""
    return question


def colleague(house: House, id_: str, **changes: Any) -> ActorId:
    """Register somebody else at the recipient's."""
    actor = known(CASE)["registered"]["recipient"]["actor"]
    house.fact("actor", {**actor, "id": id_, **changes})
    return ActorId(id_)


def sent(house: House, question: Mapping[str, Any]) -> DeliveryId:
    disclosed = house.disclose(question)
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    return house.release(upload, question).delivery_id


def sender(question: Mapping[str, Any]) -> str:
    return str(question["request"]["sender"]["agency"])


def opened(house: House, delivery_id: DeliveryId, by: str = "actor-shakyo") -> OpenedDelivery:
    caller = house.caller("aoba-shakyo")
    return house.run(house.deliveries.open(caller, ActorId(by), delivery_id))


def state_of(house: House, delivery_id: DeliveryId) -> str:
    row = house.context.registers.row(house.context.tenant_id, "delivery", delivery_id)
    assert row is not None
    return str(row["state"])


def openers(house: House) -> list[str]:
    return [body["actor"] for _, body in house.entries(kinds={"opened"})]


def alerts(house: House) -> list[str]:
    rows = house.context.registers.rows(house.context.tenant_id, "notice", {})
    return [str(r["kind"]) for r in rows]


# --- what a sender is shown -----------------------------------------------------------------


def test_proof_of_a_refusal_does_not_open_what_only_officers_may_hear(house: House) -> None:
    question = furnished(house)
    house.fact("protection_flag", protection_flag(counterpart_agencies=["aoba-shakyo"]))

    disclosed = house.disclose(question)

    shown = str(disclosed.units[0].evidence.fields())
    assert Outcome.DENY is disclosed.units[0].decision.outcome
    assert [] == [word for word in HIDDEN if word in shown]
    again = house.disclosures.decided(house.caller(sender(question)), disclosed.disclosure_id)
    assert [] == [word for word in HIDDEN if word in str(again.units[0].evidence.fields())]
    ((_, body),) = house.entries(kinds={"decision"})
    assert ["PROTECTED_ADDRESS"] == body["reasons"]


# --- keys -----------------------------------------------------------------------------------


def test_envelope_sealed_to_a_key_revoked_since_is_not_released(house: House) -> None:
    question = furnished(house)
    disclosed = house.disclose(question)
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    revoke(house, house.sealing["aoba-shakyo"].kid)

    with pytest.raises(Conflict, match="DECIDE_AGAIN"):
        house.release(upload, question)

    assert [] == house.entries(kinds={"release"})


def test_envelope_sealed_to_a_key_that_has_ended_since_is_not_released(house: House) -> None:
    question = furnished(house)
    key = key_fact(house, house.sealing["aoba-shakyo"].kid)
    house.fact("agency_key", {**key, "valid_to": T0 + 60_000}, version=1)
    disclosed = house.disclose(question)
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    house.clock.advance(60_000)

    with pytest.raises(Conflict, match="DECIDE_AGAIN"):
        house.release(upload, question)


def test_signing_key_revoked_before_the_release_is_not_handed_to_the_recipient(
    house: House,
) -> None:
    question = furnished(house)
    stolen = house.signing[sender(question)].kid
    revoke(house, stolen)
    del house.sealing[sender(question)]
    house.keys_of(sender(question))

    handed = opened(house, sent(house, question))

    assert [house.signing[sender(question)].kid] == [k["kid"] for k in handed.sender_keys]


def test_new_key_of_the_recipient_does_not_take_back_what_waits(house: House) -> None:
    question = furnished(house, case="vital_interest_private")
    disclosed = house.disclose(question)
    to = question["request"]["recipient"]
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    delivery_id = house.release(upload, question).delivery_id
    agreements = question["registered"]["emergency_agreements"]
    house.clock.advance(max(a["expires_at"] for a in agreements) - T0 + HOUR)
    del house.sealing[to["agency"]]
    house.keys_of(to["agency"])
    by = question["registered"]["recipient"]["actor"]

    house.run(house.deliveries.open(house.caller(to["agency"]), ActorId(by["id"]), delivery_id))

    assert "opened" == state_of(house, delivery_id)


def key_fact(house: House, kid: str) -> Mapping[str, Any]:
    found = house.context.registers.fact(house.context.tenant_id, "agency_key", kid)
    assert found is not None
    return found.fact


def revoke(house: House, kid: str) -> None:
    key = key_fact(house, kid)
    house.fact("agency_key", {**key, "revoked_at": house.clock.now()}, version=1)


# --- who opens ------------------------------------------------------------------------------


def test_counterpart_among_the_recipients_staff_cannot_open_what_is_for_all(house: House) -> None:
    question = to_whole_agency(house)
    counterpart = colleague(house, "actor-counterpart")
    house.fact("protection_flag", protection_flag())
    delivery_id = sent(house, question)

    with pytest.raises(NotFound):
        opened(house, delivery_id, counterpart)

    assert ("waiting", []) == (state_of(house, delivery_id), openers(house))
    assert ["alert"] == alerts(house)


def test_person_whom_the_subject_refused_cannot_open_what_is_for_all(house: House) -> None:
    question = to_whole_agency(house)
    consent = question["registered"]["consents"][0]
    neighbour = colleague(house, "actor-next-door")
    house.fact("consent", {**consent, "recipients_refused": [neighbour]}, version=1)
    delivery_id = sent(house, question)

    with pytest.raises(NotFound):
        opened(house, delivery_id, neighbour)

    assert "waiting" == state_of(house, delivery_id)


def test_administrator_of_the_recipients_system_cannot_open_what_is_for_all(house: House) -> None:
    question = to_whole_agency(house)
    admin = colleague(house, "actor-admin", roles=["system_admin"])
    delivery_id = sent(house, question)

    with pytest.raises(NotFound):
        opened(house, delivery_id, admin)
    opened(house, delivery_id)

    assert ["actor-shakyo"] == openers(house)


def test_counterpart_cannot_open_after_a_colleague_has(house: House) -> None:
    question = to_whole_agency(house)
    counterpart = colleague(house, "actor-counterpart")
    house.fact("protection_flag", protection_flag())
    delivery_id = sent(house, question)
    opened(house, delivery_id)

    with pytest.raises(NotFound):
        opened(house, delivery_id, counterpart)

    assert ["actor-shakyo"] == openers(house)


def test_colleague_who_opens_too_is_recorded_too(house: House) -> None:
    question = to_whole_agency(house)
    other = colleague(house, "actor-colleague")
    delivery_id = sent(house, question)

    first, again, second = (
        opened(house, delivery_id),
        opened(house, delivery_id),
        opened(house, delivery_id, other),
    )

    assert ["actor-shakyo", "actor-colleague"] == openers(house)
    assert first.opened_index == again.opened_index < second.opened_index
    assert first.envelope == second.envelope


# --- silence --------------------------------------------------------------------------------


def test_silent_policy_opens_nothing_and_takes_nothing_back(house: House) -> None:
    question = furnished(house)
    delivery_id = sent(house, question)
    harmless_change(house, question)
    house.deliveries = Deliveries(silenced(house))

    with pytest.raises(PolicyUnavailable):
        opened(house, delivery_id)

    assert ("waiting", []) == (state_of(house, delivery_id), openers(house))
    assert ["policy_silent"] == alerts(house)
    house.deliveries = Deliveries(house.context)
    opened(house, delivery_id)


def test_silent_policy_recalls_nothing_when_a_fact_is_registered(house: House) -> None:
    question = furnished(house)
    delivery_id = sent(house, question)

    recalled = house.run(Reconsider(silenced(house)).agency(AgencyId("aoba-shakyo")))

    assert (0, "waiting") == (recalled, state_of(house, delivery_id))


def harmless_change(house: House, question: Mapping[str, Any]) -> None:
    other = {**question["registered"]["consents"][0], "id": "consent-of-old"}
    house.fact("consent", {**other, "valid_from": T0 - 90 * DAY, "valid_to": T0 - 60 * DAY})


# --- time between the steps -----------------------------------------------------------------


def test_permit_does_not_outlive_the_consent_it_stands_on(house: House) -> None:
    midnight = T0 + 60_000
    question = furnished(house, {"/registered/consents/0/valid_to": midnight})
    disclosed = house.disclose(question)
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    house.clock.advance(midnight - T0)

    with pytest.raises(Refused) as refused:
        house.release(upload, question)

    assert "BASIS_EXPIRED" in refused.value.reason_codes
    assert [] == house.entries(kinds={"release"})


def test_permit_holds_until_the_last_instant_of_its_consent(house: House) -> None:
    midnight = T0 + 60_000
    question = furnished(house, {"/registered/consents/0/valid_to": midnight})
    disclosed = house.disclose(question)
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    house.clock.advance(midnight - T0 - 1)

    assert "waiting" == house.release(upload, question).state


def test_last_occasional_disclosure_is_not_counted_against_itself(house: House) -> None:
    question = furnished(house, case="public_special_reason")
    for _ in range(2):
        assert house.disclose(question).permitted
    third = house.disclose(question)
    upload = house.sealed(third, third.units[0], sender(question))
    agency = question["registered"]["recipient"]["agency"]
    house.fact("agency", agency, version=1)

    released = house.release(upload, question)

    assert "waiting" == released.state
    assert not house.disclose(question).permitted


def test_release_under_a_decision_made_anew_carries_its_duties(house: House) -> None:
    question = furnished(house)
    disclosed: DecidedDisclosure = house.disclose(question)
    fields = ["referral.urgency"]
    upload = house.sealed(disclosed, disclosed.units[0], sender(question), fields)
    flag = protection_flag(counterpart_persons=[], counterpart_actors=[], counterpart_agencies=[])
    house.fact("protection_flag", flag)

    house.release(upload, question)

    ((_, release),) = house.entries(kinds={"release"})
    assert "protect_address" in {o["code"] for o in release["obligations"]}
    rows = house.context.registers.rows(house.context.tenant_id, "task", {})
    assert "protect_address" in {r["code"] for r in rows}


# --- what a sender says ---------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["nobody", "actor-shakyo", "actor-gone"])
def test_text_cleared_by_nobody_of_the_sender_is_withheld(house: House, reader: str) -> None:
    question = narrative(house, reader)
    own = question["registered"]["sender"]["actor"]
    house.fact("actor", {**own, "id": "actor-gone", "status": "suspended"})

    (unit,) = house.disclose(question).units

    assert {"referral.heard_summary"} == {w.id for w in unit.decision.withheld}
    assert "FREE_TEXT_IDENTIFIER" in unit.decision.withheld[0].codes


def test_text_cleared_by_somebody_of_the_sender_passes(house: House) -> None:
    (unit,) = house.disclose(narrative(house, "actor-hidamari")).units

    assert "referral.heard_summary" in unit.decision.permitted


def narrative(house: House, reader: str) -> dict[str, Any]:
    classes = ["IDN", "CON", "HEA", "HH", "ECO", "YOH", "NAR"]
    question: dict[str, Any] = furnished(
        house, {"/registered/consents/0/item_classes": [*classes, "SYS", "ABU", "PAD"]}
    )
    words = field("referral.heard_summary", ["NAR"], share_ready_by=reader)
    question["request"]["fields"] = [*question["request"]["fields"], words]
    return question


def test_reason_of_invisible_characters_is_none(house: House) -> None:
    question = furnished(house, case="vital_interest_private")
    asked = asked_of(question)
    invisible = tuple(replace(a, text="\u200b" * 40) for a in asked.asserted)

    (unit,) = house.disclose(question, asserted=invisible).units

    assert "REASON_MISSING" in {r.code for r in unit.decision.reasons}


def test_screener_that_is_no_version_counts_as_none_and_is_not_kept(house: House) -> None:
    question = furnished(house)
    for asked in question["request"]["fields"]:
        asked["screener"] = "架空 花子"

    (unit,) = house.disclose(question).units

    assert Outcome.DENY is unit.decision.outcome
    assert ["MY_NUMBER_FOUND"] == [r.code for r in unit.decision.reasons]
    assert "架空" not in str(house.context.registers.rows(house.context.tenant_id, "unit", {}))


def test_words_where_a_code_belongs_are_not_kept_readable(house: House) -> None:
    question = furnished(house)
    words = AssertedFact("danger", "架空花子", ActorId("actor-hidamari"), "heard", "架空花子")

    house.disclose(question, asserted=(words,))

    (row,) = house.context.registers.rows(house.context.tenant_id, "unit", {})
    assert "架空" not in str(row)


def test_person_who_has_left_does_not_record_what_was_told_before(house: House) -> None:
    left = {"/request/direction": "oral", "/registered/sender/actor/term_to": T0 - DAY}
    question = furnished(house, left, case="minsei_iin")

    with pytest.raises(NotAuthorized):
        house.disclose(question, occurred_at=T0 - 2 * DAY, late_reason="外回りのため")

    assert [] == house.entries(kinds={"decision"})


def test_telling_sent_again_days_later_is_answered_as_the_first_time(house: House) -> None:
    question = furnished(house, {"/request/direction": "oral"}, case="minsei_iin")
    agency = AgencyId(sender(question))
    first = house.disclose(question, idempotency=IdempotencyKey(agency, "k", "d" * 43))
    house.clock.advance(3 * DAY)

    again = house.disclose(question, idempotency=IdempotencyKey(agency, "k", "d" * 43))

    assert first.disclosure_id == again.disclosure_id
    assert first.units[0].release_index == again.units[0].release_index is not None
    assert 1 == len(house.entries(kinds={"release"}))


# --- at once --------------------------------------------------------------------------------


def test_same_request_sent_twice_at_once_is_decided_once(house: House) -> None:
    question = furnished(house)
    request = question["request"]["sender"]
    key = IdempotencyKey(AgencyId(request["agency"]), "k", "d" * 43)
    caller = house.caller(request["agency"], request["system"])
    asked = asked_of(question, idempotency=key)

    first, second = at_once(
        house, *(house.door.disclose(caller, ActorId(request["actor"]), asked) for _ in range(2))
    )

    assert first.disclosure_id == second.disclosure_id
    assert 1 == len(house.entries(kinds={"decision"}))


def test_same_envelope_sent_twice_at_once_is_released_once(house: House) -> None:
    question = furnished(house)
    disclosed = house.disclose(question)
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    by = (house.caller(sender(question)), ActorId("actor-hidamari"))

    first, second = at_once(house, *(house.door.release(*by, upload) for _ in range(2)))

    assert (first.delivery_id, first.index) == (second.delivery_id, second.index)
    assert 1 == len(house.entries(kinds={"release"}))


def test_opening_and_recall_at_once_leave_one_of_them(house: House) -> None:
    question = furnished(house)
    delivery_id = sent(house, question)
    (row,) = house.context.registers.rows(house.context.tenant_id, "delivery", {})
    by = (house.caller(sender(question)), ActorId("actor-hidamari"))
    recall = house.deliveries.recall(
        *by, DisclosureId(str(row["disclosure_id"])), code="sent_in_error"
    )
    opening = house.deliveries.open(
        house.caller("aoba-shakyo"), ActorId("actor-shakyo"), delivery_id
    )

    came, (recalled,) = at_once(house, opening, recall)

    state = state_of(house, delivery_id)
    assert state == recalled.state
    assert isinstance(came, OpenedDelivery if state == "opened" else Conflict)
    assert [state] == [t for t, _ in house.entries(kinds={"opened", "recalled"})]


def at_once(house: House, *work: Awaitable[Any]) -> list[Any]:
    """Run use cases together; an error stands in the place of its answer."""

    async def together() -> list[Any]:
        return await asyncio.gather(*work, return_exceptions=True)

    return house.run(together())


# --- everybody concerned --------------------------------------------------------------------


def test_release_is_found_by_everybody_it_concerns(house: House) -> None:
    question = furnished(house)
    house.subject("s-son", "npo-hidamari", "p-son")
    disclosed = house.disclose(question, co_subjects={SubjectId("s-son"): "household"})

    house.release(house.sealed(disclosed, disclosed.units[0], sender(question)), question)

    found: Any = house.database.engine
    with found.connect() as connection:
        rows = connection.exec_driver_sql("SELECT pseudonym, entry_id FROM log_subject_ix")
        by_person: dict[str, int] = {}
        for pseudonym, _ in rows:
            by_person[pseudonym] = by_person.get(pseudonym, 0) + 1
    assert [2, 2] == sorted(by_person.values())


def test_withdrawal_by_somebody_beside_the_main_subject_recalls_what_waits_about_both(
    house: House,
) -> None:
    question = furnished(house)
    house.subject("s-son", "npo-hidamari", "p-son")
    consent = {**question["registered"]["consents"][0], "id": "consent-son", "person": "p-son"}
    house.fact("consent", consent)
    both = (SubjectId(question["request"]["subject"]), SubjectId("s-son"))
    fields = tuple(replace(f, about=both) for f in asked_of(question).fields)
    disclosed = house.disclose(question, co_subjects={both[1]: "household"}, fields=fields)
    house.release(house.sealed(disclosed, disclosed.units[0], sender(question)), question)
    sent(house, question)  # about the main subject alone
    house.clock.advance(1)
    assert 0 == house.run(house.reconsider.person(PersonId("p-son")))

    house.fact("consent", {**consent, "withdrawn_at": house.clock.now() - 1}, version=1)
    recalled = house.run(house.reconsider.person(PersonId("p-son")))

    assert 1 == recalled
    rows = house.context.registers.rows(house.context.tenant_id, "delivery", {})
    assert ["recalled", "waiting"] == [row["state"] for row in rows]
    assert 0 == house.run(house.reconsider.person(PersonId("p-son")))
