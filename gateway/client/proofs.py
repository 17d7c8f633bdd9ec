"""
What a desk demands before it seals and before it opens.

Every entry goes through the same steps: leaf recomputed from what is opened, included in a
tree whose head the pinned key signed, that head a continuation of the newest one seen, and
then every statement compared with what this desk asked for or received.
"""

from collections.abc import Mapping

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.proof_file import ProofFile
from gateway.audit.verify import (
    ContradictsEvidence,
    Evidence,
    verify_decision,
    verify_evidence,
    verify_release,
    verify_release_under,
)
from gateway.client.answers import UnitAnswer
from gateway.client.errors import ReplayedDecision
from gateway.client.heads import HeadWatch
from gateway.client.proposal import Proposal
from gateway.crypto.commitment import Leaf
from gateway.domain.disclosure import RecipientRef
from gateway.domain.ids import ActorId, AgencyId, DisclosureId
from gateway.domain.log import EntryType, JSONValue

__all__ = ["Proofs"]


class Proofs:
    """Verifies entries for one agency and one person."""

    __slots__ = ("_actor", "_agency", "_heads", "_log")

    def __init__(
        self, log: TrustedLog, heads: HeadWatch, *, agency: AgencyId, actor: ActorId
    ) -> None:
        self._log = log
        self._heads = heads
        self._agency = agency
        self._actor = actor

    def check_units(
        self,
        units: tuple[UnitAnswer, ...],
        proposal: Proposal,
        *,
        disclosure_id: DisclosureId,
        asked: frozenset[str],
        seen: int,
    ) -> None:
        """
        Check the answer to a proposal.

        Args:
            units: As answered.
            proposal: As asked.
            disclosure_id: As answered.
            asked: Ids of the fields that were described.
            seen: Size of the newest head seen before asking: what was decided afterwards
                is not in it.

        Raises:
            ContradictsEvidence: A unit is missing, was not asked for, or permits other
                fields or something else than its entry says.
            ReplayedDecision: The decision is older than the question.
            IntegrityError: The entry is not proven.
        """
        answered = [(u.recipient, u.recipient_actor, u.subject) for u in units]
        wanted = [(*_pair(r), proposal.subject) for r in proposal.recipients]
        if sorted(answered) != sorted(wanted):
            raise ContradictsEvidence("the answer is about something else")
        for unit in units:
            if unit.is_permitted:
                self._check_unit(unit, proposal, disclosure_id, asked, seen)

    def check_release(
        self,
        evidence: Evidence,
        *,
        envelope: str,
        index: int | None,
        expected: Mapping[str, JSONValue],
    ) -> None:
        """
        Check that the release of exactly this envelope was recorded.

        Raises:
            ContradictsEvidence: The envelope, the index or a field is another.
            IntegrityError: The entry is not proven.
        """
        verify_release(evidence, self._log, envelope=envelope, expected=expected)
        self._see(evidence, index)

    def check_granted(self, release: Evidence, decision: Evidence) -> None:
        """
        Check that a verified release stands under a permit that covers its fields.

        Raises:
            ContradictsEvidence: It is under another decision, or that is no permit.
            FieldsExceedDecision: It names a field that the decision does not permit.
            IntegrityError: The decision is not proven.
        """
        verify_release_under(release, decision, self._log)
        self._see(decision, None)

    def check_entry(
        self,
        evidence: Evidence,
        *,
        index: int,
        type_: EntryType | None = None,
        expected: Mapping[str, JSONValue] | None = None,
    ) -> None:
        """
        Check that an entry of any, or of one, type was recorded.

        Raises:
            ContradictsEvidence: The type, the index or a field is another.
            IntegrityError: The entry is not proven.
        """
        shown = Leaf.parse(evidence.leaf).type
        if type_ is None and shown in list(EntryType):
            type_ = EntryType(shown)
        if type_ is None:
            raise ContradictsEvidence("the entry is of another type")
        verify_evidence(evidence, self._log, type_=type_)
        fields = evidence.fields()
        for name, value in (expected or {}).items():
            if fields.get(name) != value:
                raise ContradictsEvidence("the entry says otherwise")
        self._see(evidence, index)

    def _check_unit(
        self,
        unit: UnitAnswer,
        proposal: Proposal,
        disclosure_id: DisclosureId,
        asked: frozenset[str],
        seen: int,
    ) -> None:
        if unit.evidence is None:
            raise ContradictsEvidence("a permit without evidence")
        if not unit.permitted or not asked.issuperset(unit.permitted):
            raise ContradictsEvidence("fields are permitted that were not asked for")
        verify_decision(
            unit.evidence,
            self._log,
            expected={
                "disclosure_id": disclosure_id,
                "decision_id": unit.decision_id,
                "direction": str(proposal.direction),
                "sender_agency": self._agency,
                "sender_actor": self._actor,
                "recipient_agency": unit.recipient,
                "recipient_actor": unit.recipient_actor,
                "subject": unit.subject,
                "purpose": proposal.purpose,
                "field_ids": tuple(sorted(unit.permitted)),
            },
        )
        if ProofFile.parse(unit.evidence.proof).index < seen:
            raise ReplayedDecision("the decision is older than the question")
        self._see(unit.evidence, unit.log_index)

    def _see(self, evidence: Evidence, index: int | None) -> None:
        proof = ProofFile.parse(evidence.proof)
        if index is not None and proof.index != index:
            raise ContradictsEvidence("the entry is at another place")
        self._heads.see(proof.note)


def _pair(recipient: RecipientRef) -> tuple[AgencyId, str]:
    return recipient.agency_id, recipient.actor_id or ""
