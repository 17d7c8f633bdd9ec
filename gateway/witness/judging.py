"""
What a witness answers to a request: the rules alone, without storage, time or network.

How the corners of tlog-witness are read, where implementations differ:

* a head of the size last cosigned with another root is a proof that does not verify: 422;
* a head with extension lines is malformed, since nobody could audit them;
* a line of a known key that does not verify is a signature that does not verify: 403.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from gateway.audit.add_checkpoint import AddCheckpoint
from gateway.audit.checkpoint import TrustedLog
from gateway.crypto.merkle import EMPTY_ROOT, InvalidProof, verify_consistency
from gateway.crypto.signed_note import InvalidNote

__all__ = ["Cosigned", "EvidenceKind", "Status", "Verdict", "check_signed", "judge"]


class Status(IntEnum):
    """What is answered, as an HTTP status."""

    COSIGNED = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    OTHER_SIZE = 409
    NOT_PROVEN = 422


class EvidenceKind(StrEnum):
    """
    Why a request that the log did sign was refused.

    A ``fork`` proves misbehaviour by itself, beside the head that was cosigned. The others may
    be an honest log's mistake, or somebody else's who sends the log's heads; they are to be
    compared with what the log shows now.
    """

    FORK = "fork"  # the size last cosigned, another root
    NOT_PROVEN = "not-proven"  # no proof that leads from what was cosigned
    OTHER_SIZE = "other-size"  # a proof from another size than was last cosigned


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The newest head of a log that was cosigned; of a new log the empty tree."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, and for a refusal of what the log signed the kind of evidence it is."""

    status: Status
    evidence: EvidenceKind | None = None


def check_signed(request: AddCheckpoint, logs: Mapping[str, TrustedLog]) -> Status | None:
    """Return why a request is not one of a known log, or ``None`` if it is."""
    log = logs.get(request.origin)
    if log is None:
        return Status.UNKNOWN_LOG
    try:
        request.note.verify(log.keys)
    except InvalidNote:
        return Status.NOT_SIGNED
    return None


def judge(request: AddCheckpoint, cosigned: Cosigned) -> Verdict:
    """
    Return what a request that the log has signed is answered.

    Args:
        request: Signed by the log; see :func:`check_signed`.
        cosigned: The log's newest head that was cosigned.
    """
    fork = request.size == cosigned.size and request.root != cosigned.root
    stated = EvidenceKind.FORK if fork else EvidenceKind.OTHER_SIZE
    if request.old_size > request.size:
        return Verdict(Status.MALFORMED, stated)
    if request.old_size != cosigned.size:
        return Verdict(Status.OTHER_SIZE, stated)
    try:
        verify_consistency(cosigned.size, request.size, request.proof, cosigned.root, request.root)
    except InvalidProof:
        return Verdict(Status.NOT_PROVEN, EvidenceKind.FORK if fork else EvidenceKind.NOT_PROVEN)
    return Verdict(Status.COSIGNED)
