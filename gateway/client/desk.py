"""
One desk of one agency: ask, prove, seal, send; receive, prove, open.

* Nothing is sealed before the permit is proven to be in the log, for exactly this
  disclosure, recipient, person, purpose and set of fields.
* Nothing is opened before the release of exactly this envelope is proven to be in the log.
* What is sealed is the record that was described and screened, cut to what is permitted.
* Keys of others are pinned; every head must continue the newest one seen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx2

from gateway.audit.verify import (
    ContradictsEvidence,
    Evidence,
    decision_binding,
    release_binding,
)
from gateway.client.answers import (
    Answer,
    InboxItem,
    InformationRequest,
    ObligationTask,
    OpenedDelivery,
    Recalled,
    Sent,
    UnitAnswer,
    read_inbox_item,
    read_obligation,
    read_request,
    read_task,
    read_unit,
)
from gateway.client.clock import SystemClock
from gateway.client.config import DeskConfig, DeskKeys, load_desk_keys
from gateway.client.connection import Connection, path_id
from gateway.client.errors import UnreadableAnswer
from gateway.client.heads import HeadWatch
from gateway.client.members import Members
from gateway.client.pins import KeyUse, PinStore
from gateway.client.problems import GatewayProblem
from gateway.client.proofs import Proofs
from gateway.client.proposal import Proposal, Record, record_digest
from gateway.client.state_file import StateFile
from gateway.crypto.binding import FieldsExceedDecision
from gateway.crypto.keys import BadKey, SealTo, VerifyKey, seal_to, verify_key
from gateway.crypto.sealing import OpenedRecord, SealedBy, SignedRecord, open_sealed, seal
from gateway.domain.errors import Conflict, MalformedRequest, Unavailable
from gateway.domain.ids import (
    AgencyId,
    DecisionId,
    DeliveryId,
    DisclosureId,
    FieldId,
    Millis,
    RequestId,
    SubjectId,
)
from gateway.domain.log import EntryType, JSONValue
from gateway.minimisation.selection import minimise
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint

__all__ = ["Desk"]

_PINS, _HEAD = "pins.json", "head.json"
_V1: Final = "/v1/"
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """An envelope ready to upload."""

    unit: UnitAnswer
    fields: tuple[FieldId, ...]
    envelope: str


class Desk:
    """What one person at one agency does with the gateway; use as a context manager."""

    def __init__(
        self,
        config: DeskConfig,
        keys: DeskKeys,
        *,
        clock: Clock | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """
        Set up a desk; nothing is sent yet.

        Args:
            config: Where the gateway is, who asks, which log is believed.
            keys: The desk's private keys.
            clock: Another clock than the computer's.
            transport: Another way than the network, for a gateway in this process.
        """
        self._config = config
        self._keys = keys
        self._connection = Connection(
            config, keys.client, clock=clock or SystemClock(), transport=transport
        )
        self.pins = PinStore(StateFile(config.state_dir / _PINS))
        self._heads = HeadWatch(config.log(), StateFile(config.state_dir / _HEAD), self._connection)
        self._proofs = Proofs(config.log(), self._heads, agency=config.agency, actor=config.actor)

    @classmethod
    def open_at(cls, config: DeskConfig) -> Self:
        """
        Set up a desk with the keys of its key directory.

        Raises:
            KeyFileUnusable: A key is missing, open to others or used twice.
        """
        return cls(config, load_desk_keys(config.keys_dir))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open towards the gateway."""
        self._connection.close()

    # The log ---------------------------------------------------------------------------------

    def check_gateway(self) -> None:
        """
        Compare what the gateway says of itself with what this desk knows.

        Raises:
            ContradictsEvidence: Its origin, its log or a key of the log is another.
        """
        said = self._connection.get_public("/.well-known/tasuki")
        vkeys = said.texts("log_vkeys")
        log = self._config.log()
        if (said.text("origin"), said.text("log_origin")) != (self._config.origin, log.origin):
            raise ContradictsEvidence("this is another gateway")
        if not vkeys or not set(vkeys) <= set(self._config.log_vkeys):
            raise ContradictsEvidence("the log has another key")

    def watch(self) -> Checkpoint:
        """
        Fetch the newest head, check that the log only grew, and return it.

        Raises:
            LogRewritten: The log shrank, or is not a continuation of what was seen.
            IntegrityError: The log did not sign the head.
        """
        return self._heads.see_newest(self._connection.get_public_text("/audit/checkpoint"))

    # Giving ----------------------------------------------------------------------------------

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
        return self._connection.get(f"/v1/disclosures/{path_id(disclosure_id)}").as_dict()

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
        answered = self._connection.post_once(
            f"/v1/disclosures/{path_id(disclosure_id)}/recall",
            {"code": code, "delivery_id": delivery_id},
        )
        return [self._recalled(disclosure_id, m) for m in answered.every("deliveries")]

    # Receiving -------------------------------------------------------------------------------

    def inbox(self) -> Iterator[InboxItem]:
        """Yield every delivery, page by page."""
        return self._pages("/v1/inbox", {}, "deliveries", "after", read_inbox_item)

    def open(self, delivery_id: str) -> OpenedDelivery:
        """
        Fetch a delivery, prove its release, and only then open it.

        An envelope that holds more than the decision permits is not shown; the gateway is
        told so with an acknowledgement ``fields_exceed``.

        Raises:
            GatewayProblem: It was recalled, has expired, or is not this agency's.
            ContradictsEvidence: The release is of something else.
            FieldsExceedDecision: The envelope holds more than is permitted.
            KeyNotConfirmed: The sender's key is another than the one pinned.
            SealError: The envelope is not for this desk, or not by this sender.
            IntegrityError: The release is not proven.
        """
        fetched = self._connection.get(f"/v1/inbox/{path_id(delivery_id)}")
        envelope, sender = fetched.text("envelope"), AgencyId(fetched.text("sender"))
        release = fetched.evidence("release")
        self._proofs.check_release(
            release,
            envelope=envelope,
            index=None,
            expected={
                "delivery_id": delivery_id,
                "recipient_agency": self._config.agency,
                "sender_agency": sender,
                "decision_id": fetched.text("decision_id"),
            },
        )
        keys = _sender_keys(fetched)
        opened = self._opened(delivery_id, envelope, release, keys)
        return OpenedDelivery(
            delivery_id=DeliveryId(delivery_id),
            disclosure_id=DisclosureId(str(release.fields()["disclosure_id"])),
            decision_id=DecisionId(fetched.text("decision_id")),
            sender=sender,
            fields=opened.fields,
            sealed_by=opened.sealed_by,
            signer_fingerprint=self._signer(sender, opened, keys),
            obligations=tuple(map(read_obligation, fetched.every("obligations"))),
            opened_index=fetched.whole("opened_index"),
            release=release,
        )

    def acknowledge(self, delivery_id: str, *, accepted: bool = True, code: str = "ok") -> int:
        """
        Say that a delivery arrived, or what is wrong with it.

        Args:
            delivery_id: The delivery.
            accepted: Whether the record is taken over.
            code: ``ok``, ``wrong_person``, ``unreadable``, ``fields_exceed`` or ``other``.

        Returns:
            Index of the entry that says so.
        """
        answered = self._connection.post_once(
            f"/v1/inbox/{path_id(delivery_id)}/acknowledgement",
            {"accepted": accepted, "code": code},
        )
        return answered.whole("log_index")

    # Asking others ---------------------------------------------------------------------------

    def ask_for(
        self,
        controller: AgencyId,
        purpose: str,
        fields: tuple[str, ...],
        *,
        profile: str = "",
        basis: str = "",
        refs: Mapping[str, str] | None = None,
        urgency: str = "normal",
        question_code: str = "",
        sealed_subject: str = "",
        due_at: Millis | None = None,
    ) -> InformationRequest:
        """
        Ask another agency for data.

        Args:
            controller: The agency that holds them.
            purpose: A purpose code.
            fields: Ids of the fields asked for.
            profile: Named field subset; empty for none.
            basis: The basis named; empty for none.
            refs: Named facts.
            urgency: ``normal``, ``today`` or ``emergency``.
            question_code: What is asked, when no fields are.
            sealed_subject: About whom, sealed to the controller; empty when ``refs`` say it.
            due_at: Until when an answer is of use.

        Raises:
            GatewayProblem: This agency itself may not ask so.
        """
        answered = self._connection.post(
            "/v1/requests",
            {
                "controller": controller,
                "purpose": purpose,
                "profile": profile,
                "basis": basis,
                "refs": dict(refs or {}),
                "fields": fields,
                "urgency": urgency,
                "question_code": question_code,
                "sealed_subject": sealed_subject,
                "due_at": due_at,
            },
        )
        return InformationRequest(
            RequestId(answered.text("request_id")),
            controller,
            purpose,
            answered.text("state"),
            "",
            (),
        )

    def requests(self, role: str = "controller") -> Iterator[InformationRequest]:
        """Yield requests that this agency made (``asker``) or got (``controller``)."""
        return self._pages("/v1/requests", {"role": role}, "requests", "after", read_request)

    def request(self, request_id: RequestId) -> InformationRequest:
        """Return one request and, for its asker, the answer."""
        return read_request(self._connection.get(f"/v1/requests/{path_id(request_id)}"))

    def decline(self, request_id: RequestId) -> str:
        """
        Answer a request with ``not_shareable``, and return its state.

        To share something instead, disclose with ``Direction.PULL`` and ``answers_request``.
        """
        answered = self._connection.post_once(
            f"/v1/requests/{path_id(request_id)}/answer", {"answer": "not_shareable"}
        )
        return answered.text("state")

    # Duties and registers --------------------------------------------------------------------

    def obligations(self, state: str = "open") -> Iterator[ObligationTask]:
        """Yield this agency's duties in one state."""
        return self._pages("/v1/obligations", {"state": state}, "tasks", "after", read_task)

    def discharge(
        self,
        task_id: str,
        *,
        proof_kind: str = "statement",
        proof_digest: str = "",
        note_code: str = "",
    ) -> int:
        """
        Say that a duty is done, and return the index of the entry that says so.

        Args:
            task_id: The duty.
            proof_kind: ``statement``, ``certificate`` or ``report``.
            proof_digest: Digest of a proof that stays at the agency; empty without one.
            note_code: A code that says more; empty without one.
        """
        answered = self._connection.post_once(
            f"/v1/obligations/{path_id(task_id)}/discharge",
            {"proof_kind": proof_kind, "proof_digest": proof_digest, "note_code": note_code},
        )
        return answered.whole("log_index")

    def subject(self, local_ref: str) -> SubjectId:
        """Return the handle of a person whom this agency knows by ``local_ref``."""
        answered = self._connection.post("/v1/subjects/resolve", {"local_ref": local_ref})
        return SubjectId(answered.text("subject"))

    def register(
        self, path: str, body: Mapping[str, JSONValue], *, key: str = ""
    ) -> dict[str, Any]:
        """
        Enter something in a register, verify its entry, and return the answer.

        Args:
            path: Below ``/v1/``, for example ``consents``.
            body: As the register demands.
            key: The Idempotency-Key of an earlier attempt; empty makes a new one.

        Raises:
            MalformedRequest: It is not such a path.
            GatewayProblem: The gateway refuses.
            IntegrityError: The entry is not proven.
        """
        parts = path.removeprefix(_V1).split("/")
        answered = self._connection.post(_V1 + "/".join(map(path_id, parts)), body, key=key)
        if answered.has("evidence"):
            self._proofs.check_entry(
                answered.evidence("evidence"), index=answered.whole("log_index")
            )
        return answered.as_dict()

    # Steps -----------------------------------------------------------------------------------

    def _decided(self, proposal: Proposal, record: Record, key: str) -> Answer:
        body = proposal.to_json(record)
        digest = record_digest(record)
        seen = 0 if key else self._heads.size()
        answered = self._connection.post("/v1/disclosures", body, key=key)
        answer = Answer(
            DisclosureId(answered.text("disclosure_id")),
            tuple(map(read_unit, answered.every("units"))),
            digest,
        )
        self._proofs.check_units(
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
        self.pins.check(unit.recipient, KeyUse.SEAL, key.public)
        # Checks once more that only fields remain which the proven decision permits.
        envelope = seal(
            SignedRecord({str(id_): value for id_, value in kept.items()}),
            decision_binding(unit.evidence, gateway=self._config.origin),
            recipient_key=key,
            signer=self._keys.sign,
        )
        return _Outgoing(unit, tuple(sorted(kept)), envelope)

    def _uploaded(self, disclosure_id: DisclosureId, outgoing: _Outgoing) -> Sent:
        unit = outgoing.unit
        answered = self._connection.put(
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
        self._proofs.check_release(
            sent.evidence,
            envelope=outgoing.envelope,
            index=sent.log_index,
            expected={
                "delivery_id": sent.delivery_id,
                "decision_id": sent.decision_id,
                "sender_agency": self._config.agency,
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
            self._proofs.check_entry(
                members.evidence("evidence"),
                index=members.whole("log_index"),
                type_=EntryType.RECALLED,
                expected={"disclosure_id": disclosure_id, "delivery_id": recalled.delivery_id},
            )
        return recalled

    def _opened(
        self, delivery_id: str, envelope: str, release: Evidence, keys: Mapping[str, VerifyKey]
    ) -> OpenedRecord:
        binding = release_binding(release, gateway=self._config.origin)
        try:
            return open_sealed(envelope, binding, key=self._keys.seal, senders=tuple(keys.values()))
        except FieldsExceedDecision as error:
            try:
                self.acknowledge(delivery_id, accepted=False, code="fields_exceed")
            except (GatewayProblem, Unavailable) as unheard:
                error.add_note(f"the gateway could not be told: {unheard}")
            raise

    def _signer(self, sender: AgencyId, opened: OpenedRecord, keys: Mapping[str, VerifyKey]) -> str:
        on_behalf = opened.sealed_by is SealedBy.GATEWAY
        owner = self._config.origin if on_behalf else sender
        return self.pins.check(owner, KeyUse.SIGN, keys[opened.signer_kid].public)

    def _pages(
        self,
        path: str,
        params: Mapping[str, str],
        name: str,
        cursor: str,
        read: Callable[[Members], _Item],
    ) -> Iterator[_Item]:
        seen: set[str] = set()
        after = ""
        while after not in seen:
            seen.add(after)
            page = self._connection.get(path, {**params, cursor: after} if after else params)
            yield from map(read, page.every(name))
            after = page.text_or_none("next")
            if not after:
                return
        raise UnreadableAnswer("a list comes back to where it was")


def _sender_keys(fetched: Members) -> dict[str, VerifyKey]:
    try:
        keys = [verify_key(m.as_dict()) for m in fetched.every("sender_keys")]
    except BadKey as error:
        raise UnreadableAnswer("a sender's key cannot be read") from error
    return {key.kid: key for key in keys}


def _seal_key(jwk: Mapping[str, Any]) -> SealTo:
    try:
        return seal_to(jwk)
    except BadKey as error:
        raise UnreadableAnswer("a recipient's key cannot be read") from error
