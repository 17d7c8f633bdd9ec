"""A permit lets exactly its fields pass, once, within its time, and with its entry."""

from typing import Any

import pytest

from gateway.audit.verify import verify_release
from gateway.domain.errors import Conflict, NotAuthorized, NotFound, Refused, SchemaViolation
from gateway.domain.ids import ActorId, DisclosureId, FieldId
from gateway.services.asking import DecidedDisclosure, Upload
from tests.simulators.house import House
from tests.simulators.policy_inputs import DAY, T0, known, protection_flag

CASE = "consent_private"


@pytest.fixture
def question(house: House) -> dict[str, Any]:
    asked = known(CASE)
    house.furnish(asked)
    return asked


@pytest.fixture
def disclosed(house: House, question: dict[str, Any]) -> DecidedDisclosure:
    return house.disclose(question)


def sender(question: dict[str, Any]) -> str:
    return str(question["request"]["sender"]["agency"])


def waiting(house: House) -> list[str]:
    rows = house.context.registers.rows(house.context.tenant_id, "delivery", {})
    return [str(r["state"]) for r in rows]


def changed(upload: Upload, **values: Any) -> Upload:
    members = {n: getattr(upload, n) for n in Upload.__slots__}
    return Upload(**{**members, **values})


def test_release_of_a_refused_unit_is_refused(house: House) -> None:
    question = known("main")
    house.furnish(question)
    disclosed = house.disclose(question)
    upload = Upload(
        disclosed.disclosure_id,
        disclosed.units[0].recipient,
        disclosed.units[0].decision.decision_id,
        (FieldId("subject.name_original"),),
        "a.b.c.d.e",
    )

    with pytest.raises(Conflict, match="NOT_PERMITTED"):
        house.release(upload, question)

    assert [] == waiting(house)


def test_release_by_another_agency_is_not_found(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    stranger = house.caller("aoba-gas")

    with pytest.raises(NotFound):
        house.run(house.door.release(stranger, ActorId("actor-gas"), upload))

    assert [] == waiting(house)


def test_release_by_another_person_is_not_authorized(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))

    with pytest.raises(NotAuthorized):
        house.run(house.door.release(house.caller(sender(question)), ActorId("other"), upload))


@pytest.mark.parametrize("named", ["disclosure_id", "recipient"])
def test_release_under_another_name_is_not_found(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure, named: str
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))

    with pytest.raises(NotFound):
        house.release(changed(upload, **{named: "another"}), question)


def test_release_declaring_a_field_that_is_not_permitted_is_refused(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    more = changed(upload, fields=(*upload.fields, FieldId("assessment.diagnosis")))

    with pytest.raises(SchemaViolation):
        house.release(more, question)

    assert [] == waiting(house)


def test_release_of_an_envelope_sealed_for_another_decision_is_refused(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    other = house.disclose(question)
    upload = house.sealed(other, other.units[0], sender(question))
    mixed = changed(
        upload,
        disclosure_id=disclosed.disclosure_id,
        decision_id=disclosed.units[0].decision.decision_id,
    )

    with pytest.raises(SchemaViolation):
        house.release(mixed, question)


def test_release_after_the_permit_has_expired_is_refused(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    assert disclosed.units[0].expires_at is not None
    house.clock.advance(disclosed.units[0].expires_at - house.clock.now())

    with pytest.raises(Conflict, match="PERMIT_EXPIRED"):
        house.release(upload, question)


def test_release_after_the_consent_was_withdrawn_is_refused_and_recorded(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    consent = question["registered"]["consents"][0]
    house.clock.advance(1000)
    house.fact("consent", {**consent, "withdrawn_at": house.clock.now() - 1}, version=1)

    with pytest.raises(Refused) as refused:
        house.release(upload, question)

    assert "CONSENT_WITHDRAWN" in refused.value.reason_codes
    assert [] == waiting(house)
    (_, first), (_, second) = house.entries(kinds={"decision"})
    assert ("permit", "deny") == (first["outcome"], second["outcome"])


def test_release_after_a_harmless_change_passes_with_a_decision_made_anew(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    other = {**question["registered"]["consents"][0], "id": "consent-of-old"}
    house.fact("consent", {**other, "valid_from": T0 - 90 * DAY, "valid_to": T0 - 60 * DAY})

    released = house.release(upload, question)

    assert "waiting" == released.state
    assert ["decision", "decision", "release"] == [
        t for t, _ in house.entries(kinds={"decision", "release"})
    ]


def test_permit_is_used_once(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    house.release(upload, question)

    with pytest.raises(Conflict, match="PERMIT_USED"):
        house.release(house.sealed(disclosed, disclosed.units[0], sender(question)), question)

    assert ["waiting"] == waiting(house)


def test_same_envelope_sent_again_gets_the_same_answer(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    first = house.release(upload, question)

    second = house.release(upload, question)

    assert (first.delivery_id, first.index) == (second.delivery_id, second.index)
    assert 1 == len(house.entries(kinds={"release"}))


def test_released_envelope_is_opened_by_its_recipient_with_its_proof(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    released = house.release(upload, question)
    recipient = question["registered"]["recipient"]

    opened = house.run(
        house.deliveries.open(
            house.caller(recipient["agency"]["id"]),
            ActorId(recipient["actor"]["id"]),
            released.delivery_id,
        )
    )

    verify_release(
        opened.release,
        house.trusted,
        envelope=opened.envelope,
        expected={"recipient_agency": recipient["agency"]["id"]},
    )
    assert upload.envelope == opened.envelope
    assert ["release", "opened"] == [t for t, _ in house.entries(kinds={"release", "opened"})]


def test_delivery_of_another_agency_is_not_found(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    released = house.release(upload, question)

    with pytest.raises(NotFound):
        house.run(
            house.deliveries.open(house.caller("aoba-gas"), ActorId("x"), released.delivery_id)
        )
    assert [] == house.entries(kinds={"opened"})


def test_delivery_is_recalled_when_a_flag_names_the_recipient_before_it_is_opened(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    released = house.release(upload, question)
    recipient = question["registered"]["recipient"]
    house.fact("protection_flag", protection_flag(counterpart_agencies=[recipient["agency"]["id"]]))

    with pytest.raises(Conflict, match="RECALLED"):
        house.run(
            house.deliveries.open(
                house.caller(recipient["agency"]["id"]),
                ActorId(recipient["actor"]["id"]),
                released.delivery_id,
            )
        )

    assert ["recalled"] == waiting(house)
    assert [] == house.entries(kinds={"opened"})
    assert 1 == len(house.entries(kinds={"recalled"}))


def test_recall_of_an_opened_delivery_leaves_it_opened(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    released = house.release(upload, question)
    recipient = question["registered"]["recipient"]
    by = (house.caller(recipient["agency"]["id"]), ActorId(recipient["actor"]["id"]))
    house.run(house.deliveries.open(*by, released.delivery_id))

    (recall,) = house.run(
        house.deliveries.recall(
            house.caller(sender(question)),
            ActorId(question["request"]["sender"]["actor"]),
            DisclosureId(disclosed.disclosure_id),
            code="sent_in_error",
        )
    )

    assert ("opened", None) == (recall.state, recall.index)


def test_acknowledged_delivery_is_gone_from_the_gateway(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    released = house.release(upload, question)
    recipient = question["registered"]["recipient"]
    by = (house.caller(recipient["agency"]["id"]), ActorId(recipient["actor"]["id"]))
    house.run(house.deliveries.open(*by, released.delivery_id))

    house.run(house.deliveries.acknowledge(*by, released.delivery_id, code="ok", accepted=True))

    with pytest.raises(Conflict, match="ACKNOWLEDGED"):
        house.run(house.deliveries.open(*by, released.delivery_id))
    (row,) = house.context.registers.rows(house.context.tenant_id, "delivery", {})
    assert ("acknowledged", None) == (row["state"], row["envelope"])


def test_unopened_delivery_expires_and_loses_its_envelope(
    house: House, question: dict[str, Any], disclosed: DecidedDisclosure
) -> None:
    upload = house.sealed(disclosed, disclosed.units[0], sender(question))
    released = house.release(upload, question)
    house.clock.advance(released.expires_at - house.clock.now())

    assert 1 == house.run(house.deliveries.expire_due())

    (row,) = house.context.registers.rows(house.context.tenant_id, "delivery", {})
    assert ("expired", None) == (row["state"], row["envelope"])
