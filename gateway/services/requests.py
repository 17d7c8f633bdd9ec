"""
Pull: an agency asks another for case information, and the answer comes through the door.

* A request names no person in a readable form: whom it is about is sealed to the controller.
* The asker hears facts about itself, or one fixed text. Whether a person is known, whether
  anything was refused and why are never part of the answer.
* The controller answers by a disclosure, or closes the request; either way once. To the asker
  the two look the same unless something was delivered: only who knows a person can ask the
  door about them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.domain.disclosure import Caller, Outcome, Reason, Side
from gateway.domain.errors import Conflict, NotFound, SchemaViolation
from gateway.domain.ids import ActorId, AgencyId, FieldId, Millis, RequestId
from gateway.domain.log import EntryDraft, InsertRow, MoveRow
from gateway.ports.registers import Row
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.entries import request_draft
from gateway.services.idempotency import Idempotency, IdempotencyKey
from gateway.services.recording import Change, Recorder
from gateway.services.units import KeptUnit, UnitState

__all__ = ["AskedOf", "InformationRequests", "RequestAnswer", "RequestView"]


@dataclass(frozen=True, slots=True)
class AskedOf:
    """
    What one agency asks of another.

    Attributes:
        controller: Whose data are wanted.
        fields: Ids of the fields wanted; empty leaves it to the profile.
        question_code: What is asked when it is no field, for example whether somebody is known
            there; empty for none.
        sealed_subject: Whom it is about, sealed to the controller; empty when the two have
            spoken already.
        due_at: Until when an answer helps.
    """

    controller: AgencyId
    purpose: str
    profile: str
    basis: str
    refs: Mapping[str, str]
    fields: tuple[FieldId, ...]
    urgency: str
    question_code: str = ""
    sealed_subject: str = ""
    due_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """
    What the asker hears.

    Attributes:
        label: ``delivered``, ``refused_for_asker`` or ``not_shareable``.
        reasons: Facts about the asker itself, or the one fixed text.
    """

    label: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as one of its two sides sees it; ``answer`` is for the asker alone."""

    request_id: RequestId
    asker: AgencyId
    controller: AgencyId
    purpose: str
    profile: str
    basis: str
    refs: Mapping[str, str]
    fields: tuple[FieldId, ...]
    urgency: str
    question_code: str
    sealed_subject: str
    state: str
    requested_at: Millis
    due_at: Millis | None
    answer: RequestAnswer | None


class InformationRequests:
    """Requests between agencies of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._authority = Authority(context)
        self._idempotency = Idempotency(context)

    def ask(
        self, caller: Caller, actor: ActorId, asked: AskedOf, *, key: IdempotencyKey | None = None
    ) -> RequestView:
        """
        Put a request into the controller's inbox.

        Raises:
            NotAuthorized: The acting person may not act for the asking agency.
            NotFound: There is no such controller.
            SchemaViolation: An agency asks itself.
            IdempotencyMismatch: The key was used with another request.
            LogUnavailable: It could not be recorded.
        """
        if key is not None and (found := self._idempotency.find(key)) is not None:
            return self.seen(caller, RequestId(found))
        relied_on = self._authority.own(Acting(caller, actor))
        if asked.controller == caller.agency_id:
            raise SchemaViolation([("/controller", "another agency")])
        self._authority.fact("agency", asked.controller)
        now = self._context.clock.now()
        request_id = RequestId(self._context.ids.new())
        row = self._row(request_id, caller, actor, asked, now)
        entry = self._entry(row.values, caller, actor, "asked", now)
        remembered = (
            () if key is None else (self._idempotency.row(key, "request", request_id, now),)
        )
        try:
            self._recorder.record(
                Change((self._recorder.prepare(entry),), (row, *remembered), relied_on)
            )
        except Conflict:
            if key is None or (found := self._idempotency.find(key)) is None:
                raise
            return self.seen(caller, RequestId(found))
        return self.seen(caller, request_id)

    def listed(
        self, caller: Caller, *, role: str, after: str = "", limit: int = 100
    ) -> tuple[RequestView, ...]:
        """Return the caller's requests as ``asker`` or as ``controller``, in the order of ids."""
        column = "asker_agency" if role == "asker" else "controller_agency"
        found = self._context.registers.rows(
            self._context.tenant_id,
            "request",
            {column: caller.agency_id},
            after=after,
            limit=limit,
        )
        return tuple(self._view(row, caller) for row in found)

    def seen(self, caller: Caller, request_id: RequestId) -> RequestView:
        """
        Return one request of either side.

        Raises:
            NotFound: There is none, or it is between others.
        """
        row = self._context.registers.row(self._context.tenant_id, "request", request_id)
        if row is None or caller.agency_id not in {row["asker_agency"], row["controller_agency"]}:
            raise NotFound
        return self._view(row, caller)

    def close(self, caller: Caller, actor: ActorId, request_id: RequestId) -> RequestView:
        """
        Close a request without a disclosure; the asker hears the one fixed text.

        Raises:
            NotFound: It is not one that was asked of the caller's agency.
            NotAuthorized: The acting person may not act for it.
            Conflict: It was answered before.
            LogUnavailable: It could not be recorded.
        """
        relied_on = self._authority.own(Acting(caller, actor))
        row = self._context.registers.row(self._context.tenant_id, "request", request_id)
        if row is None or row["controller_agency"] != caller.agency_id:
            raise NotFound
        now = self._context.clock.now()
        entry = self._entry(row, caller, actor, "closed", now)
        move = MoveRow("request", request_id, "open", "closed")
        self._recorder.record(Change((self._recorder.prepare(entry),), (move,), relied_on))
        return self.seen(caller, request_id)

    # --- how -------------------------------------------------------------------------------

    def _row(
        self, id_: RequestId, caller: Caller, actor: ActorId, asked: AskedOf, now: Millis
    ) -> InsertRow:
        question = {
            "basis": asked.basis,
            "refs": dict(asked.refs),
            "fields": list(asked.fields),
            "urgency": asked.urgency,
            "question_code": asked.question_code,
        }
        return InsertRow(
            "request",
            {
                "id": id_,
                "asker_agency": caller.agency_id,
                "asker_actor": actor,
                "controller_agency": asked.controller,
                "purpose": asked.purpose,
                "profile": asked.profile,
                "question": orjson.dumps(question).decode(),
                "sealed_subject": asked.sealed_subject.encode("ascii") or None,
                "state": "open",
                "requested_at": now,
                "due_at": asked.due_at,
            },
        )

    def _entry(
        self, row: Row, caller: Caller, actor: ActorId, change: str, now: Millis
    ) -> EntryDraft:
        by = (caller.agency_id, caller.system_id, actor)
        return request_draft(row, self._context.ids.entry(), at=now, change=change, by=by)

    def _view(self, row: Row, caller: Caller) -> RequestView:
        question: Mapping[str, Any] = orjson.loads(str(row["question"]))
        sealed, due = row["sealed_subject"], row["due_at"]
        is_asker = row["asker_agency"] == caller.agency_id
        answer = self._answer(row) if is_asker else None
        return RequestView(
            request_id=RequestId(str(row["id"])),
            asker=AgencyId(str(row["asker_agency"])),
            controller=AgencyId(str(row["controller_agency"])),
            purpose=str(row["purpose"]),
            profile=str(row["profile"]),
            basis=question["basis"],
            refs=question["refs"],
            fields=tuple(FieldId(f) for f in question["fields"]),
            urgency=question["urgency"],
            question_code=question["question_code"],
            sealed_subject=sealed.decode("ascii") if isinstance(sealed, bytes) else "",
            state=_state_for_asker(answer) if is_asker else str(row["state"]),
            requested_at=Millis(int(str(row["requested_at"]))),
            due_at=None if due is None else Millis(int(str(due))),
            answer=answer,
        )

    def _answer(self, row: Row) -> RequestAnswer | None:
        if row["state"] == "open":
            return None
        units = self._units(row) if row["state"] == "answered" else ()
        if any(u.state == UnitState.RELEASED for u in units):
            return RequestAnswer("delivered", ())
        now = self._context.clock.now()
        if any(_is_under_way(u, now) for u in units):
            return None
        if units and all(map(_is_about_the_asker, units)):
            own = (r for u in units for r in u.decision.reasons if r.side is Side.ASKER)
            return RequestAnswer("refused_for_asker", tuple(dict.fromkeys(own)))
        return RequestAnswer("not_shareable", (self._context.rulebook.reason("NOT_SHAREABLE"),))

    def _units(self, row: Row) -> Sequence[KeptUnit]:
        registers, tenant = self._context.registers, self._context.tenant_id
        found = registers.rows(tenant, "disclosure", {"answers_request": str(row["id"])})
        return [
            KeptUnit.read(unit)
            for disclosure in found
            for unit in registers.rows(tenant, "unit", {"disclosure_id": str(disclosure["id"])})
        ]


def _state_for_asker(answer: RequestAnswer | None) -> str:
    if answer is None:
        return "open"
    return "answered" if answer.label == "delivered" else "closed"


def _is_under_way(unit: KeptUnit, now: Millis) -> bool:
    """Whether something permitted can still be sent; a permit that nobody used says nothing."""
    usable = unit.expires_at is not None and now < unit.expires_at
    return usable and unit.state == UnitState.PERMITTED


def _is_about_the_asker(unit: KeptUnit) -> bool:
    """
    Whether a refusal is first of all about the asker itself.

    What only officers hear plays no part, or the answer would tell where somebody is protected.
    """
    refused = unit.decision.outcome is not Outcome.PERMIT
    sides = (r.side for r in unit.decision.reasons if r.side is not Side.OFFICER)
    return refused and next(sides, None) is Side.ASKER
