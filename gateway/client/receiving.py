"""
Receiving: list, fetch, prove, open, acknowledge.

Nothing is opened before the release of exactly this envelope to this agency is proven to be
in the log, and nothing is shown that holds more than was released.
"""

from collections.abc import Iterator, Mapping

from gateway.audit.verify import Evidence, release_binding
from gateway.client.answers import InboxItem, OpenedDelivery, read_inbox_item, read_obligation
from gateway.client.connection import path_id
from gateway.client.errors import UnreadableAnswer
from gateway.client.kit import AtDesk
from gateway.client.members import Members
from gateway.client.pins import KeyUse
from gateway.client.problems import GatewayProblem
from gateway.crypto.binding import FieldsExceedDecision
from gateway.crypto.keys import BadKey, VerifyKey, verify_key
from gateway.crypto.sealing import OpenedRecord, SealedBy, open_sealed
from gateway.domain.errors import Unavailable
from gateway.domain.ids import AgencyId, DecisionId, DeliveryId, DisclosureId

__all__ = ["Receiving"]


class Receiving(AtDesk):
    """What a recipient does at its desk."""

    def inbox(self) -> Iterator[InboxItem]:
        """Yield every delivery, page by page."""
        return map(read_inbox_item, self._kit.connection.pages("/v1/inbox", "deliveries"))

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
        fetched = self._kit.connection.get(f"/v1/inbox/{path_id(delivery_id)}")
        envelope, sender = fetched.text("envelope"), AgencyId(fetched.text("sender"))
        release = fetched.evidence("release")
        self._kit.proofs.check_release(
            release,
            envelope=envelope,
            index=None,
            expected={
                "delivery_id": delivery_id,
                "recipient_agency": self._kit.config.agency,
                "sender_agency": sender,
                "decision_id": fetched.text("decision_id"),
            },
        )
        keys = _sender_keys(fetched)
        try:
            self._kit.proofs.check_granted(release, fetched.evidence("decision"))
            opened = self._opened(envelope, release, keys)
        except FieldsExceedDecision as error:
            self._report(delivery_id, error)
            raise
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
        answered = self._kit.connection.post_once(
            f"/v1/inbox/{path_id(delivery_id)}/acknowledgement",
            {"accepted": accepted, "code": code},
        )
        return answered.whole("log_index")

    def _opened(
        self, envelope: str, release: Evidence, keys: Mapping[str, VerifyKey]
    ) -> OpenedRecord:
        binding = release_binding(release, gateway=self._kit.config.origin)
        senders = tuple(keys.values())
        return open_sealed(envelope, binding, key=self._kit.keys.seal, senders=senders)

    def _report(self, delivery_id: str, error: FieldsExceedDecision) -> None:
        """Tell the gateway that an envelope holds too much, if it can be told."""
        try:
            self.acknowledge(delivery_id, accepted=False, code="fields_exceed")
        except (GatewayProblem, Unavailable) as unheard:
            error.add_note(f"the gateway could not be told: {unheard}")

    def _signer(self, sender: AgencyId, opened: OpenedRecord, keys: Mapping[str, VerifyKey]) -> str:
        on_behalf = opened.sealed_by is SealedBy.GATEWAY
        owner = self._kit.config.origin if on_behalf else sender
        return self._kit.pins.check(owner, KeyUse.SIGN, keys[opened.signer_kid].public)


def _sender_keys(fetched: Members) -> dict[str, VerifyKey]:
    try:
        keys = [verify_key(m.as_dict()) for m in fetched.every("sender_keys")]
    except BadKey as error:
        raise UnreadableAnswer("a sender's key cannot be read") from error
    return {key.kid: key for key in keys}
