"""Protection flags: raise, lift, show."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.api.dependencies import PathId, RequestedKey
from gateway.api.reading import body_of
from gateway.api.registers.calling import (
    ActingFor,
    Reconsidering,
    Services,
    SomeKey,
    reconsider_persons,
    registered_reply,
    view_reply,
)
from gateway.api.registers.forms import LiftingForm, ProtectionFlagForm

__all__ = ["router"]

router = APIRouter(prefix="/v1/protection-flags", tags=["registers"])


@router.post(
    "",
    status_code=201,
    summary="Register a protection flag",
    description="In force from the application. What waits unopened is judged again at once.",
)
async def raise_flag(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    reconsider: Reconsidering,
    form: Annotated[ProtectionFlagForm, body_of(ProtectionFlagForm)],
) -> Response:
    done = await run_in_threadpool(
        services.flags.raise_flag,
        by,
        key,
        subject=form.subject,
        counterpart_subjects=tuple(form.counterpart_subjects),
        terms=form.model_dump(exclude={"subject", "counterpart_subjects"}),
    )
    await reconsider_persons(reconsider, done.persons)
    return registered_reply(done)


@router.post(
    "/{flag_id}/lifting",
    status_code=201,
    summary="Lift a protection flag",
    description="By the agency that issued it.",
)
def lift(
    flag_id: PathId,
    by: ActingFor,
    key: SomeKey,
    services: Services,
    form: Annotated[LiftingForm, body_of(LiftingForm)],
) -> Response:
    return registered_reply(services.flags.lift(by, key, flag_id, form.lifted_at))


@router.get(
    "/{flag_id}",
    summary="Show a protection flag",
    description="To the agency that issued it.",
)
def show(flag_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "protection_flag", flag_id))
