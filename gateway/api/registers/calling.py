"""What every route of the registers asks for, and how it answers."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.dependencies import KEY_HEADER, ActingPerson, CallingSystem, requested_key
from gateway.api.parts import service
from gateway.api.reading import one_header
from gateway.domain.ids import PersonId
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.reconsider import Reconsider
from gateway.services.registers.registration import Registered
from gateway.services.registers.services import RegisterServices
from gateway.services.registers.showing import FactView

__all__ = [
    "ActingFor",
    "Reconsidering",
    "Services",
    "SomeKey",
    "reconsider_persons",
    "registered_reply",
    "view_reply",
]

_CREATED = 201

Services = Annotated[RegisterServices, service(RegisterServices)]
Reconsidering = Annotated[Reconsider, service(Reconsider)]


async def acting_for(caller: CallingSystem, actor: ActingPerson) -> Acting:
    """Return the calling system and the person for whom it vouches."""
    return Acting(caller, actor)


ActingFor = Annotated[Acting, Depends(acting_for)]


async def key_if_given(request: Request, caller: CallingSystem) -> IdempotencyKey | None:
    """Return the idempotency key of a change of state, which can be asked for without one."""
    if one_header(request, KEY_HEADER) is None:
        return None
    return await requested_key(request, caller)


SomeKey = Annotated[IdempotencyKey | None, Depends(key_if_given)]


async def reconsider_persons(reconsider: Reconsider, persons: Iterable[PersonId]) -> None:
    """Judge again what waits about these persons, before anybody is answered."""
    for person in persons:
        await reconsider.person(person)


def registered_reply(done: Registered) -> Response:
    """Return what was registered, with the proof of its entry."""
    members = {
        "id": done.id,
        "version": done.version,
        "log_index": done.log_index,
        "evidence": done.evidence.to_json(),
    }
    return reply(members, _CREATED)


def view_reply(view: FactView) -> Response:
    """Return a registered fact to its owner."""
    return reply({**view.members, "version": view.version})
