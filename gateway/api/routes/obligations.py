"""Duties that came with what was shared, and that they were done."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.api.answers import reply, task_json
from gateway.api.dependencies import ActingPerson, Member, PathId
from gateway.api.paging import Paged
from gateway.api.parts import service
from gateway.api.reading import body_of
from gateway.api.shown import DischargedShown, TasksShown
from gateway.api.wire import DischargeGiven
from gateway.services.tasks import Tasks

__all__ = ["router"]

router = APIRouter(prefix="/v1/obligations", tags=["obligations"])

State = Annotated[Literal["open", "done", "cancelled"], Query(description="Which duties.")]


@router.get(
    "",
    summary="List duties",
    description="Of the caller's agency, in one state.",
    response_model=TasksShown,
)
def listed(
    caller: Member,
    tasks: Annotated[Tasks, service(Tasks)],
    page: Paged,
    state: State = "open",
) -> Response:
    name = f"obligations-{state}"
    found = tasks.listed(caller, state=state, after=page.after(name), limit=page.limit)
    return page.answer(name, "tasks", [task_json(t) for t in found])


@router.post(
    "/{task_id}/discharge",
    summary="Say that a duty was done",
    description="With what shows it.",
    response_model=DischargedShown,
)
def discharge(
    task_id: PathId,
    caller: Member,
    actor: ActingPerson,
    given: Annotated[DischargeGiven, body_of(DischargeGiven)],
    tasks: Annotated[Tasks, service(Tasks)],
) -> Response:
    done = tasks.discharge(
        caller,
        actor,
        task_id,
        proof_kind=given.proof_kind,
        proof_digest=given.proof_digest,
        note_code=given.note_code,
    )
    return reply({"state": done.state, "log_index": done.index})
