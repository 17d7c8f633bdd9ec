"""Handles for persons, and their links."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.dependencies import RequestedKey
from gateway.api.reading import body_of
from gateway.api.registers.calling import (
    ActingFor,
    Reconsidering,
    Services,
    reconsider_persons,
)
from gateway.api.registers.forms import SubjectForm, SubjectLinkForm
from gateway.domain.errors import SchemaViolation

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["registers"])


@router.post(
    "/subjects/resolve",
    summary="Get the handle for an own reference",
    description="The same reference always gets the same handle; the reference is not kept.",
)
def resolve(
    by: ActingFor, services: Services, form: Annotated[SubjectForm, body_of(SubjectForm)]
) -> Response:
    return reply({"subject": services.subjects.resolve(by, form.local_ref)})


@router.post(
    "/subject-links",
    summary="Link handles of one person",
    description="A handle alone is answered with a code for another agency, shown once and valid"
    " for seven days; with such a code, or with another own handle, the two become one person.",
)
async def link(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    reconsider: Reconsidering,
    form: Annotated[SubjectLinkForm, body_of(SubjectLinkForm)],
) -> Response:
    links = services.links
    if form.link_code and form.same_as:
        raise SchemaViolation([("/same_as", "either")])
    if not form.link_code and not form.same_as:
        offer = await run_in_threadpool(links.offer, by, key, form.subject)
        return reply({"link_code": offer.code, "expires_at": offer.expires_at}, 201)
    join, other = (links.accept, form.link_code) if form.link_code else (links.same, form.same_as)
    done = await run_in_threadpool(join, by, key, form.subject, other)
    await reconsider_persons(reconsider, done.persons)
    return reply({"linked": True})
