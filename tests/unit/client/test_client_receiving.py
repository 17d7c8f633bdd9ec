"""A desk opens nothing before its release is proven, and says so when it holds too much."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from gateway.audit.verify import ContradictsEvidence, decision_binding
from gateway.client import (
    Desk,
    GatewayProblem,
    KeyNotConfirmed,
    KeyUse,
    Proposal,
    RecipientRef,
    UnreadableAnswer,
)
from gateway.crypto.binding import (
    RECORD_TYP,
    BindingMismatch,
    FieldsExceedDecision,
    SenderNotProven,
    WrongKey,
    bound_members,
    fields_digest,
)
from gateway.crypto.canonical import canonical_json
from gateway.crypto.commitment import InvalidOpening
from gateway.crypto.encoding import unb64u
from gateway.crypto.jws import sign_jws
from gateway.crypto.keys import (
    SigningKey,
    generate_sealing_key,
    generate_signing_key,
    seal_to,
)
from gateway.crypto.merkle import InvalidProof
from gateway.crypto.sealing import SealedBy, SignedRecord, seal
from gateway.crypto.signed_note import InvalidNote
from gateway.domain.errors import MalformedRequest
from gateway.domain.ids import AgencyId
from tests.unit.client.conftest import CITY, NPO, ORIGIN, RECORD, SATO, SmallGateway

DELIVERY = "del-1"


@pytest.fixture
def waiting(city: Desk, proposal: Proposal) -> str:
    """A delivery from あおば市 that waits for ひだまり."""
    return city.disclose(proposal, RECORD)[0].delivery_id


def _lie(gateway: SmallGateway, change: Callable[[dict[str, Any]], None]) -> None:
    def lie(path: str, body: Any) -> Any:
        if path != f"/v1/inbox/{DELIVERY}":
            return body
        told = json.loads(json.dumps(body))
        change(told)
        return told

    gateway.lie = lie


def _sealed_by(
    gateway: SmallGateway,
    city: Desk,
    proposal: Proposal,
    *,
    signer: SigningKey,
    sealed_by: SealedBy = SealedBy.CONTROLLER,
) -> str:
    """Let somebody else than the city's desk seal and sign; return the delivery."""
    answer = city.ask(proposal, RECORD)
    evidence = answer.units[0].evidence
    assert evidence is not None
    record = SignedRecord({str(i): v for i, v in RECORD.items()}, sealed_by)
    envelope = seal(
        record,
        decision_binding(evidence, gateway=ORIGIN),
        recipient_key=seal_to(gateway.keys[NPO, "seal"]),
        signer=signer,
    )
    return _released(gateway, answer.disclosure_id, answer.units[0].decision_id, envelope)


def _released(gateway: SmallGateway, disclosure_id: str, decision_id: str, envelope: str) -> str:
    released = gateway.release(
        disclosure_id,
        {"decision_id": decision_id, "fields": list(RECORD), "envelope": envelope},
    )
    return str(released["delivery_id"])


def _overfull(gateway: SmallGateway, city: Desk, proposal: Proposal) -> str:
    """A delivery that declares what is permitted, and holds one field more."""
    answer = city.ask(proposal, RECORD)
    evidence, signer = answer.units[0].evidence, generate_signing_key()
    assert evidence is not None
    gateway.keys[CITY, "sign"] = signer.public().jwk()
    binding = decision_binding(evidence, gateway=ORIGIN)
    recipient = seal_to(gateway.keys[NPO, "seal"])
    honest = seal(SignedRecord(dict(RECORD)), binding, recipient_key=recipient, signer=signer)
    payload = {
        **bound_members(binding, fields_digest(RECORD)),
        "v": 1,
        "controller": CITY,
        "sealed_by": "controller",
        "record": {**RECORD, "assessment.diagnosis": "x"},
    }
    inner = sign_jws(canonical_json(payload), key=signer, typ=RECORD_TYP)
    header = json.loads(unb64u(honest.split(".", maxsplit=1)[0]))
    del header["epk"]
    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"], strict_check_header=False)
    registry.max_protected_header_length = 4096
    envelope = jwe.encrypt_compact(
        header, inner, ECKey.import_key(recipient.public), registry=registry
    )
    return _released(gateway, answer.disclosure_id, answer.units[0].decision_id, envelope)


def test_envelope_without_a_release_is_not_opened(
    gateway: SmallGateway, npo: Desk, waiting: str
) -> None:
    _lie(gateway, lambda told: told.update(release=None))

    with pytest.raises(InvalidOpening):
        npo.open(waiting)


def test_envelope_with_the_proof_of_another_entry_is_not_opened(
    gateway: SmallGateway, npo: Desk, waiting: str
) -> None:
    _lie(gateway, lambda told: told["release"].update(proof=gateway.log.proof(1)))

    with pytest.raises(InvalidProof):
        npo.open(waiting)


def test_envelope_under_an_unsigned_head_is_not_opened(
    gateway: SmallGateway, npo: Desk, waiting: str
) -> None:
    _lie(
        gateway,
        lambda told: told["release"].update(proof=told["release"]["proof"].split("\u2014")[0]),
    )

    with pytest.raises(InvalidNote):
        npo.open(waiting)


def test_other_envelope_than_the_released_one_is_not_opened(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal, waiting: str
) -> None:
    other = gateway.deliveries[city.disclose(proposal, RECORD)[0].delivery_id]["envelope"]
    _lie(gateway, lambda told: told.update(envelope=other))

    with pytest.raises(ContradictsEvidence):
        npo.open(waiting)


def test_release_without_its_decision_is_not_opened(
    gateway: SmallGateway, npo: Desk, waiting: str
) -> None:
    _lie(gateway, lambda told: told.update(decision=None))

    with pytest.raises(InvalidOpening):
        npo.open(waiting)


def test_release_under_another_decision_is_not_opened(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal, waiting: str
) -> None:
    other = city.disclose(proposal, RECORD)[0].decision_id
    _lie(gateway, lambda told: told.update(decision=gateway.decisions[other].to_json()))

    with pytest.raises(ContradictsEvidence):
        npo.open(waiting)


def test_earlier_delivery_under_a_new_id_is_not_opened(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal, waiting: str
) -> None:
    gateway.deliveries["del-2"] = gateway.deliveries[waiting]

    with pytest.raises(ContradictsEvidence):
        npo.open("del-2")


def test_delivery_for_another_agency_is_not_opened(
    gateway: SmallGateway, npo: Desk, city: Desk, new_desk: Callable[..., Desk]
) -> None:
    new_desk("shakyo")
    meant = Proposal(recipients=(RecipientRef(AgencyId("shakyo")),), subject=SATO, purpose="refer")
    (sent,) = city.disclose(meant, RECORD)
    with pytest.raises(GatewayProblem, match="404 not-found"):
        npo.open(sent.delivery_id)

    gateway.deliveries[sent.delivery_id]["recipient_agency"] = NPO
    with pytest.raises(ContradictsEvidence):
        npo.open(sent.delivery_id)


def test_release_that_names_another_sender_is_not_opened(
    gateway: SmallGateway, npo: Desk, waiting: str
) -> None:
    _lie(gateway, lambda told: told.update(sender="midori-pref"))

    with pytest.raises(ContradictsEvidence):
        npo.open(waiting)


def test_envelope_sealed_to_another_key_is_not_opened(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    gateway.keys[NPO, "seal"] = generate_sealing_key().public().jwk()
    (sent,) = city.disclose(proposal, RECORD)

    with pytest.raises(WrongKey):
        npo.open(sent.delivery_id)


def test_envelope_of_another_gateway_is_not_opened(
    gateway: SmallGateway, new_desk: Callable[..., Desk], waiting: str
) -> None:
    gateway.audience = "https://other.example"
    desk = new_desk(NPO, origin=gateway.audience)

    with pytest.raises(BindingMismatch):
        desk.open(waiting)


def test_record_signed_by_a_stranger_is_not_opened(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    delivery = _sealed_by(gateway, city, proposal, signer=generate_signing_key())

    with pytest.raises(SenderNotProven):
        npo.open(delivery)


def test_changed_sender_key_is_refused_until_confirmed(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal, waiting: str
) -> None:
    npo.open(waiting)
    signer = generate_signing_key()
    gateway.keys[CITY, "sign"] = signer.public().jwk()
    delivery = _sealed_by(gateway, city, proposal, signer=signer)

    with pytest.raises(KeyNotConfirmed) as refused:
        npo.open(delivery)
    assert (CITY, "sign", signer.kid) == (
        refused.value.owner,
        refused.value.use,
        refused.value.fingerprint,
    )

    npo.pins.confirm(CITY, KeyUse.SIGN, signer.kid)
    assert dict(RECORD) == npo.open(delivery).fields


def test_record_sealed_by_the_gateway_is_shown_as_such_and_pinned_apart(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal, waiting: str
) -> None:
    npo.open(waiting)
    signer = generate_signing_key()
    gateway.keys[CITY, "sign"] = signer.public().jwk()
    delivery = _sealed_by(gateway, city, proposal, signer=signer, sealed_by=SealedBy.GATEWAY)

    assert SealedBy.GATEWAY is npo.open(delivery).sealed_by
    assert (signer.kid,) == npo.pins.pinned(ORIGIN, KeyUse.SIGN)


def test_sender_key_that_is_none_is_refused(gateway: SmallGateway, npo: Desk, waiting: str) -> None:
    _lie(gateway, lambda told: told.update(sender_keys=[{"kty": "oct", "k": "AAAA"}]))

    with pytest.raises(UnreadableAnswer):
        npo.open(waiting)


def test_envelope_with_an_extra_field_is_refused_and_reported(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    delivery = _overfull(gateway, city, proposal)

    with pytest.raises(FieldsExceedDecision):
        npo.open(delivery)

    assert [(delivery, {"accepted": False, "code": "fields_exceed"})] == gateway.acknowledged


def test_envelope_with_an_extra_field_is_refused_also_when_nobody_hears_of_it(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    delivery = _overfull(gateway, city, proposal)
    gateway.drop = [f"/v1/inbox/{delivery}/acknowledgement"]

    with pytest.raises(FieldsExceedDecision) as refused:
        npo.open(delivery)

    assert 1 == len(refused.value.__notes__)


def test_identifier_that_would_change_the_path_is_refused(gateway: SmallGateway, npo: Desk) -> None:
    for id_ in ("", "..", "a/b", "a?b", "ひ"):
        with pytest.raises(MalformedRequest):
            npo.open(id_)
    assert [] == gateway.asked


def test_list_that_comes_back_to_where_it_was_is_refused(
    gateway: SmallGateway, npo: Desk, waiting: str
) -> None:
    gateway.lie = lambda path, body: {**body, "next": "x"} if path == "/v1/inbox" else body

    with pytest.raises(UnreadableAnswer):
        list(npo.inbox())


def test_record_arrives_as_it_was_sent(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    for _ in range(2):
        city.disclose(proposal, RECORD)

    listed = list(npo.inbox())
    opened = [npo.open(item.delivery_id) for item in listed]

    assert [("del-1", CITY), ("del-2", CITY)] == [(i.delivery_id, i.sender) for i in listed]
    assert [dict(RECORD)] * 2 == [o.fields for o in opened]
    assert [SealedBy.CONTROLLER] * 2 == [o.sealed_by for o in opened]
    assert ["purpose_only"] == [o.code for o in opened[0].obligations]
    assert "佐藤" not in repr(opened)
    index = npo.acknowledge("del-1")
    assert gateway.log.state.size == 1 + index
