"""The directory: agencies, systems, persons, keys; suspension and revocation."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.dependencies import CallingSystem, PathId, RequestedKey
from gateway.api.parts import CurrentParts
from gateway.api.reading import body_of
from gateway.api.registers.calling import (
    ActingFor,
    Reconsidering,
    Services,
    SomeKey,
    registered_reply,
)
from gateway.api.registers.forms import (
    ActorForm,
    AgencyForm,
    KeyForm,
    KeyRevocationForm,
    SuspensionForm,
    SystemForm,
)
from gateway.domain.ids import AgencyId

__all__ = ["router"]

router = APIRouter(prefix="/v1/agencies", tags=["directory"])


@router.get("", summary="List agencies", description="Every member may see who takes part.")
def agencies(caller: CallingSystem, services: Services) -> Response:  # noqa: ARG001 - who asks has to be a member
    return reply({"agencies": services.directory.agencies()})


@router.post("", status_code=201, summary="Register an agency", description="By the operator.")
def join(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[AgencyForm, body_of(AgencyForm)],
) -> Response:
    terms = form.model_dump(exclude={"status"})
    return registered_reply(services.directory.register_agency(by, key, terms=terms))


@router.post(
    "/{agency_id}/systems",
    status_code=201,
    summary="Register a system of an agency",
    description="By the operator, with the key by which it authenticates.",
)
def add_system(
    agency_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[SystemForm, body_of(SystemForm)],
) -> Response:
    terms = form.model_dump(exclude={"client_jwk"})
    return registered_reply(
        services.directory.register_system(
            by, key, agency_id, terms=terms, client_jwk=form.client_jwk
        )
    )


@router.post(
    "/{agency_id}/actors",
    status_code=201,
    summary="Register a person who acts for an agency",
    description="Or renew term, post, roles and training; by somebody else of that agency or by"
    " the operator.",
)
def add_actor(
    agency_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[ActorForm, body_of(ActorForm)],
) -> Response:
    terms = form.model_dump(exclude={"status"})
    return registered_reply(services.directory.register_actor(by, key, agency_id, terms=terms))


@router.post(
    "/{agency_id}/keys",
    status_code=201,
    summary="Register a public key of an agency",
    description="By the operator. The old key stays valid beside it until it is revoked.",
)
def add_key(
    agency_id: PathId,
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[KeyForm, body_of(KeyForm)],
) -> Response:
    done = services.keys.register(
        by,
        key,
        agency_id,
        use=form.use,
        jwk=form.jwk,
        valid_from=form.valid_from,
        system_id=form.system,
    )
    return registered_reply(done)


@router.get(
    "/{agency_id}/keys",
    summary="List the public keys of an agency",
    description="To seal to and to verify with; revoked ones too.",
)
def keys(agency_id: PathId, caller: CallingSystem, services: Services) -> Response:  # noqa: ARG001 - as above
    return reply({"keys": services.keys.keys(agency_id)})


@router.post(
    "/{agency_id}/keys/{kid}/revocation",
    status_code=201,
    summary="Revoke a key",
    description="By its agency or by the operator.",
)
def revoke_key(
    agency_id: PathId,
    kid: PathId,
    by: ActingFor,
    key: SomeKey,
    services: Services,
    form: Annotated[KeyRevocationForm, body_of(KeyRevocationForm)],  # noqa: ARG001 - read strictly
) -> Response:
    return registered_reply(services.keys.revoke(by, key, agency_id, kid))


@router.post(
    "/{agency_id}/suspension",
    status_code=201,
    summary="Suspend an agency",
    description="Or let it take part again. What waits for it or from it is judged again.",
)
async def suspend(
    agency_id: PathId,
    by: ActingFor,
    key: SomeKey,
    services: Services,
    reconsider: Reconsidering,
    parts: CurrentParts,
    form: Annotated[SuspensionForm, body_of(SuspensionForm)],
) -> Response:
    done = await run_in_threadpool(
        services.directory.suspend_agency, by, key, agency_id, suspended=form.suspended
    )
    parts.identity.verifier.forget(agency_id)
    await reconsider.agency(AgencyId(agency_id))
    return registered_reply(done)


@router.post(
    "/{agency_id}/actors/{actor_id}/suspension",
    status_code=201,
    summary="Suspend a person who acts for an agency",
    description="Or let that person act again; by the agency or by the operator.",
)
async def suspend_actor(
    agency_id: PathId,
    actor_id: PathId,
    by: ActingFor,
    key: SomeKey,
    services: Services,
    reconsider: Reconsidering,
    form: Annotated[SuspensionForm, body_of(SuspensionForm)],
) -> Response:
    done = await run_in_threadpool(
        services.directory.suspend_actor, by, key, agency_id, actor_id, suspended=form.suspended
    )
    await reconsider.agency(AgencyId(agency_id))
    return registered_reply(done)
