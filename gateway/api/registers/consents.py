"""Consents: register, withdraw, show, hand a copy."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.api.answers import reply
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
from gateway.api.registers.forms import ConsentForm, WithdrawalForm

__all__ = ["router"]

router = APIRouter(prefix="/v1/consents", tags=["registers"])


@router.post(
    "",
    status_code=201,
    summary="Register a consent",
    description="What a person agreed to, and what was refused.",
)
def register(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[ConsentForm, body_of(ConsentForm)],
) -> Response:
    terms = form.model_dump(exclude={"subject", "imported"})
    return registered_reply(
        services.consents.register(
            by, key, subject=form.subject, imported=form.imported, terms=terms
        )
    )


@router.post(
    "/{consent_id}/withdrawal",
    status_code=201,
    summary="Withdraw a consent",
    description="What waits unopened is judged again before this is answered.",
)
async def withdraw(
    consent_id: PathId,
    by: ActingFor,
    key: SomeKey,
    services: Services,
    reconsider: Reconsidering,
    form: Annotated[WithdrawalForm, body_of(WithdrawalForm)],
) -> Response:
    done = await run_in_threadpool(
        services.consents.withdraw, by, key, consent_id, form.withdrawn_at
    )
    await reconsider_persons(reconsider, done.persons)
    return registered_reply(done)


@router.get(
    "/{consent_id}",
    summary="Show a consent",
    description="To the agency that took it.",
)
def show(consent_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "consent", consent_id))


@router.get(
    "/{consent_id}/receipt",
    summary="Get the copy for the person",
    description="Who took it, for what, to whom, until when, and how to withdraw it.",
)
def receipt(consent_id: PathId, by: ActingFor, services: Services) -> Response:
    return reply(services.consents.receipt(by, consent_id))
