"""Disclosures as their sender sees them afterwards, with proofs of now."""

from collections.abc import Mapping

from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotFound
from gateway.domain.ids import DecisionId, DeliveryId, DisclosureId, EntryId, Millis
from gateway.domain.log import JSONValue
from gateway.ports.registers import Row
from gateway.services.asking import MAX_UNITS, DecidedDisclosure, DecidedUnit, Released
from gateway.services.context import Context
from gateway.services.entries import SHOWN_TO_MEMBERS
from gateway.services.recording import Recorder
from gateway.services.units import KeptUnit, UnitState

__all__ = ["Disclosures", "jwk_of"]


def jwk_of(key: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
    """Return the public JWK of a registered ``agency_key`` fact, with its id."""
    jwk = key["jwk"]
    return {**jwk, "kid": key["id"]} if isinstance(jwk, Mapping) else {}


class Disclosures:
    """Reads what was decided and released; writes nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)

    def row(self, caller: Caller, disclosure_id: DisclosureId) -> Row:
        """
        Return the row of a disclosure of the caller's agency.

        Raises:
            NotFound: There is none, or it is of another agency.
        """
        row = self._context.registers.row(self._context.tenant_id, "disclosure", disclosure_id)
        if row is None or row["sender_agency"] != caller.agency_id:
            raise NotFound
        return row

    def decided(self, caller: Caller, disclosure_id: DisclosureId) -> DecidedDisclosure:
        """
        Return a disclosure of the caller's agency as it was decided.

        Raises:
            NotFound: There is none, or it is of another agency.
        """
        self.row(caller, disclosure_id)
        found = self._context.registers.rows(
            self._context.tenant_id, "unit", {"disclosure_id": disclosure_id}, limit=MAX_UNITS
        )
        kept = sorted((KeptUnit.read(r) for r in found), key=lambda u: u.position)
        return DecidedDisclosure(disclosure_id, tuple(self._unit(unit) for unit in kept))

    def deliveries(self, caller: Caller, disclosure_id: DisclosureId) -> dict[str, Row]:
        """
        Return the deliveries of a disclosure by decision id, without their envelopes.

        Raises:
            NotFound: There is no such disclosure of this agency.
        """
        self.row(caller, disclosure_id)
        found = self._context.registers.rows(
            self._context.tenant_id, "delivery", {"disclosure_id": disclosure_id}, limit=MAX_UNITS
        )
        return {
            str(r["decision_id"]): {k: v for k, v in r.items() if k != "envelope"} for r in found
        }

    def released(self, delivery: Row) -> Released:
        """
        Return a delivery as its sender was answered when it was released.

        Raises:
            NotFound: Its entry was erased.
        """
        stored = self._context.log.find(self._context.log_id, EntryId(str(delivery["entry_id"])))
        if stored is None:
            raise NotFound
        return Released(
            delivery_id=DeliveryId(str(delivery["id"])),
            decision_id=DecisionId(str(delivery["decision_id"])),
            state=str(delivery["state"]),
            expires_at=Millis(int(str(delivery["expires_at"]))),
            index=stored.index,
            evidence=self._recorder.evidence_of(stored.entry_id, only=SHOWN_TO_MEMBERS),
        )

    def _unit(self, unit: KeptUnit) -> DecidedUnit:
        context = self._context
        stored = context.log.find(context.log_id, unit.entry_id)
        if stored is None:
            raise NotFound
        key = (
            None
            if unit.seal_kid is None
            else context.registers.fact(context.tenant_id, "agency_key", unit.seal_kid)
        )
        return DecidedUnit(
            decision=unit.decision,
            recipient=unit.recipient,
            recipient_actor=unit.recipient_actor,
            subject=unit.subject,
            state=unit.state,
            expires_at=unit.expires_at,
            recipient_key=None if key is None else jwk_of(key.fact),
            index=stored.index,
            evidence=self._recorder.evidence_of(unit.entry_id, only=SHOWN_TO_MEMBERS),
            # What was told was released in the same change, by the next entry.
            release_index=stored.index + 1 if unit.state == UnitState.TOLD else None,
        )
