"""
What a member checks for itself, without trusting the gateway's word.

The chain is always the same: the leaf is recomputed from the opened fields, its inclusion
is proven, the head is signed by the log's key, and the head is of that log. Only then do
the opened fields mean something, and they are compared with what was asked or received.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.proof_file import ProofFile
from gateway.crypto.binding import (
    Binding,
    FieldsExceedDecision,
    fields_digest,
    read_protected_header,
)
from gateway.crypto.canonical import canonical_json
from gateway.crypto.commitment import InvalidOpening, Leaf, Opening, verify_opening
from gateway.crypto.encoding import BadEncoding, b64u, digest_text, unb64u
from gateway.crypto.merkle import HASH_BYTES, leaf_hash, verify_consistency, verify_inclusion
from gateway.domain.errors import IntegrityError
from gateway.domain.log import EntryType, JSONValue
from gateway.ports.log import Checkpoint

__all__ = [
    "ContradictsEvidence",
    "Evidence",
    "decision_binding",
    "release_binding",
    "verify_decision",
    "verify_entry_proof",
    "verify_evidence",
    "verify_growth",
    "verify_release",
    "verify_release_under",
]


class ContradictsEvidence(IntegrityError):
    """What was received is not what the log's entry says."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    An entry as shown to a member: leaf, opening of some fields, and the proof file's text.

    Attributes:
        leaf: The leaf's bytes.
        opening: The opened fields.
        proof: C2SP tlog-proof.
    """

    leaf: bytes
    opening: Opening
    proof: str

    def fields(self) -> dict[str, Any]:
        """Return the opened fields; they mean something only after verification."""
        return self.opening.fields()

    def to_json(self) -> dict[str, JSONValue]:
        """Return the evidence as JSON."""
        return {
            "leaf": self.leaf.decode("ascii"),
            "opening": self.opening.to_json(),
            "proof": self.proof,
        }

    @classmethod
    def from_json(cls, value: object) -> "Evidence":
        """
        Read evidence from JSON as :meth:`to_json` writes it.

        Raises:
            InvalidOpening: It has another form.
        """
        if not isinstance(value, dict) or value.keys() != {"leaf", "opening", "proof"}:
            raise InvalidOpening("not evidence")
        leaf, proof = value["leaf"], value["proof"]
        if not isinstance(leaf, str) or not leaf.isascii() or not isinstance(proof, str):
            raise InvalidOpening("not evidence")
        return cls(leaf.encode("ascii"), Opening.from_json(value["opening"]), proof)


def verify_entry_proof(leaf: bytes, proof: ProofFile, log: TrustedLog) -> None:
    """
    Check that a leaf is in the log, under a head that the log signed.

    Raises:
        InvalidNote: The checkpoint is malformed, or the log did not sign it.
        InvalidCheckpoint: It is of another log.
        InvalidProof: The leaf is not at that index of that tree.
    """
    head = log.open(proof.note)
    verify_inclusion(leaf_hash(leaf), proof.index, head.size, proof.hashes, head.root)


def verify_evidence(evidence: Evidence, log: TrustedLog, *, type_: EntryType) -> None:
    """
    Check an entry of this type, its opening and its proof.

    Raises:
        ContradictsEvidence: The entry is of another type.
        InvalidOpening: The opening is not of this leaf.
        InvalidProofFile: The proof is malformed.
        IntegrityError: See :func:`verify_entry_proof`.
    """
    verify_opening(evidence.leaf, evidence.opening)
    if Leaf.parse(evidence.leaf).type != type_:
        raise ContradictsEvidence("the entry is of another type")
    verify_entry_proof(evidence.leaf, ProofFile.parse(evidence.proof), log)


def verify_decision(
    evidence: Evidence, log: TrustedLog, *, expected: Mapping[str, JSONValue]
) -> None:
    """
    Check, before sealing, that a permit was recorded and says what was answered.

    Args:
        evidence: The ``decision`` entry with at least the expected fields opened.
        log: The log, known beforehand.
        expected: Body fields that must have exactly these values, for example
            ``disclosure_id``, ``recipient_agency`` and ``field_ids``.

    Raises:
        ContradictsEvidence: It is no permit, or a field is hidden or another.
        IntegrityError: See :func:`verify_evidence`.
    """
    verify_evidence(evidence, log, type_=EntryType.DECISION)
    if "dry_run" in evidence.opening.names():
        raise ContradictsEvidence("it was only asked, not permitted")
    _check_fields(evidence, {"outcome": "permit", **expected})


def verify_release(
    evidence: Evidence, log: TrustedLog, *, envelope: str, expected: Mapping[str, JSONValue]
) -> None:
    """
    Check, before opening, that the release of exactly this envelope was recorded.

    Args:
        evidence: The ``release`` entry with ``disclosure_id``, ``recipient_agency``,
            ``decision_leaf``, ``field_ids`` and ``envelope_digest`` opened.
        log: The log, known beforehand.
        envelope: The envelope as fetched.
        expected: Further body fields that must have exactly these values.

    Raises:
        ContradictsEvidence: The envelope or a field is another, or is hidden.
        EnvelopeMalformed: It is not an envelope.
        IntegrityError: See :func:`verify_evidence`.
    """
    verify_evidence(evidence, log, type_=EntryType.RELEASE)
    header = read_protected_header(envelope)
    declared = evidence.fields().get("field_ids")
    if not isinstance(declared, list) or header.fields_digest != fields_digest(declared):
        raise ContradictsEvidence("the envelope declares other fields")
    _check_fields(
        evidence,
        {
            "envelope_digest": digest_text(envelope.encode("ascii")),
            "disclosure_id": header.disclosure_id,
            "recipient_agency": header.recipient,
            "decision_leaf": b64u(header.leaf_hash),
            **expected,
        },
    )


def verify_release_under(release: Evidence, decision: Evidence, log: TrustedLog) -> None:
    """
    Check, before opening, that a release stands under a permit that covers its fields.

    Args:
        release: The ``release`` entry, verified already.
        decision: The ``decision`` entry with ``disclosure_id``, ``decision_id``,
            ``sender_agency``, ``recipient_agency`` and ``field_ids`` opened.
        log: The log, known beforehand.

    Raises:
        ContradictsEvidence: The release is under another decision, or that is no permit.
        FieldsExceedDecision: The release names a field that the decision does not permit.
        IntegrityError: See :func:`verify_evidence`.
    """
    said = release.fields()
    names = ("disclosure_id", "decision_id", "sender_agency", "recipient_agency")
    verify_decision(decision, log, expected={name: said.get(name) for name in names})
    if said.get("decision_leaf") != b64u(leaf_hash(decision.leaf)):
        raise ContradictsEvidence("the release is under another decision")
    permitted = decision.fields().get("field_ids")
    if not isinstance(permitted, list):
        raise ContradictsEvidence("a field is hidden")
    if not set(said["field_ids"]) <= set(permitted):
        raise FieldsExceedDecision("the release names more than the decision permits")


def verify_growth(
    old: Checkpoint, new_note: str, hashes: tuple[bytes, ...], log: TrustedLog
) -> None:
    """
    Check that a log only grew since a head that was seen before.

    Args:
        old: The head seen before, as :meth:`TrustedLog.open` gave it.
        new_note: The head seen now.
        hashes: The consistency proof between them.
        log: The log.

    Raises:
        InvalidProof: It was rewritten, or the proof does not show otherwise.
        IntegrityError: The new head is not one of this log.
    """
    new = log.open(new_note)
    verify_consistency(old.size, new.size, hashes, old.root, new.root)


def decision_binding(evidence: Evidence, *, gateway: str) -> Binding:
    """
    Return what an envelope under this verified decision has to be bound to.

    Raises:
        ContradictsEvidence: A field that is needed is not opened.
    """
    return _binding(evidence.fields(), gateway, leaf_hash(evidence.leaf))


def release_binding(evidence: Evidence, *, gateway: str) -> Binding:
    """
    Return what the envelope of this verified release has to be bound to.

    Raises:
        ContradictsEvidence: A field that is needed is not opened.
    """
    fields = evidence.fields()
    decision_leaf: bytes | None
    try:
        decision_leaf = unb64u(str(fields.get("decision_leaf")), length=HASH_BYTES)
    except BadEncoding:
        decision_leaf = None
    if decision_leaf is None:
        raise ContradictsEvidence("a field is not opened")
    return _binding(fields, gateway, decision_leaf)


def _binding(fields: Mapping[str, Any], gateway: str, decision_leaf: bytes) -> Binding:
    ids = [fields.get(name) for name in ("disclosure_id", "recipient_agency", "sender_agency")]
    field_ids = fields.get("field_ids")
    disclosure_id, recipient, controller = (i if isinstance(i, str) else "" for i in ids)
    if not (disclosure_id and recipient and controller) or not isinstance(field_ids, list):
        raise ContradictsEvidence("a field is not opened")
    permitted = frozenset(f for f in field_ids if isinstance(f, str))
    return Binding(gateway, disclosure_id, recipient, controller, decision_leaf, permitted)


def _check_fields(evidence: Evidence, expected: Mapping[str, JSONValue]) -> None:
    fields = evidence.fields()
    for name, value in expected.items():
        # Compared as text, since 1 equals true in Python and not in the log.
        if name not in fields or canonical_json(fields[name]) != canonical_json(value):
            raise ContradictsEvidence("the entry says otherwise")
