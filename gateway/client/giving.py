"""
Giving: ask, prove, seal, send; tell; take back.

* Nothing is sealed before the permit is proven to be in the log, for exactly this
  disclosure, recipient, person, purpose and set of fields.
* What is sealed is the record that was described and screened, cut to what is permitted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.audit.verify import ContradictsEvidence, decision_binding
from gateway.client.answers import Answer, Recalled, Sent, UnitAnswer, read_unit
from gateway.client.connection import path_id
from gateway.client.errors import UnreadableAnswer
from gateway.client.kit import AtDesk
from gateway.client.members import Members
from gateway.client.pins import KeyUse
from gateway.client.proposal import Proposal, Record, record_digest
from gateway.crypto.keys import BadKey, SealTo, seal_to
from gateway.crypto.sealing import SignedRecord, seal
from gateway.domain.errors import Conflict, MalformedRequest
from gateway.domain.ids import DecisionId, DeliveryId, DisclosureId, FieldId
from gateway.domain.log import EntryType
from gateway.minimisation.selection import minimise

__all__ = ["Giving"]


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """An envelope ready to upload."""

    unit: UnitAnswer
    fields: tuple[FieldId, ...]
    envelope: str


class Giving(AtDesk):
    """What a controller does at its desk."""

    def ask(self, proposal: Proposal, record: Record, *, key: str = "") -> Answer:
        """
        Ask whether a record may pass, and verify every permit.

        Args:
            proposal: To whom, about whom, for what.
            record: Field id to value; only its description leaves.
            key: The Idempotency-Key of an earlier attempt at the same question, whose
                decision may then be an older one; empty asks anew.

        Raises:
            GatewayProblem: Nothing may pass (``disclosure-refused``, with reasons and next
                steps), or the gateway cannot say (with advice: telephone first).
            GatewayUnreachable: No answer arrived.
            MalformedRequest: It is to be told, which :meth:`tell` records.
            SchemaViolation: The record does not fit the schemas.
            IntegrityError: A permit is not proven, or says something else.
        """
        if proposal.direction.is_recorded_only:
            raise MalformedRequest("direction")
        return self._decided(proposal, record, key)

    def send(self, answer: Answer, record: Record) -> list[Sent]:
        """
        Seal a record to every recipient that may have it, upload, and verify each release.

        Everything is sealed before the first upload. If one fails, the disclosure's state
        says which deliveries wait already.

        Args:
            answer: From :meth:`ask`.
            record: The record that was asked about.

        Raises:
            Conflict: ``RECORD_CHANGED``, ``NO_RECIPIENT_KEY`` or ``NOTHING_TO_SEND``.
            KeyNotConfirmed: A recipient's key is another than the one pinned.
            GatewayProblem: The permit has expired, or no longer holds.
            GatewayUnreachable: No answer arrived.
            IntegrityError: A release is not proven.
        """
        if record_digest(record) != answer.record_digest:
            raise Conflict("RECORD_CHANGED")
        sealed = [self._sealed(unit, record) for unit in answer.permitted]
        return [self._uploaded(answer.disclosure_id, outgoing) for outgoing in sealed]

    def disclose(self, proposal: Proposal, record: Record) -> list[Sent]:
        """Ask, and send what may pass; see :meth:`ask` and :meth:`send`."""
        return self.send(self.ask(proposal, record), record)

    def tell(self, proposal: Proposal, record: Record, *, key: str = "") -> Answer:
        """
        Have decided and recorded what is told by mouth, on paper or by telephone.

        A permitted unit is recorded as told; a withheld field may not be told.

        Raises:
            MalformedRequest: The proposal's direction is none of these.
            GatewayProblem, GatewayUnreachable, SchemaViolation, IntegrityError: As :meth:`ask`.
        """
        if not proposal.direction.is_recorded_only:
            raise MalformedRequest("direction")
        answer = self._decided(proposal, record, key)
        if any(unit.release_index is None for unit in answer.permitted):
            raise ContradictsEvidence("what may be told was not recorded as told")
        return answer

    def disclosure(self, disclosure_id: DisclosureId) -> dict[str, Any]:
        """Return an own disclosure with the state of each unit and delivery, as answered."""
        return self._kit.connection.get(f"/v1/disclosures/{path_id(disclosure_id)}").as_dict()

    def recall(
        self, disclosure_id: DisclosureId, code: str, *, delivery_id: str = ""
    ) -> list[Recalled]:
        """
        Take back what was not opened yet.

        Args:
            disclosure_id: The disclosure.
            code: ``sent_in_error``, ``wrong_recipient``, ``consent_withdrawn`` or ``other``.
            delivery_id: One delivery; empty recalls all.

        Returns:
            The state of each delivery: ``recalled``, or what it already was.

        Raises:
            GatewayProblem: It is not this agency's disclosure.
            IntegrityError: A recall is not proven.
        """
        answered = self._kit.connection.post_once(
            f"/v1/disclosures/{path_id(disclosure_id)}/recall",
            {"code": code, "delivery_id": delivery_id},
        )
        return [self._recalled(disclosure_id, m) for m in answered.every("deliveries")]

    def _decided(self, proposal: Proposal, record: Record, key: str) -> Answer:
        body = proposal.to_json(record)
        digest = record_digest(record)
        seen = 0 if key else self._kit.heads.size()
        answered = self._kit.connection.post("/v1/disclosures", body, key=key)
        answer = Answer(
            DisclosureId(answered.text("disclosure_id")),
            tuple(map(read_unit, answered.every("units"))),
            digest,
        )
        self._kit.proofs.check_units(
            answer.units,
            proposal,
            disclosure_id=answer.disclosure_id,
            asked=frozenset(record),
            seen=seen,
        )
        return answer

    def _sealed(self, unit: UnitAnswer, record: Record) -> _Outgoing:
        if unit.recipient_key is None or unit.evidence is None:
            raise Conflict("NO_RECIPIENT_KEY")
        kept = minimise(record, unit.permitted, unit.recipient)
        if not kept:
            raise Conflict("NOTHING_TO_SEND")
        key = _seal_key(unit.recipient_key)
        self._kit.pins.check(unit.recipient, KeyUse.SEAL, key.public)
        # Checks once more that only fields remain which the proven decision permits.
        envelope = seal(
            SignedRecord({str(id_): value for id_, value in kept.items()}),
            decision_binding(unit.evidence, gateway=self._kit.config.origin),
            recipient_key=key,
            signer=self._kit.keys.sign,
        )
        return _Outgoing(unit, tuple(sorted(kept)), envelope)

    def _uploaded(self, disclosure_id: DisclosureId, outgoing: _Outgoing) -> Sent:
        unit = outgoing.unit
        answered = self._kit.connection.put(
            f"/v1/disclosures/{path_id(disclosure_id)}/payloads/{path_id(unit.recipient)}",
            {
                "decision_id": unit.decision_id,
                "fields": outgoing.fields,
                "envelope": outgoing.envelope,
            },
        )
        sent = Sent(
            delivery_id=DeliveryId(answered.text("delivery_id")),
            decision_id=DecisionId(answered.text("decision_id")),
            recipient=unit.recipient,
            fields=outgoing.fields,
            state=answered.text("state"),
            expires_at=answered.instant("expires_at"),
            log_index=answered.whole("log_index"),
            evidence=answered.evidence("evidence"),
        )
        self._kit.proofs.check_release(
            sent.evidence,
            envelope=outgoing.envelope,
            index=sent.log_index,
            expected={
                "delivery_id": sent.delivery_id,
                "decision_id": sent.decision_id,
                "sender_agency": self._kit.config.agency,
                "subject": unit.subject,
            },
        )
        return sent

    def _recalled(self, disclosure_id: DisclosureId, members: Members) -> Recalled:
        recalled = Recalled(
            DeliveryId(members.text("id")),
            members.text("state"),
            members.whole_or_none("log_index"),
        )
        if members.has("evidence"):
            self._kit.proofs.check_entry(
                members.evidence("evidence"),
                index=members.whole("log_index"),
                type_=EntryType.RECALLED,
                expected={"disclosure_id": disclosure_id, "delivery_id": recalled.delivery_id},
            )
        return recalled


def _seal_key(jwk: Mapping[str, Any]) -> SealTo:
    try:
        return seal_to(jwk)
    except BadKey as error:
        raise UnreadableAnswer("a recipient's key cannot be read") from error
