"""
What waits unopened is judged again when a fact it stands on has changed.

A withdrawal, a suspension or a new flag recalls a delivery before it is opened. Whoever
registers such a fact calls this at once; whoever opens a delivery is checked once more by
the key epochs it stands on, so that a call that was lost changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.errors import Conflict
from gateway.domain.ids import AgencyId, EntryId, FieldId, Millis, PersonId
from gateway.domain.log import EntryType, KeyEpoch, MoveRow
from gateway.ports.registers import Row
from gateway.services.context import Context
from gateway.services.door_rows import DoorRows
from gateway.services.entries import decision_draft, delivery_draft
from gateway.services.judging import Judge, Judgement
from gateway.services.recording import Change, Recorder
from gateway.services.units import KeptUnit

__all__ = ["Reconsider", "StillPermitted"]

_PAGE = 200


@dataclass(frozen=True, slots=True)
class StillPermitted:
    """A delivery that may still be opened, and the key epochs on which that stands now."""

    epochs: tuple[KeyEpoch, ...]


class Reconsider:
    """Judges waiting deliveries of one tenant again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._judge = Judge(context)
        self._recorder = Recorder(context)
        self._rows = DoorRows(context)

    async def person(self, person_id: PersonId) -> int:
        """Reconsider what waits about a person; return how many deliveries were recalled."""
        return await self._all({"person_id": person_id, "state": "waiting"})

    async def agency(self, agency_id: AgencyId) -> int:
        """Reconsider what waits for or from an agency; return how many were recalled."""
        to = await self._all({"recipient_agency": agency_id, "state": "waiting"})
        return to + await self._all({"sender_agency": agency_id, "state": "waiting"})

    async def delivery(self, delivery: Row, unit: KeptUnit) -> StillPermitted | None:
        """
        Judge one waiting delivery again; recall it when it would not be permitted now.

        Returns:
            The epochs on which it stands now, or ``None`` when it was recalled.

        Raises:
            LogUnavailable: The recall could not be recorded; the delivery must not be opened.
        """
        at = self._context.clock.now()
        fresh = await self._judge.judge_again(unit.question, at=at)
        fields = self._released_fields(delivery)
        if fresh.permits(fields):
            return StillPermitted(fresh.facts.epochs)
        await self._recall(delivery, unit, fresh, at)
        return None

    async def _all(self, where: dict[str, str | int | None]) -> int:
        recalled, after = 0, ""
        while page := self._waiting(where, after):
            after = str(page[-1]["id"])
            for delivery in page:
                recalled += await self._recalled(delivery)
        return recalled

    async def _recalled(self, delivery: Row) -> bool:
        row = await self._context.facts.row(
            self._context.tenant_id, "unit", str(delivery["decision_id"])
        )
        if row is None:
            return False
        try:
            return await self.delivery(delivery, KeptUnit.read(row)) is None
        except Conflict:
            return False  # it was opened, recalled or expired meanwhile

    def _waiting(self, where: dict[str, str | int | None], after: str) -> Sequence[Row]:
        registers = self._context.registers
        return registers.rows(self._context.tenant_id, "delivery", where, after=after, limit=_PAGE)

    def _released_fields(self, delivery: Row) -> tuple[FieldId, ...]:
        body = self._recorder.body_of(EntryId(str(delivery["entry_id"])))
        return tuple(FieldId(f) for f in body["field_ids"])

    async def _recall(self, delivery: Row, unit: KeptUnit, fresh: Judgement, at: Millis) -> None:
        context = self._context
        purpose_ja = context.rulebook.purpose_ja(fresh.unit.request.purpose)
        decision = decision_draft(
            fresh, context.ids.entry(), purpose_ja=purpose_ja, expires_at=None
        )
        recalled = delivery_draft(
            EntryType.RECALLED,
            context.ids.entry(),
            delivery,
            at=at,
            more={"code": "not_permitted_any_more"},
        )
        rows = (
            MoveRow("delivery", str(delivery["id"]), "waiting", "recalled", {"envelope": None}),
            *self._rows.alerts(fresh, unit.decision.decision_id),
        )
        drafts = (self._recorder.prepare(decision), self._recorder.prepare(recalled))
        await self._recorder.record_async(Change(drafts, rows))
