"""Duties that came with a permit, as tasks of whoever bears them, and their discharge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotFound
from gateway.domain.ids import ActorId, Millis
from gateway.domain.log import JSONValue, MoveRow
from gateway.ports.registers import Row
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.entries import obligation_draft
from gateway.services.recording import Change, Recorder

__all__ = ["Discharged", "Task", "Tasks"]


@dataclass(frozen=True, slots=True)
class Task:
    """One duty of the caller's agency; ``due_at`` is ``None`` when it has no day."""

    task_id: str
    decision_id: str
    disclosure_id: str
    code: str
    bearer: str
    params: Mapping[str, Any]
    due_at: Millis | None
    state: str


@dataclass(frozen=True, slots=True)
class Discharged:
    """That a duty was discharged, and where that stands in the log."""

    state: str
    index: int


class Tasks:
    """Tasks of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._authority = Authority(context)

    def listed(
        self, caller: Caller, *, state: str = "open", after: str = "", limit: int = 100
    ) -> tuple[Task, ...]:
        """Return the caller's tasks in one state, in the order of their ids."""
        found = self._context.registers.rows(
            self._context.tenant_id,
            "task",
            {"agency_id": caller.agency_id, "state": state},
            after=after,
            limit=limit,
        )
        return tuple(map(_task, found))

    def discharge(
        self,
        caller: Caller,
        actor: ActorId,
        task_id: str,
        *,
        proof_kind: str,
        proof_digest: str = "",
        note_code: str = "",
    ) -> Discharged:
        """
        Record that a duty was done, with what shows it.

        Args:
            caller: Whose task it is.
            actor: Who says so.
            task_id: The task.
            proof_kind: ``statement``, ``certificate`` or ``report``.
            proof_digest: SHA-256 of the document, base64url; empty for a statement.
            note_code: A code that says more; empty for none.

        Raises:
            NotFound: There is no such task of this agency.
            NotAuthorized: The acting person may not act for it.
            Conflict: It is not open any more.
            LogUnavailable: It could not be recorded.
        """
        relied_on = self._authority.own(Acting(caller, actor))
        task = self._context.registers.row(self._context.tenant_id, "task", task_id)
        if task is None or task["agency_id"] != caller.agency_id:
            raise NotFound
        now = self._context.clock.now()
        proof: dict[str, JSONValue] = {
            "proof_kind": proof_kind,
            "proof_digest": proof_digest,
            "note": note_code,
        }
        draft = obligation_draft(
            task,
            self._context.ids.entry(),
            at=now,
            change="discharged",
            by=(caller.system_id, actor),
            proof=proof,
        )
        done: dict[str, str | int | bytes | None] = {"done_at": now, "proof": draft.entry_id}
        move = MoveRow("task", task_id, "open", "done", done)
        recorded = self._recorder.record(
            Change((self._recorder.prepare(draft),), (move,), relied_on)
        )
        return Discharged("done", recorded.indices[0])


def _task(row: Row) -> Task:
    due = row["due_at"]
    return Task(
        task_id=str(row["id"]),
        decision_id=str(row["decision_id"]),
        disclosure_id=str(row["disclosure_id"]),
        code=str(row["code"]),
        bearer=str(row["bearer"]),
        params=orjson.loads(str(row["params"])),
        due_at=None if due is None else Millis(int(str(due))),
        state=str(row["state"]),
    )
