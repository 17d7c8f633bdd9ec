"""The rows that become visible with the entries of the door, and with nothing less."""

from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from gateway.crypto.encoding import b64u
from gateway.domain.disclosure import Decision, DisclosureRequest, Outcome
from gateway.domain.ids import AgencyId, DecisionId, DisclosureId, Millis
from gateway.domain.log import InsertRow, JSONValue, MoveRow, RowChange
from gateway.services.asking import Upload
from gateway.services.context import Context
from gateway.services.judging import Judgement
from gateway.services.recording import PreparedDraft
from gateway.services.units import KeptUnit, UnitState, judgement_columns, unit_row

__all__ = ["ALERT_DESK", "DoorRows"]

ALERT_DESK: Final = "officers"


class DoorRows:
    """Makes rows for one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def disclosure(self, request: DisclosureRequest, answers: str, digest: str) -> InsertRow:
        """Return the row of a disclosure; ``digest`` is empty when nobody gave a key."""
        return InsertRow(
            "disclosure",
            {
                "id": request.disclosure_id,
                "direction": str(request.direction),
                "sender_agency": request.sender_agency_id,
                "sender_actor": request.sender_actor_id,
                "sender_system": request.sender_system_id,
                "purpose": request.purpose,
                "request_digest": digest,
                "requested_at": request.requested_at,
                "occurred_at": request.occurred_at,
                "answers_request": answers or None,
            },
        )

    def unit(
        self,
        judgement: Judgement,
        entry: PreparedDraft,
        *,
        position: int,
        state: str,
        seal_kid: str | None,
        expires_at: Millis | None,
    ) -> Iterator[RowChange]:
        """Yield the row of a unit just judged, its tasks if it was told, and its alerts."""
        decision, request = judgement.decision, judgement.unit.request
        permitted = decision.outcome is Outcome.PERMIT
        yield unit_row(
            judgement,
            entry.entry,
            leaf_hash=b64u(entry.entry.leaf_hash),
            position=position,
            state=state,
            ad_hoc=permitted and any(map(self._context.rulebook.is_ad_hoc, decision.bases)),
            seal_kid=seal_kid,
            expires_at=expires_at,
        )
        if state == UnitState.TOLD:
            to, sender = judgement.unit.recipient.agency_id, request.sender_agency_id
            yield from self._tasks(decision, request.disclosure_id, to, sender)
        yield from self.alerts(judgement, decision.decision_id)

    def alerts(self, judgement: Judgement, decision_id: DecisionId) -> Iterator[RowChange]:
        """Yield what officers have to be told about a judgement."""
        decision, request = judgement.decision, judgement.unit.request
        refused = decision.outcome is not Outcome.PERMIT
        kinds = {
            "policy_silent": decision.outcome is Outcome.INDETERMINATE,
            "alert": decision.alert and decision.outcome is not Outcome.INDETERMINATE,
            "told_without_permit": refused and request.direction.is_recorded_only,
        }
        for kind in (k for k, holds in kinds.items() if holds):
            yield InsertRow(
                "notice",
                {
                    "id": self._context.ids.new(),
                    "recipient_agency": ALERT_DESK,
                    "kind": kind,
                    "decision_id": decision_id,
                    "state": "new",
                    "created_at": judgement.at,
                },
            )

    def release(
        self,
        unit: KeptUnit,
        upload: Upload,
        release: PreparedDraft,
        *,
        envelope: Mapping[str, JSONValue],
        fresh: Judgement | None,
        expires_at: Millis,
    ) -> Iterator[RowChange]:
        """Yield the used permit, the delivery and the tasks of a release."""
        yield MoveRow(
            "unit",
            unit.decision.decision_id,
            UnitState.PERMITTED,
            UnitState.RELEASED,
            {} if fresh is None else {"relied_on": judgement_columns(fresh)["relied_on"]},
        )
        yield InsertRow(
            "delivery",
            {
                "id": str(envelope["delivery_id"]),
                "decision_id": unit.decision.decision_id,
                "disclosure_id": unit.disclosure_id,
                "sender_agency": unit.sender,
                "recipient_agency": unit.recipient,
                "person_id": unit.person,
                "state": "waiting",
                "envelope": upload.envelope.encode("ascii"),
                "envelope_digest": str(envelope["envelope_digest"]),
                "entry_id": release.entry.entry_id,
                "released_at": release.entry.at,
                "expires_at": expires_at,
                "opened_at": None,
                "acknowledged_at": None,
                "opened_entry_id": None,
            },
        )
        yield from self._tasks(unit.decision, unit.disclosure_id, unit.recipient, unit.sender)

    def _tasks(
        self,
        decision: Decision,
        disclosure_id: DisclosureId,
        recipient: AgencyId,
        controller: AgencyId,
    ) -> Iterator[RowChange]:
        bearers = {"recipient": recipient, "controller": controller}
        for duty in decision.obligations:
            if duty.bearer in bearers:
                yield InsertRow(
                    "task",
                    {
                        "id": self._context.ids.new(),
                        "decision_id": decision.decision_id,
                        "disclosure_id": disclosure_id,
                        "code": duty.code,
                        "bearer": duty.bearer,
                        "agency_id": bearers[duty.bearer],
                        "params": orjson.dumps(duty.params, default=dict).decode(),
                        "due_at": duty.due_at,
                        "state": "open",
                        "done_at": None,
                        "proof": None,
                    },
                )
