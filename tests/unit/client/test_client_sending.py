"""A desk seals nothing before the permit is proven, and keeps what is not permitted."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from gateway.audit.verify import ContradictsEvidence
from gateway.client import (
    Desk,
    Direction,
    GatewayProblem,
    KeyNotConfirmed,
    KeyUse,
    Proposal,
    RecipientRef,
    ReplayedDecision,
    UnreadableAnswer,
)
from gateway.crypto.commitment import InvalidOpening
from gateway.crypto.keys import generate_sealing_key
from gateway.crypto.merkle import InvalidProof
from gateway.crypto.signed_note import InvalidNote
from gateway.domain.errors import Conflict, IntegrityError, MalformedRequest, SchemaViolation
from gateway.domain.ids import AgencyId, FieldId
from gateway.domain.log import EntryType
from tests.unit.client.conftest import NPO, RECORD, SATO, SmallGateway

Lie = Callable[[dict[str, Any]], None]


def _lie_about_units(gateway: SmallGateway, change: Lie) -> None:
    """Change the first unit of every answer to a proposal."""

    def lie(path: str, body: Any) -> Any:
        if path != "/v1/disclosures":
            return body
        told = json.loads(json.dumps(body))
        change(told["units"][0])
        return told

    gateway.lie = lie


def _uploads(gateway: SmallGateway) -> list[str]:
    return [call["path"] for call in gateway.asked if call["method"] == "PUT"]


def test_permit_without_proof_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    _lie_about_units(gateway, lambda unit: unit.pop("evidence"))

    with pytest.raises(ContradictsEvidence):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_permit_with_the_proof_of_another_entry_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    other = gateway.log.proof(2)
    _lie_about_units(gateway, lambda unit: unit["evidence"].update(proof=other))

    with pytest.raises(InvalidProof):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_permit_with_the_opening_of_another_decision_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    earlier = city.ask(proposal, RECORD).units[0].evidence
    assert earlier is not None
    _lie_about_units(
        gateway, lambda unit: unit["evidence"].update(opening=earlier.opening.to_json())
    )

    with pytest.raises(InvalidOpening):
        city.disclose(proposal, RECORD)


def test_permit_proven_by_an_earlier_disclosure_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    earlier = city.ask(proposal, RECORD).units[0].evidence
    assert earlier is not None
    _lie_about_units(gateway, lambda unit: unit.update(evidence=earlier.to_json()))

    with pytest.raises(ContradictsEvidence):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_earlier_answer_shown_as_new_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    kept: list[Any] = []

    def replay(path: str, body: Any) -> Any:
        if path == "/v1/disclosures":
            kept.append(body)
            return kept[0]
        return body

    gateway.lie = replay
    city.ask(proposal, RECORD)

    with pytest.raises(ReplayedDecision):
        city.ask(proposal, RECORD)


def test_permit_of_another_log_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    stranger = SmallGateway()
    gateway.log = stranger.log

    with pytest.raises(InvalidNote):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_permit_under_an_unsigned_head_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    def unsign(unit: dict[str, Any]) -> None:
        unit["evidence"]["proof"] = unit["evidence"]["proof"].split("\u2014")[0]

    _lie_about_units(gateway, unsign)

    with pytest.raises(InvalidNote):
        city.disclose(proposal, RECORD)


@pytest.mark.parametrize(
    "change",
    [
        {"fields_permitted": ["subject.name_original"]},
        {"decision_id": "dec-9"},
        {"log_index": 3},
    ],
    ids=lambda change: next(iter(change)),
)
def test_permit_that_its_entry_does_not_say_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal, change: dict[str, Any]
) -> None:
    _lie_about_units(gateway, lambda unit: unit.update(change))

    with pytest.raises(ContradictsEvidence):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_refusal_shown_as_permit_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    gateway.withhold = set(RECORD)

    def turn(path: str, body: Any) -> Any:
        if path != "/v1/disclosures":
            return body
        unit = {**body["units"][0], "label": "permit", "fields_permitted": sorted(RECORD)}
        return {"disclosure_id": "d-1", "units": [unit]}

    gateway.lie = turn

    # The status still says 403; without a problem's media type nobody can say what it means.
    with pytest.raises(UnreadableAnswer):
        city.disclose(proposal, RECORD)
    gateway.withhold = {FieldId("subject.phones")}
    with pytest.raises(ContradictsEvidence):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


@pytest.mark.parametrize("change", [{"recipient": "aoba-gas"}, {"subject": "s-suzuki"}])
def test_answer_about_something_else_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal, change: dict[str, str]
) -> None:
    _lie_about_units(gateway, lambda unit: unit.update(change))

    with pytest.raises(ContradictsEvidence):
        city.disclose(proposal, RECORD)


def test_field_permitted_without_being_asked_for_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    short = {FieldId("subject.phones"): ["00-0000-0000"]}
    ask = gateway._disclose  # noqa: SLF001 - the decision that a lying gateway would record

    def generous(who: str, body: Any) -> Any:
        return ask(who, {**body, "fields": [{"id": i} for i in RECORD]})

    gateway._disclose = generous  # type: ignore[method-assign] # noqa: SLF001 - as above

    with pytest.raises(ContradictsEvidence):
        city.ask(proposal, short)


@pytest.mark.parametrize(
    "change",
    [
        {"recipients": [{"agency": "shakyo"}]},
        {"recipients": [{"agency": NPO, "actor": "a-tanaka"}]},
        {"recipients": []},
        {"recipients": [{"agency": NPO}, {"agency": NPO}]},
        {"recipients": [{"agency": NPO}, {"agency": "shakyo"}]},
        {"subjects": ["s-suzuki"]},
        {"purpose": "statistics"},
        {"direction": "pull"},
    ],
    ids=count(),
)
def test_decision_that_was_truly_recorded_about_something_else_is_refused(
    gateway: SmallGateway,
    city: Desk,
    new_desk: Callable[..., Desk],
    proposal: Proposal,
    change: dict[str, Any],
) -> None:
    new_desk("shakyo")
    decide = gateway._disclose  # noqa: SLF001 - a gateway that decides what nobody asked

    def other(who: str, body: Any) -> Any:
        status, answered = decide(who, {**body, **change})
        return (201, {"disclosure_id": "d-1", "units": []}) if status != 201 else (201, answered)

    gateway._disclose = other  # type: ignore[method-assign] # noqa: SLF001 - as above

    with pytest.raises((ContradictsEvidence, UnreadableAnswer)):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_entry_about_another_person_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    decide = gateway._disclose  # noqa: SLF001 - a gateway that records another person
    gateway._disclose = lambda who, body: decide(who, {**body, "subjects": ["s-suzuki"]})  # type: ignore[method-assign] # noqa: SLF001 - as above
    _lie_about_units(gateway, lambda unit: unit.update(subject=SATO))

    with pytest.raises(ContradictsEvidence):
        city.disclose(proposal, RECORD)
    assert [] == _uploads(gateway)


def test_other_record_than_the_one_asked_about_is_not_sent(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    answer = city.ask(proposal, RECORD)

    with pytest.raises(Conflict, match="RECORD_CHANGED"):
        city.send(answer, {**RECORD, FieldId("subject.phones"): ["11-1111-1111"]})
    assert [] == _uploads(gateway)


def test_record_of_which_nothing_is_the_recipients_own_is_not_sent(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    record = {FieldId("support_plan.services"): [{"agency": "shakyo"}]}

    with pytest.raises(Conflict, match="NOTHING_TO_SEND"):
        city.disclose(proposal, record)
    assert [] == _uploads(gateway)


def test_changed_recipient_key_is_refused_until_confirmed(
    gateway: SmallGateway, city: Desk, npo: Desk, proposal: Proposal
) -> None:
    city.disclose(proposal, RECORD)
    gateway.keys[NPO, "seal"] = generate_sealing_key().public().jwk()

    with pytest.raises(KeyNotConfirmed) as refused:
        city.disclose(proposal, RECORD)
    assert 1 == len(_uploads(gateway))
    assert (NPO, "seal") == (refused.value.owner, refused.value.use)

    city.pins.confirm(NPO, KeyUse.SEAL, refused.value.fingerprint)
    assert 1 == len(city.disclose(proposal, RECORD))


def test_old_recipient_key_is_refused_after_another_was_confirmed(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    old = gateway.keys[NPO, "seal"]
    city.disclose(proposal, RECORD)
    city.pins.confirm(NPO, KeyUse.SEAL, generate_sealing_key().kid)

    with pytest.raises(KeyNotConfirmed) as refused:
        city.disclose(proposal, RECORD)
    assert old["kid"] == refused.value.fingerprint


def test_key_that_brings_the_pinned_id_is_still_another_key(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    city.disclose(proposal, RECORD)
    kid = gateway.keys[NPO, "seal"]["kid"]
    gateway.keys[NPO, "seal"] = {**generate_sealing_key().public().jwk(), "kid": kid}

    with pytest.raises(KeyNotConfirmed):
        city.disclose(proposal, RECORD)


def test_recipient_key_that_is_none_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    answer = city.ask(proposal, RECORD)
    unit = replace(answer.units[0], recipient_key=None)

    with pytest.raises(Conflict, match="NO_RECIPIENT_KEY"):
        city.send(replace(answer, units=(unit,)), RECORD)
    gateway.keys[NPO, "seal"] = {"kty": "oct", "k": "AAAA"}
    with pytest.raises(UnreadableAnswer):
        city.disclose(proposal, RECORD)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"delivery_id": "del-9"}, ContradictsEvidence),
        ({"log_index": 1}, ContradictsEvidence),
        ({"evidence": None}, InvalidOpening),
    ],
)
def test_release_that_is_not_proven_is_noticed(
    gateway: SmallGateway,
    city: Desk,
    proposal: Proposal,
    change: dict[str, Any],
    error: type[IntegrityError],
) -> None:
    gateway.lie = lambda path, body: {**body, **change} if "payloads" in path else body

    with pytest.raises(error):
        city.disclose(proposal, RECORD)


def test_refusal_names_reasons_and_next_step(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    gateway.withhold = set(RECORD)

    with pytest.raises(GatewayProblem) as refused:
        city.disclose(proposal, RECORD)

    assert (403, "disclosure-refused") == (refused.value.status, refused.value.code)
    assert "dec-1" == refused.value.decision_id
    assert ["本人に尋ねる"] == [r.next_step_ja for r in refused.value.reasons]
    assert ["deny"] == [unit.label for unit in refused.value.units]
    assert "佐藤" not in str(refused.value)


def test_field_of_no_schema_never_reaches_the_gateway(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    with pytest.raises(SchemaViolation):
        city.ask(proposal, {FieldId("subject.nickname"): "x"})
    assert [] == gateway.asked


def test_told_proposal_is_not_asked_nor_an_asked_one_told(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    with pytest.raises(MalformedRequest):
        city.ask(replace(proposal, direction=Direction.ORAL), RECORD)
    with pytest.raises(MalformedRequest):
        city.tell(proposal, RECORD)
    assert [] == gateway.asked


def test_told_unit_without_its_release_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    _lie_about_units(gateway, lambda unit: unit.update(release_index=None))

    with pytest.raises(ContradictsEvidence):
        city.tell(replace(proposal, direction=Direction.TELEPHONE), RECORD)


def test_what_is_told_is_decided_and_recorded(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    answer = city.tell(replace(proposal, direction=Direction.TELEPHONE), RECORD)

    assert [answer.units[0].log_index + 1] == [u.release_index for u in answer.permitted]


def test_values_never_leave_the_desk_in_the_clear(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    city.disclose(proposal, RECORD)

    sent = b"".join(call["path"].encode() + call["body"] for call in gateway.asked)
    assert b"subject.phones" in sent
    assert b"00-0000-0000" not in sent
    assert "佐藤" not in sent.decode()


def test_only_permitted_fields_are_declared(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    gateway.withhold = {"subject.phones"}

    (sent,) = city.disclose(proposal, RECORD)

    assert ("subject.name_original",) == sent.fields
    assert (NPO, "waiting") == (sent.recipient, sent.state)


def test_every_recipient_gets_an_envelope_of_its_own(
    gateway: SmallGateway, city: Desk, new_desk: Callable[..., Desk]
) -> None:
    new_desk("shakyo")
    both = tuple(RecipientRef(AgencyId(agency)) for agency in (NPO, "shakyo"))
    proposal = Proposal(recipients=both, subject=SATO, purpose="refer")

    sent = city.disclose(proposal, RECORD)

    assert [NPO, "shakyo"] == [s.recipient for s in sent]
    assert 2 == len({d["envelope"] for d in gateway.deliveries.values()})


def test_recall_is_proven(gateway: SmallGateway, city: Desk, proposal: Proposal) -> None:
    answer = city.ask(proposal, RECORD)
    (sent,) = city.send(answer, RECORD)

    (recalled,) = city.recall(answer.disclosure_id, "sent_in_error")
    assert (sent.delivery_id, "recalled") == (recalled.delivery_id, recalled.state)

    release = gateway.deliveries[sent.delivery_id]["evidence"].to_json()

    def lie(path: str, body: Any) -> Any:
        if path.endswith("/recall"):
            return {"deliveries": [{**body["deliveries"][0], "evidence": release}]}
        return body

    gateway.lie = lie
    with pytest.raises(ContradictsEvidence):
        city.recall(answer.disclosure_id, "sent_in_error")


def test_register_entry_without_its_place_in_the_log_is_refused(
    gateway: SmallGateway, city: Desk
) -> None:
    assert "c-1" == city.register("consents", {"subject": SATO})["id"]

    pad = gateway.log.append(EntryType.PAD, {})[1]
    gateway.lie = lambda path, body: (
        {**body, "evidence": pad.to_json()} if path == "/v1/consents" else body
    )
    with pytest.raises(ContradictsEvidence):
        city.register("/v1/consents", {"subject": SATO})
    with pytest.raises(MalformedRequest):
        city.register("../audit", {})
