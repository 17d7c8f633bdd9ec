"""Standing arrangements: entrustments and appointments."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.dependencies import PathId, RequestedKey
from gateway.api.reading import body_of
from gateway.api.registers.calling import ActingFor, Services, registered_reply, view_reply
from gateway.api.registers.forms import AppointmentForm, EntrustmentForm
from gateway.domain.errors import NotAuthorized

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["registers"])


@router.post(
    "/entrustments",
    status_code=201,
    summary="Register an entrustment",
    description="By the agency that entrusts (委託), never by its contractor.",
)
def entrust(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[EntrustmentForm, body_of(EntrustmentForm)],
) -> Response:
    if form.entruster not in {"", by.agency_id}:
        raise NotAuthorized("entrust-for-another")
    terms = form.model_dump(exclude={"entruster"})
    return registered_reply(services.entrustments.register(by, key, terms=terms))


@router.get(
    "/entrustments/{entrustment_id}",
    summary="Show an entrustment",
    description="To the agency that entrusts.",
)
def show_entrustment(entrustment_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "entrustment", entrustment_id))


@router.post(
    "/appointments",
    status_code=201,
    summary="Register an appointment",
    description="Of a person of the caller's agency (委嘱), or by the operator.",
)
def appoint(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[AppointmentForm, body_of(AppointmentForm)],
) -> Response:
    return registered_reply(services.appointments.register(by, key, terms=form.model_dump()))


@router.get(
    "/appointments/{appointment_id}",
    summary="Show an appointment",
    description="To the agency of the person appointed.",
)
def show_appointment(appointment_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "appointment", appointment_id))
