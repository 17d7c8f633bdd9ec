"""What a member checks for itself: every broken link of the chain is noticed."""

import json
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.proof_file import ProofFile
from gateway.audit.tree import prove_consistency
from gateway.audit.verify import (
    ContradictsEvidence,
    Evidence,
    decision_binding,
    release_binding,
    verify_decision,
    verify_entry_proof,
    verify_evidence,
    verify_growth,
    verify_release,
    verify_release_under,
)
from gateway.crypto.binding import FieldsExceedDecision
from gateway.crypto.commitment import InvalidOpening
from gateway.crypto.encoding import b64u, digest_text
from gateway.crypto.keys import generate_sealing_key, generate_signing_key
from gateway.crypto.merkle import InvalidProof, leaf_hash
from gateway.crypto.sealing import SignedRecord, open_sealed, seal
from gateway.crypto.signed_note import InvalidNote
from gateway.domain.errors import IntegrityError
from gateway.domain.log import EntryType

GATEWAY = "gw.example/audit/2027a"
FIELDS = {"subject.name_original": "佐藤", "subject.phone": "00"}
DECISION: dict[str, Any] = {
    "disclosure_id": "d-1",
    "decision_id": "dec-1",
    "sender_agency": "aoba-city",
    "recipient_agency": "npo-hidamari",
    "subject": "s-sato",
    "outcome": "permit",
    "field_ids": sorted(FIELDS),
    "alert": False,
}
RECIPIENT, SENDER = generate_sealing_key(), generate_signing_key()


@pytest.fixture
def decision(small_log: Any) -> Evidence:
    evidence: Evidence = small_log.append(EntryType.DECISION, DECISION)[1]
    return evidence


@pytest.fixture
def released(small_log: Any, decision: Evidence) -> tuple[Evidence, str]:
    """A release as the recipient gets it: without the subject, with the envelope."""
    binding = decision_binding(decision, gateway=GATEWAY)
    envelope = seal(SignedRecord(FIELDS), binding, recipient_key=RECIPIENT.public(), signer=SENDER)
    body = {
        **{name: DECISION[name] for name in DECISION if name not in {"outcome", "alert"}},
        "decision_leaf": b64u(leaf_hash(decision.leaf)),
        "envelope_digest": digest_text(envelope.encode()),
    }
    evidence = small_log.append(EntryType.RELEASE, body)[1]
    shown = evidence.opening.only(body.keys() - {"subject"})
    return replace(evidence, opening=shown), envelope


def test_proof_of_another_entry_is_refused(small_log: Any, decision: Evidence) -> None:
    other = small_log.append(EntryType.DECISION, DECISION)[1]

    with pytest.raises(InvalidProof):
        verify_evidence(
            replace(decision, proof=other.proof), small_log.trusted, type_=EntryType.DECISION
        )


def test_opening_of_another_entry_is_refused(small_log: Any, decision: Evidence) -> None:
    other = small_log.append(EntryType.DECISION, DECISION)[1]

    with pytest.raises(InvalidOpening):
        verify_evidence(
            replace(decision, opening=other.opening), small_log.trusted, type_=EntryType.DECISION
        )


def test_proof_of_another_log_is_refused(small_log: Any, decision: Evidence) -> None:
    stranger = type(small_log)()

    with pytest.raises(InvalidNote):
        verify_evidence(decision, stranger.trusted, type_=EntryType.DECISION)


def test_proof_with_an_unsigned_or_older_head_is_refused(small_log: Any) -> None:
    old_note = small_log.note()
    evidence = small_log.append(EntryType.DECISION, DECISION)[1]
    proof = ProofFile.parse(evidence.proof)

    unsigned = ProofFile(proof.index, proof.hashes, proof.note.split("\u2014", maxsplit=1)[0])
    for lie, error in (
        (unsigned, InvalidNote),
        (replace(proof, note=old_note), InvalidProof),
        (replace(proof, index=proof.index - 1), InvalidProof),
        (replace(proof, hashes=proof.hashes[::-1]), InvalidProof),
        (replace(proof, hashes=(*proof.hashes, bytes(32))), InvalidProof),
        (replace(proof, hashes=()), InvalidProof),
    ):
        with pytest.raises(error):
            verify_entry_proof(evidence.leaf, lie, small_log.trusted)
    verify_entry_proof(evidence.leaf, proof, small_log.trusted)


def test_entry_of_another_type_is_refused(small_log: Any, decision: Evidence) -> None:
    with pytest.raises(ContradictsEvidence):
        verify_evidence(decision, small_log.trusted, type_=EntryType.RELEASE)


@pytest.mark.parametrize(
    "expected",
    [
        {"disclosure_id": "d-2"},
        {"recipient_agency": "shakyo"},
        {"field_ids": [*sorted(FIELDS), "health.diagnosis"]},
        {"field_ids": []},
        {"alert": 0},
        {"missing": None},
    ],
    ids=count(),
)
def test_decision_that_says_otherwise_is_refused(
    small_log: Any, decision: Evidence, expected: dict[str, Any]
) -> None:
    with pytest.raises(ContradictsEvidence):
        verify_decision(decision, small_log.trusted, expected=expected)


def test_decision_that_is_no_permit_or_hides_it_is_refused(small_log: Any) -> None:
    denied = small_log.append(EntryType.DECISION, {**DECISION, "outcome": "deny"})[1]
    hidden = small_log.append(EntryType.DECISION, DECISION)[1]
    hidden = replace(hidden, opening=hidden.opening.only({"disclosure_id"}))

    for evidence in (denied, hidden):
        with pytest.raises(ContradictsEvidence):
            verify_decision(evidence, small_log.trusted, expected={})


def test_release_of_another_envelope_is_refused(
    small_log: Any, decision: Evidence, released: tuple[Evidence, str]
) -> None:
    evidence, _ = released
    binding = decision_binding(decision, gateway=GATEWAY)
    again = seal(SignedRecord(FIELDS), binding, recipient_key=RECIPIENT.public(), signer=SENDER)
    fewer = SignedRecord({"subject.phone": "00"})
    other = seal(fewer, binding, recipient_key=RECIPIENT.public(), signer=SENDER)
    moved = seal(
        SignedRecord(FIELDS),
        replace(binding, leaf_hash=bytes(32)),
        recipient_key=RECIPIENT.public(),
        signer=SENDER,
    )

    for envelope in (again, other, moved):
        with pytest.raises(ContradictsEvidence):
            verify_release(evidence, small_log.trusted, envelope=envelope, expected={})


def test_release_that_hides_what_is_needed_is_refused(
    small_log: Any, released: tuple[Evidence, str]
) -> None:
    evidence, envelope = released
    names = set(evidence.fields())

    for name in (
        "disclosure_id",
        "recipient_agency",
        "field_ids",
        "envelope_digest",
        "decision_leaf",
    ):
        hiding = replace(evidence, opening=evidence.opening.only(names - {name}))
        with pytest.raises(ContradictsEvidence):
            verify_release(hiding, small_log.trusted, envelope=envelope, expected={})
    for name in (
        "disclosure_id",
        "recipient_agency",
        "sender_agency",
        "field_ids",
        "decision_leaf",
    ):
        hiding = replace(evidence, opening=evidence.opening.only(names - {name}))
        with pytest.raises(ContradictsEvidence):
            release_binding(hiding, gateway=GATEWAY)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"leaf": "x", "opening": {}, "proof": ""},
        {"leaf": 1, "opening": {}, "proof": ""},
        {"leaf": "あ", "opening": {}, "proof": ""},
        {"leaf": "x", "opening": {}, "proof": 1},
        {"leaf": "x", "opening": {}, "proof": "", "more": 1},
    ],
    ids=count(),
)
def test_evidence_in_another_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidOpening):
        Evidence.from_json(value)


def test_any_character_of_the_evidence_changed_is_refused(
    small_log: Any, released: tuple[Evidence, str]
) -> None:
    evidence, envelope = released
    text = json.dumps(evidence.to_json(), ensure_ascii=False)
    lies = 0

    for place in range(0, len(text), 7):
        lie = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        try:
            read = json.loads(lie)
        except ValueError:
            continue
        lies += 1
        with pytest.raises(IntegrityError):
            verify_release(
                Evidence.from_json(read), small_log.trusted, envelope=envelope, expected={}
            )
    assert 100 < lies


def test_log_that_was_rewritten_is_refused(small_log: Any) -> None:
    old = small_log.trusted.open(small_log.note())
    rewritten = type(small_log)(signer=small_log.signer)
    for _ in range(9):
        rewritten.append(EntryType.PAD, {})
        small_log.append(EntryType.PAD, {})
    proof = prove_consistency(small_log.tree, old.size, small_log.state.size)

    verify_growth(old, small_log.note(), proof, small_log.trusted)

    with pytest.raises(InvalidProof):
        verify_growth(old, rewritten.note(), proof, small_log.trusted)
    forged = prove_consistency(rewritten.tree, old.size, rewritten.state.size)
    with pytest.raises(InvalidProof):
        verify_growth(old, rewritten.note(), forged, small_log.trusted)
    new = small_log.trusted.open(small_log.note())
    with pytest.raises(InvalidProof):
        verify_growth(new, old.note, (), small_log.trusted)


def test_whole_chain_from_permit_to_opened_record(
    small_log: Any, decision: Evidence, released: tuple[Evidence, str]
) -> None:
    """The controller verifies and seals; the recipient verifies, binds and opens."""
    expected = {"recipient_agency": "npo-hidamari", "field_ids": tuple(sorted(FIELDS))}
    verify_decision(decision, small_log.trusted, expected=expected)
    evidence = Evidence.from_json(json.loads(json.dumps(released[0].to_json())))
    verify_release(evidence, small_log.trusted, envelope=released[1], expected=expected)

    opened = open_sealed(
        released[1],
        release_binding(evidence, gateway=GATEWAY),
        key=RECIPIENT,
        senders=[SENDER.public()],
    )

    assert FIELDS == opened.fields
    assert "subject" not in evidence.fields()
    assert "s-sato" not in json.dumps(evidence.to_json())


def test_evidence_signed_by_a_retired_key_verifies_for_whoever_knew_it(small_log: Any) -> None:
    evidence = small_log.append(EntryType.DECISION, DECISION)[1]
    new = type(small_log)()
    both = TrustedLog(GATEWAY, (small_log.signer.key, new.signer.key))

    verify_evidence(evidence, both, type_=EntryType.DECISION)
    with pytest.raises(InvalidNote):
        verify_evidence(evidence, new.trusted, type_=EntryType.DECISION)


def test_release_under_another_decision_is_noticed(
    small_log: Any, released: tuple[Evidence, str]
) -> None:
    other = small_log.append(EntryType.DECISION, DECISION)[1]

    with pytest.raises(ContradictsEvidence):
        verify_release_under(released[0], other, small_log.trusted)


def test_release_under_a_refusal_is_noticed(small_log: Any, released: tuple[Evidence, str]) -> None:
    refusal = small_log.append(EntryType.DECISION, {**DECISION, "outcome": "deny"})[1]

    with pytest.raises(ContradictsEvidence):
        verify_release_under(released[0], refusal, small_log.trusted)


def test_release_under_a_decision_that_hides_its_fields_is_noticed(
    small_log: Any, decision: Evidence, released: tuple[Evidence, str]
) -> None:
    hidden = replace(decision, opening=decision.opening.only(DECISION.keys() - {"field_ids"}))

    with pytest.raises(ContradictsEvidence):
        verify_release_under(released[0], hidden, small_log.trusted)


def test_release_of_more_than_the_decision_permits_is_noticed(small_log: Any) -> None:
    narrow = small_log.append(EntryType.DECISION, {**DECISION, "field_ids": []})[1]
    names = ("disclosure_id", "decision_id", "sender_agency", "recipient_agency", "field_ids")
    body = {
        **{name: DECISION[name] for name in names},
        "decision_leaf": b64u(leaf_hash(narrow.leaf)),
    }
    release = small_log.append(EntryType.RELEASE, body)[1]

    with pytest.raises(FieldsExceedDecision):
        verify_release_under(release, narrow, small_log.trusted)


def test_release_under_its_decision_is_accepted(
    small_log: Any, decision: Evidence, released: tuple[Evidence, str]
) -> None:
    verify_release_under(released[0], decision, small_log.trusted)
