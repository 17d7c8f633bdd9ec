"""
What waits unopened is judged again when a fact it stands on has changed.

A withdrawal, a suspension or a new flag recalls a delivery before it is opened. Whoever
registers such a fact calls this at once; whoever opens a delivery is checked once more by
the key epochs it stands on, so that a call that was lost changes nothing.

A delivery to an agency as a whole may be opened by whoever there would have been a permitted
recipient by name: not by the person's counterpart, nor by whom the person refused, nor by
somebody whose role may see no cases.

Where policy is silent nothing is opened, and nothing is taken back either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.crypto.pseudonym import subject_pseudonym
from gateway.domain.disclosure import Outcome
from gateway.domain.errors import Conflict, NotFound, PolicyUnavailable
from gateway.domain.ids import ActorId, AgencyId, EntryId, FieldId, Millis, PersonId
from gateway.domain.log import EntryType, KeyEpoch, MoveRow
from gateway.domain.records import seal_key, sign_key
from gateway.ports.registers import Row
from gateway.services.context import Context
from gateway.services.door_rows import DoorRows
from gateway.services.entries import decision_draft, delivery_draft
from gateway.services.judging import Judge, Judgement
from gateway.services.recording import Change, PreparedDraft, Recorder
from gateway.services.units import KeptUnit

__all__ = ["Reconsider", "StillPermitted", "about_the_case"]

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
        """
        Reconsider what waits about a person, as the main subject or beside it.

        Whoever became this person by a link, and stands beside the main subject under the
        earlier id, is noticed at opening.

        Returns:
            How many deliveries were recalled.
        """
        recalled = await self._all({"person_id": person_id, "state": "waiting"})
        context = self._context
        pseudonym = subject_pseudonym(context.keys.index_key(), context.log_id, person_id)

        def beside(after: str) -> Sequence[Row]:
            return context.registers.waiting_about(
                context.tenant_id, context.log_id, pseudonym, after=after, limit=_PAGE
            )

        return recalled + await self._pages(beside, but=person_id)

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
            PolicyUnavailable: Policy is silent, which is recorded; the delivery waits on.
            LogUnavailable: The recall could not be recorded; the delivery must not be opened.
        """
        at = self._context.clock.now()
        counted_at = unit.counted_at
        fresh = await self._judge.judge_again(unit.question, at=at, counted_at=counted_at)
        if fresh.permits(self._released_fields(delivery)):
            return StillPermitted(fresh.facts.epochs)
        if fresh.decision.outcome is Outcome.INDETERMINATE:
            await self._record_refusal(unit, fresh)
            raise PolicyUnavailable("a fact has changed and policy is silent")
        await self._recall(delivery, unit, fresh, at)
        return None

    async def opener(self, delivery: Row, unit: KeptUnit, actor: ActorId) -> None:
        """
        Check that one person of the recipient's may open what is for the agency as a whole.

        Judged by the law of now and, where a term has merely ended meanwhile, of the decision.

        Raises:
            NotFound: The person may not, which is recorded; the delivery waits on for others.
            PolicyUnavailable: Policy is silent, which is recorded.
            LogUnavailable: It could not be recorded.
        """
        fields = self._released_fields(delivery)
        at = self._context.clock.now()
        for law_at in (at, unit.decided_at):
            fresh = await self._judge.judge_again(
                unit.question, at=at, counted_at=unit.counted_at, law_at=law_at, to_actor=actor
            )
            if fresh.permits(fields):
                return
        if _has_changed(unit, fresh) and await self.delivery(delivery, unit) is None:
            raise Conflict("RECALLED")
        await self._record_refusal(unit, fresh)
        if fresh.decision.outcome is Outcome.INDETERMINATE:
            raise PolicyUnavailable("policy is silent")
        raise NotFound

    async def _all(self, where: dict[str, str | int | None]) -> int:
        return await self._pages(lambda after: self._waiting(where, after))

    async def _pages(self, page_after: Callable[[str], Sequence[Row]], but: str = "") -> int:
        """Reconsider page by page, ``but`` those whose main subject was reconsidered before."""
        recalled, after = 0, ""
        while page := page_after(after):
            after = str(page[-1]["id"])
            for delivery in page:
                recalled += delivery["person_id"] != but and await self._recalled(delivery)
        return recalled

    async def _recalled(self, delivery: Row) -> bool:
        row = await self._context.facts.row(
            self._context.tenant_id, "unit", str(delivery["decision_id"])
        )
        if row is None:
            return False
        try:
            return await self.delivery(delivery, KeptUnit.read(row)) is None
        except (Conflict, PolicyUnavailable):
            return False  # it was opened, recalled or expired meanwhile, or has to wait

    def _waiting(self, where: dict[str, str | int | None], after: str) -> Sequence[Row]:
        registers = self._context.registers
        return registers.rows(self._context.tenant_id, "delivery", where, after=after, limit=_PAGE)

    def _released_fields(self, delivery: Row) -> tuple[FieldId, ...]:
        body = self._recorder.body_of(EntryId(str(delivery["entry_id"])))
        return tuple(FieldId(f) for f in body["field_ids"])

    async def _recall(self, delivery: Row, unit: KeptUnit, fresh: Judgement, at: Millis) -> None:
        recalled = delivery_draft(
            EntryType.RECALLED,
            self._context.ids.entry(),
            delivery,
            at=at,
            more={"code": "not_permitted_any_more"},
        )
        rows = (
            MoveRow("delivery", str(delivery["id"]), "waiting", "recalled", {"envelope": None}),
            *self._rows.alerts(fresh, unit.decision.decision_id),
        )
        drafts = (self._refusal(fresh), self._recorder.prepare(recalled))
        await self._recorder.record_async(Change(drafts, rows))

    async def _record_refusal(self, unit: KeptUnit, fresh: Judgement) -> None:
        alerts = tuple(self._rows.alerts(fresh, unit.decision.decision_id))
        await self._recorder.record_async(Change((self._refusal(fresh),), alerts))

    def _refusal(self, fresh: Judgement) -> PreparedDraft:
        context = self._context
        purpose_ja = context.rulebook.purpose_ja(fresh.unit.request.purpose)
        draft = decision_draft(fresh, context.ids.entry(), purpose_ja=purpose_ja, expires_at=None)
        return self._recorder.prepare(draft)


def about_the_case(unit: KeptUnit, epochs: tuple[KeyEpoch, ...]) -> tuple[KeyEpoch, ...]:
    """
    Return the epochs that speak of the case.

    Policy knows no keys: a new one gives no cause to judge again, still less to take back.
    """
    keys = {seal_key(unit.recipient), sign_key(unit.sender)}
    return tuple(e for e in epochs if e.key not in keys)


def _has_changed(unit: KeptUnit, fresh: Judgement) -> bool:
    """Whether anything the unit stands on is another than when it was decided."""
    return not set(about_the_case(unit, unit.relied_on)) <= set(fresh.facts.epochs)
