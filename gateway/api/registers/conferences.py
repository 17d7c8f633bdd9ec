"""Statutory meetings: the organiser's routes."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.dependencies import PathId, RequestedKey
from gateway.api.reading import body_of
from gateway.api.registers.calling import ActingFor, Services, registered_reply, view_reply
from gateway.api.registers.forms import (
    AgendaItemForm,
    ConferenceForm,
    InformationRequestForm,
    ParticipantForm,
    UndertakingForm,
)
from gateway.domain.errors import NotFound

__all__ = ["router"]

router = APIRouter(prefix="/v1/conferences", tags=["registers"])


@router.post(
    "",
    status_code=201,
    summary="Register a meeting",
    description="The caller's agency is its organiser.",
)
def convene(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[ConferenceForm, body_of(ConferenceForm)],
) -> Response:
    return registered_reply(services.conferences.convene(by, key, terms=form.model_dump()))


@router.get(
    "/{conference_id}",
    summary="Show a meeting",
    description="To its organiser.",
)
def show(conference_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "conference", conference_id))


@router.post(
    "/{conference_id}/agenda-items",
    status_code=201,
    summary="Open an agenda item",
    description="With its own basis; it has its own roster too.",
)
def open_item(
    conference_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[AgendaItemForm, body_of(AgendaItemForm)],
) -> Response:
    terms = form.model_dump(exclude={"subjects"})
    return registered_reply(
        services.conferences.open_item(
            by, key, conference_id, subjects=tuple(form.subjects), terms=terms
        )
    )


@router.get(
    "/{conference_id}/agenda-items/{item_id}",
    summary="Show an agenda item",
    description="To the organiser.",
)
def show_item(
    conference_id: PathId, item_id: PathId, by: ActingFor, services: Services
) -> Response:
    view = services.showing.show(by, "agenda_item", item_id)
    if view.members["conference"] != conference_id:
        raise NotFound
    return view_reply(view)


@router.post(
    "/{conference_id}/agenda-items/{item_id}/participants",
    status_code=201,
    summary="Invite to an agenda item",
    description="One person of a member agency; a seat in the meeting alone opens nothing.",
)
def invite(
    conference_id: PathId,
    item_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[ParticipantForm, body_of(ParticipantForm)],
) -> Response:
    terms = form.model_dump()
    return registered_reply(
        services.conferences.invite(by, key, conference_id, item_id, terms=terms)
    )


@router.post(
    "/{conference_id}/undertakings",
    status_code=201,
    summary="Register an undertaking of secrecy",
    description="That a person signed for this meeting.",
)
def undertake(
    conference_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[UndertakingForm, body_of(UndertakingForm)],
) -> Response:
    terms = form.model_dump()
    return registered_reply(services.conferences.undertake(by, key, conference_id, terms=terms))


@router.post(
    "/{conference_id}/agenda-items/{item_id}/information-requests",
    status_code=201,
    summary="Ask an agency for information",
    description="On behalf of the meeting.",
)
def ask(
    conference_id: PathId,
    item_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[InformationRequestForm, body_of(InformationRequestForm)],
) -> Response:
    terms = form.model_dump(exclude={"subjects"})
    return registered_reply(
        services.conferences.ask(
            by, key, conference_id, item_id, subjects=tuple(form.subjects), terms=terms
        )
    )
