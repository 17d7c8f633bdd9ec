"""Pull: ask another agency, and answer what was asked."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.api.answers import reply, request_json
from gateway.api.dependencies import ActingPerson, Member, PathId, RequestedKey
from gateway.api.paging import Paged
from gateway.api.parts import service
from gateway.api.reading import body_of
from gateway.api.shown import RequestMade, RequestShown, RequestsShown
from gateway.api.wire import AnswerGiven, RequestAsked
from gateway.domain.ids import RequestId
from gateway.services.requests import InformationRequests

__all__ = ["router"]

router = APIRouter(prefix="/v1/requests", tags=["requests"])

Requests = Annotated[InformationRequests, service(InformationRequests)]
Role = Annotated[Literal["asker", "controller"], Query(description="Whose requests.")]


@router.post(
    "",
    status_code=201,
    summary="Ask another agency for case information",
    description="Whom it is about is sealed to that agency. The asker hears facts about itself,"
    " or one fixed text.",
    response_model=RequestMade,
)
def ask(
    caller: Member,
    actor: ActingPerson,
    key: RequestedKey,
    asked: Annotated[RequestAsked, body_of(RequestAsked)],
    requests: Requests,
) -> Response:
    made = requests.ask(caller, actor, asked.as_asked(), key=key)
    location = f"/v1/requests/{made.request_id}"
    return reply({"request_id": made.request_id, "state": made.state}, 201, {"Location": location})


@router.get(
    "",
    summary="List requests",
    description="As the one who asked, or who was asked.",
    response_model=RequestsShown,
)
def listed(
    caller: Member,
    requests: Requests,
    page: Paged,
    role: Role = "controller",
) -> Response:
    name = f"requests-{role}"
    found = requests.listed(caller, role=role, after=page.after(name), limit=page.limit)
    return page.answer(name, "requests", [request_json(r, caller) for r in found])


@router.get(
    "/{request_id}",
    summary="See one request",
    description="For its two sides alone.",
    response_model=RequestShown,
)
def see(request_id: PathId, caller: Member, requests: Requests) -> Response:
    return reply(request_json(requests.seen(caller, RequestId(request_id)), caller))


@router.post(
    "/{request_id}/answer",
    summary="Close a request without sharing",
    description="To share, the controller asks for a disclosure that answers the request.",
    response_model=RequestShown,
)
def answer(
    request_id: PathId,
    caller: Member,
    actor: ActingPerson,
    _: Annotated[AnswerGiven, body_of(AnswerGiven)],  # there is one answer to give
    requests: Requests,
) -> Response:
    return reply(request_json(requests.close(caller, actor, RequestId(request_id)), caller))
