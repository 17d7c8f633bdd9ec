"""
An opening of some fields of one entry as a file that verifies offline, for a court or a person.

One JSON object: ``format``, ``leaf`` (the leaf's text), ``opening`` (values of the opened
fields, hashes of the others) and ``proof`` (C2SP tlog-proof). It shows the named fields and
the names of the others; their values stay hidden behind nonces that are not in the file.
"""

from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.proof_file import ProofFile
from gateway.audit.verify import Evidence, verify_entry_proof
from gateway.crypto.canonical import canonical_json
from gateway.crypto.commitment import InvalidOpening, Leaf, verify_opening
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.ports.log import Checkpoint

__all__ = ["MAX_OPENING_FILE_BYTES", "CheckedOpening", "check_opening_file", "opening_file"]

MAX_OPENING_FILE_BYTES: Final = 1 << 22

_FORMAT: Final = "tasuki-opening@v1"
_DEPTH: Final = 8


@dataclass(frozen=True, slots=True)
class CheckedOpening:
    """
    What an opening shows, after everything in it has been verified.

    Attributes:
        leaf: The leaf as the tree holds it.
        index: Its place in the log.
        head: The signed head that its inclusion was proven under.
        fields: The opened fields, name to value.
        hidden: Names of the fields that are not opened.
    """

    leaf: Leaf
    index: int
    head: Checkpoint
    fields: dict[str, Any]
    hidden: tuple[str, ...]


def opening_file(evidence: Evidence) -> bytes:
    """Return the file for an entry with the fields opened that ``evidence`` opens."""
    return canonical_json({"format": _FORMAT, **evidence.to_json()}) + b"\n"


def check_opening_file(data: bytes, log: TrustedLog) -> CheckedOpening:
    """
    Verify a file: fields to commitment, commitment to leaf, leaf to head, head to the log's key.

    Args:
        data: The file.
        log: The log's origin and keys, known from elsewhere than the file.

    Raises:
        InvalidOpening: It is no such file, or the fields are not those of this leaf.
        InvalidProofFile: Its proof is malformed.
        InvalidProof: The leaf is not at that place of that tree.
        InvalidNote, InvalidCheckpoint: The head is not signed by this log, or of another one.
    """
    evidence = _read(data)
    verify_opening(evidence.leaf, evidence.opening)
    proof = ProofFile.parse(evidence.proof)
    verify_entry_proof(evidence.leaf, proof, log)
    fields = evidence.fields()
    hidden = tuple(name for name in evidence.opening.names() if name not in fields)
    return CheckedOpening(
        Leaf.parse(evidence.leaf), proof.index, log.open(proof.note), fields, hidden
    )


def _read(data: bytes) -> Evidence:
    members: dict[str, Any] | None
    try:
        members = read_json_object(data, max_bytes=MAX_OPENING_FILE_BYTES, max_depth=_DEPTH)
    except UnreadableJSON:
        members = None
    if members is None or members.pop("format", None) != _FORMAT:
        raise InvalidOpening("not an opening file")
    return Evidence.from_json(members)
