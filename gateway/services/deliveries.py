"""
Deliveries: sealed envelopes on their way to one recipient.

* ``opened`` is durable before the first byte of the envelope leaves, for each person who
  opens it.
* Opening, recall and expiry exclude each other by the state of one row.
* What was acknowledged, recalled or has expired loses its ciphertext; the entries stay.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.verify import Evidence
from gateway.domain.disclosure import Caller
from gateway.domain.errors import Conflict, NotFound, StaleFacts
from gateway.domain.ids import ActorId, AgencyId, DeliveryId, DisclosureId, EntryId, Millis
from gateway.domain.log import EntryType, JSONValue, KeyEpoch, MoveRow
from gateway.domain.records import sign_key
from gateway.ports.registers import Row
from gateway.services.acting import Acting, Authority, within
from gateway.services.context import Context
from gateway.services.disclosures import jwk_of
from gateway.services.entries import (
    DECISION_FIELDS,
    DELIVERY_FIELDS,
    delivery_draft,
    obligation_draft,
)
from gateway.services.reconsider import Reconsider, about_the_case
from gateway.services.recording import Change, PreparedDraft, Recorder
from gateway.services.units import KeptUnit

__all__ = ["Acknowledged", "Deliveries", "DeliverySummary", "OpenedDelivery", "Recall"]

_ANEW: Final = 3
_PAGE: Final = 200
_CODES: Final = frozenset({"ok", "wrong_person", "unreadable", "fields_exceed", "other"})


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """A delivery as a list shows it: no field, no person."""

    delivery_id: DeliveryId
    disclosure_id: DisclosureId
    decision_id: str
    sender: AgencyId
    purpose: str
    state: str
    released_at: Millis
    expires_at: Millis
    opened_at: Millis | None
    acknowledged_at: Millis | None


@dataclass(frozen=True, slots=True)
class OpenedDelivery:
    """
    A delivery as handed to its recipient, after ``opened`` was recorded.

    Attributes:
        envelope: Compact JWE.
        sender_keys: Public keys (JWK) with which the sender signs records.
        release: The ``release`` entry, to be verified before anything is opened.
        decision: The ``decision`` entry that it stands under, as far as a recipient may see.
        opened_index: Index of the ``opened`` entry.
        obligations: Duties as they stand in the release.
    """

    summary: DeliverySummary
    envelope: str
    sender_keys: tuple[dict[str, JSONValue], ...]
    release: Evidence
    decision: Evidence
    opened_index: int
    obligations: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That a delivery was acknowledged, and where that stands in the log."""

    state: str
    index: int


@dataclass(frozen=True, slots=True)
class Recall:
    """What became of one delivery that somebody wanted back."""

    delivery_id: DeliveryId
    state: str
    index: int | None
    evidence: Evidence | None


class Deliveries:
    """Deliveries of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._reconsider = Reconsider(context)
        self._authority = Authority(context)

    def inbox(
        self, caller: Caller, *, after: str = "", limit: int = 100
    ) -> tuple[DeliverySummary, ...]:
        """Return deliveries to the caller's agency in the order of their ids, after one of them."""
        found = self._rows({"recipient_agency": caller.agency_id}, after=after, limit=limit)
        return tuple(self._summary(row) for row in found)

    async def open(self, caller: Caller, actor: ActorId, delivery_id: DeliveryId) -> OpenedDelivery:
        """
        Record that a delivery is opened, then return its envelope; again returns it again.

        What is for the agency as a whole may be opened by whoever there may see it, and each
        who does is recorded.

        Raises:
            NotFound: There is none for this agency, or none that this person may see.
            NotAuthorized: The acting person is not, or no longer, one of this agency.
            Conflict: ``RECALLED``, ``EXPIRED`` or ``ACKNOWLEDGED``.
            PolicyUnavailable: A fact has changed and policy is silent.
            LogUnavailable: It could not be recorded, so nothing left.
            LogUnwitnessed: What it holds waits for witnesses, and too few have cosigned its
                release yet.
        """
        delivery = await self._own(caller, delivery_id)
        unit = await self._unit(delivery)
        self._check_actor(caller, actor, unit)
        if self._context.rulebook.awaits_witnesses(unit.pack, unit.decision.permitted):
            await asyncio.to_thread(self._check_witnessed, delivery)
        if delivery["state"] == "waiting":
            delivery = await self._opened(caller, actor, delivery, unit)
        if delivery["state"] != "opened":
            raise Conflict(str(delivery["state"]).upper())
        index = await self._opened_by(caller, actor, delivery, unit)
        return self._handed_over(delivery, unit, index)

    async def acknowledge(
        self, caller: Caller, actor: ActorId, delivery_id: DeliveryId, *, code: str, accepted: bool
    ) -> Acknowledged:
        """
        Record that the recipient confirms what it opened, or says what is wrong with it.

        The ciphertext is deleted with it.

        Raises:
            NotFound: There is none for this agency.
            NotAuthorized: The acting person is not one of this agency.
            Conflict: It was not opened, or was acknowledged before (``ROW_NOT_IN_STATE``).
            LogUnavailable: It could not be recorded.
        """
        delivery = await self._own(caller, delivery_id)
        self._check_actor(caller, actor, await self._unit(delivery))
        at = self._context.clock.now()
        by = (caller.system_id, actor)
        draft = delivery_draft(
            EntryType.ACKNOWLEDGED,
            self._context.ids.entry(),
            delivery,
            at=at,
            by=by,
            more={"accepted": accepted, "code": code if code in _CODES else "other"},
        )
        drafts: list[PreparedDraft] = [self._recorder.prepare(draft)]
        # Whoever has it needs no copy here any more.
        done: dict[str, str | int | bytes | None] = {"acknowledged_at": at, "envelope": None}
        rows = [MoveRow("delivery", delivery_id, "opened", "acknowledged", done)]
        for task in self._receipt_tasks(delivery):
            entry = obligation_draft(
                task, self._context.ids.entry(), at=at, change="discharged", by=by
            )
            drafts.append(self._recorder.prepare(entry))
            proof = entry.entry_id
            rows.append(
                MoveRow("task", str(task["id"]), "open", "done", {"done_at": at, "proof": proof})
            )
        recorded = await self._recorder.record_async(Change(tuple(drafts), tuple(rows)))
        return Acknowledged("acknowledged", recorded.indices[0])

    async def recall(
        self,
        caller: Caller,
        actor: ActorId,
        disclosure_id: DisclosureId,
        *,
        code: str,
        delivery_id: DeliveryId | None = None,
    ) -> tuple[Recall, ...]:
        """
        Take back what the caller's agency sent and nobody has opened.

        Raises:
            NotFound: There is no such disclosure or delivery of this agency.
            NotAuthorized: The acting person is not one of this agency.
            LogUnavailable: It could not be recorded.
        """
        self._authority.own(Acting(caller, actor))
        found = self._rows({"disclosure_id": disclosure_id, "sender_agency": caller.agency_id})
        wanted = [d for d in found if delivery_id is None or d["id"] == delivery_id]
        if not wanted:
            raise NotFound
        return tuple([await self._recall(caller, actor, row, code) for row in wanted])

    async def expire_due(self) -> int:
        """Expire what has waited too long; return how many deliveries."""
        now = self._context.clock.now()
        expired, after = 0, ""
        while page := self._rows({"state": "waiting"}, after=after, limit=_PAGE):
            after = str(page[-1]["id"])
            for row in page:
                if _int(row["expires_at"]) <= now:
                    expired += await self._expire(row)
        return expired

    def _check_witnessed(self, delivery: Row) -> None:
        """Check that witnesses have cosigned the release."""
        context = self._context
        stored = context.log.find(context.log_id, EntryId(str(delivery["entry_id"])))
        if stored is None:
            raise NotFound
        context.watch.check_covers(stored.index)

    # --- opening ---------------------------------------------------------------------------

    async def _opened(self, caller: Caller, actor: ActorId, delivery: Row, unit: KeptUnit) -> Row:
        """Record ``opened``; return the delivery as it is afterwards."""
        at = self._context.clock.now()
        if _int(delivery["expires_at"]) <= at:
            await self._expire(delivery)
            raise Conflict("EXPIRED")
        epochs: tuple[KeyEpoch, ...] = unit.relied_on
        await self._check_opener(actor, delivery, unit)
        for _ in range(_ANEW):
            try:
                await self._record_opened(caller, actor, delivery, about_the_case(unit, epochs))
            except StaleFacts:
                still = await self._reconsider.delivery(delivery, unit)
                if still is None:
                    raise Conflict("RECALLED") from None
                epochs = still.epochs
                await self._check_opener(actor, delivery, unit)
            except Conflict:
                break  # somebody opened, recalled or expired it meanwhile: see what it is now
            else:
                break
        return await self._own(caller, DeliveryId(str(delivery["id"])))

    async def _opened_by(
        self, caller: Caller, actor: ActorId, delivery: Row, unit: KeptUnit
    ) -> int:
        """Return the index of this person's ``opened`` entry, recording it for another one."""
        first = EntryId(str(delivery["opened_entry_id"]))
        if self._recorder.body_of(first)["actor"] != actor:
            await self._check_opener(actor, delivery, unit)
            draft = self._opening(caller, actor, delivery)
            return (await self._recorder.record_async(Change((draft,)))).indices[0]
        stored = self._context.log.find(self._context.log_id, first)
        if stored is None:
            raise NotFound
        return stored.index

    async def _check_opener(self, actor: ActorId, delivery: Row, unit: KeptUnit) -> None:
        """Check who opens what is for no person by name; see :meth:`Reconsider.opener`."""
        if unit.recipient_actor is None:
            await self._reconsider.opener(delivery, unit, actor)

    def _opening(self, caller: Caller, actor: ActorId, delivery: Row) -> PreparedDraft:
        at, by = self._context.clock.now(), (caller.system_id, actor)
        draft = delivery_draft(EntryType.OPENED, self._context.ids.entry(), delivery, at=at, by=by)
        return self._recorder.prepare(draft)

    async def _record_opened(
        self, caller: Caller, actor: ActorId, delivery: Row, epochs: tuple[KeyEpoch, ...]
    ) -> None:
        draft = self._opening(caller, actor, delivery)
        opened: dict[str, str | int | bytes | None] = {
            "opened_at": draft.entry.at,
            "opened_entry_id": draft.entry.entry_id,
        }
        move = MoveRow("delivery", str(delivery["id"]), "waiting", "opened", opened)
        await self._recorder.record_async(Change((draft,), (move,), relied_on_keys=epochs))

    def _handed_over(self, delivery: Row, unit: KeptUnit, opened_index: int) -> OpenedDelivery:
        context = self._context
        release_id = EntryId(str(delivery["entry_id"]))
        envelope, released_at = delivery["envelope"], Millis(_int(delivery["released_at"]))
        if not isinstance(envelope, bytes):
            raise NotFound
        evidence = self._recorder.evidence_of(release_id, only=DELIVERY_FIELDS)
        keys = context.registers.facts_by_key(context.tenant_id, sign_key(unit.sender))
        return OpenedDelivery(
            summary=self._summary(delivery),
            envelope=envelope.decode("ascii"),
            sender_keys=tuple(
                dict(jwk_of(k.fact))
                for k in keys
                if k.kind == "agency_key" and _could_sign(k.fact, released_at)
            ),
            release=evidence,
            decision=self._recorder.evidence_of(unit.entry_id, only=DECISION_FIELDS),
            opened_index=opened_index,
            obligations=tuple(evidence.fields()["obligations"]),
        )

    # --- taking back -----------------------------------------------------------------------

    async def _recall(self, caller: Caller, actor: ActorId, delivery: Row, code: str) -> Recall:
        id_ = DeliveryId(str(delivery["id"]))
        draft = self._recorder.prepare(
            delivery_draft(
                EntryType.RECALLED,
                self._context.ids.entry(),
                delivery,
                at=self._context.clock.now(),
                by=(caller.system_id, actor),
                more={"code": code},
            )
        )
        move = MoveRow("delivery", id_, "waiting", "recalled", {"envelope": None})
        try:
            recorded = await self._recorder.record_async(Change((draft,), (move,)))
        except Conflict:
            row = await self._context.facts.row(self._context.tenant_id, "delivery", id_)
            return Recall(id_, "gone" if row is None else str(row["state"]), None, None)
        return Recall(id_, "recalled", recorded.indices[0], self._recorder.evidence(draft))

    async def _expire(self, delivery: Row) -> bool:
        draft = delivery_draft(
            EntryType.EXPIRED,
            self._context.ids.entry(),
            delivery,
            at=self._context.clock.now(),
        )
        move = MoveRow("delivery", str(delivery["id"]), "waiting", "expired", {"envelope": None})
        try:
            await self._recorder.record_async(Change((self._recorder.prepare(draft),), (move,)))
        except Conflict:
            return False  # it was opened or recalled meanwhile
        return True

    # --- reading ---------------------------------------------------------------------------

    async def _own(self, caller: Caller, delivery_id: DeliveryId) -> Row:
        row = await self._context.facts.row(self._context.tenant_id, "delivery", delivery_id)
        if row is None or row["recipient_agency"] != caller.agency_id:
            raise NotFound
        return row

    async def _unit(self, delivery: Row) -> KeptUnit:
        row = await self._context.facts.row(
            self._context.tenant_id, "unit", str(delivery["decision_id"])
        )
        if row is None:
            raise NotFound
        return KeptUnit.read(row)

    def _check_actor(self, caller: Caller, actor: ActorId, unit: KeptUnit) -> None:
        """Check that the acting person may hold this delivery today."""
        if unit.recipient_actor is not None and actor != unit.recipient_actor:
            raise NotFound
        self._authority.own(Acting(caller, actor))

    def _receipt_tasks(self, delivery: Row) -> Sequence[Row]:
        return self._context.registers.rows(
            self._context.tenant_id,
            "task",
            {
                "decision_id": str(delivery["decision_id"]),
                "code": "ack_receipt",
                "state": "open",
            },
        )

    def _rows(
        self, where: dict[str, str | int | None], *, after: str = "", limit: int = _PAGE
    ) -> Sequence[Row]:
        registers = self._context.registers
        return registers.rows(self._context.tenant_id, "delivery", where, after=after, limit=limit)

    def _summary(self, row: Row) -> DeliverySummary:
        disclosure = self._context.registers.row(
            self._context.tenant_id, "disclosure", str(row["disclosure_id"])
        )
        opened, acknowledged = row["opened_at"], row["acknowledged_at"]
        return DeliverySummary(
            delivery_id=DeliveryId(str(row["id"])),
            disclosure_id=DisclosureId(str(row["disclosure_id"])),
            decision_id=str(row["decision_id"]),
            sender=AgencyId(str(row["sender_agency"])),
            purpose="" if disclosure is None else str(disclosure["purpose"]),
            state=str(row["state"]),
            released_at=Millis(_int(row["released_at"])),
            expires_at=Millis(_int(row["expires_at"])),
            opened_at=None if opened is None else Millis(_int(opened)),
            acknowledged_at=None if acknowledged is None else Millis(_int(acknowledged)),
        )


def _could_sign(key: Mapping[str, JSONValue], at: Millis) -> bool:
    """Whether a record that was released at ``at`` may have been signed with this key."""
    revoked = key["revoked_at"]
    return within(key["valid_from"], key["valid_to"], at) and (
        revoked is None or (isinstance(revoked, int) and at < revoked)
    )


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a column that counts holds a number")
    return value
