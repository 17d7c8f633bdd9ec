"""
Who calls, who acts, and which request this is: what a route asks for before it does anything.

* The calling system comes from the access token alone, never from another header.
* The acting person is an opaque id that the system vouches for; whether it belongs to the
  agency and is in office is checked by the service, against the registers.
* Order matters: a route names the caller first, so that nothing is read of a stranger.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gateway.api.parts import parts_of
from gateway.api.reading import one_header, raw_body
from gateway.domain.disclosure import Caller
from gateway.domain.errors import MalformedRequest, NotAuthenticated, NotAuthorized
from gateway.domain.ids import ActorId
from gateway.services.acting import Acting, Authority
from gateway.services.idempotency import IdempotencyKey

__all__ = [
    "ACTOR_HEADER",
    "ECHOED_HEADER",
    "KEY_HEADER",
    "ActingPerson",
    "ActingPersonIfGiven",
    "ActorInOffice",
    "Allowance",
    "CallingSystem",
    "Member",
    "Officer",
    "Operator",
    "PathId",
    "RequestedKey",
    "Take",
    "acting_person",
    "acting_person_if_given",
    "allowance",
    "calling_system",
    "echoed_request_id",
    "known_query",
    "member",
    "requested_key",
    "scope",
]

ACTOR_HEADER: Final = "Tasuki-Actor"
KEY_HEADER: Final = "Idempotency-Key"
ECHOED_HEADER: Final = "X-Request-ID"

_ACTOR: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}", re.ASCII)
_ECHOED: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_KEY: Final = re.compile(r"[!-~]{1,100}", re.ASCII)
_MAX_TOKEN: Final = 4_096


async def calling_system(request: Request) -> Caller:
    """
    Return the caller that the access token stands for.

    Raises:
        NotAuthenticated: There is no token, or not exactly one, or it does not hold.
        NotAuthorized: Its agency or system is suspended.
    """
    said = request.headers.getlist("authorization")
    kind, _, token = said[0].partition(" ") if len(said) == 1 else ("", "", "")
    if kind.lower() != "bearer" or not token or len(token) > _MAX_TOKEN:
        raise NotAuthenticated
    caller = parts_of(request).identity.verifier.verify(token)
    # For the line of the log; an agency's id is no personal data.
    request.state.agency_id = caller.agency_id
    return caller


CallingSystem = Annotated[Caller, Depends(calling_system)]


def scope(name: str) -> Callable[[Caller], Awaitable[Caller]]:
    """
    Return a dependency: the caller, whose token has to carry this scope.

    Use as ``Annotated[Caller, Depends(scope("operator"))]``.
    """

    async def calling_with_scope(caller: CallingSystem) -> Caller:
        if name not in caller.scopes:
            raise NotAuthorized(f"scope-{name}")
        return caller

    return calling_with_scope


member = scope("member")

Member = Annotated[Caller, Depends(member)]
Officer = Annotated[Caller, Depends(scope("officer"))]
Operator = Annotated[Caller, Depends(scope("operator"))]


async def acting_person(request: Request) -> ActorId:
    """
    Return the acting person's opaque id.

    Raises:
        MalformedRequest: The header is missing, doubled or of another form.
    """
    said = await acting_person_if_given(request)
    if said is None:
        raise MalformedRequest("actor")
    return said


async def acting_person_if_given(request: Request) -> ActorId | None:
    """
    Return the same where the header is given, else ``None``.

    Raises:
        MalformedRequest: The header is doubled or of another form.
    """
    said = one_header(request, ACTOR_HEADER)
    if said is not None and not _ACTOR.fullmatch(said):
        raise MalformedRequest("actor")
    return None if said is None else ActorId(said)


ActingPerson = Annotated[ActorId, Depends(acting_person)]


ActingPersonIfGiven = Annotated[ActorId | None, Depends(acting_person_if_given)]


async def requested_key(request: Request, caller: CallingSystem) -> IdempotencyKey:
    """
    Return the caller's idempotency key, bound to method, path, actor and body.

    Raises:
        MalformedRequest: The header is missing, doubled or of another form.
        ContentTooLarge: The body is too large to be read.
    """
    said = one_header(request, KEY_HEADER)
    if said is None or not _KEY.fullmatch(said):
        raise MalformedRequest("idempotency-key")
    actor = one_header(request, ACTOR_HEADER) or ""
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, actor):
        digest.update(part.encode() + b"\n")
    digest.update(await raw_body(request))
    return IdempotencyKey(caller.agency_id, said, digest.hexdigest())


RequestedKey = Annotated[IdempotencyKey, Depends(requested_key)]


# Another form than that of an id is not found, like any id that is not there.
PathId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,80}$")]


def acting_in_office(request: Request, caller: CallingSystem, actor: ActingPerson) -> ActorId:
    """
    Return the acting person, who has to be in office in the caller's agency.

    For reading case material, where no service writes and therefore checks.

    Raises:
        NotAuthorized: The person may not act for this agency here and now.
    """
    Authority(parts_of(request).context).own(Acting(caller, actor))
    return actor


ActorInOffice = Annotated[ActorId, Depends(acting_in_office)]


Take = Callable[[int], None]


class Allowance:
    """
    A dependency: what the calling system may still do of one kind.

    It hands out a function that takes as many as are about to be done, or raises
    ``TooManyRequests``.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, request: Request, caller: CallingSystem) -> Take:
        """Return what takes from the calling system's bucket."""
        buckets = parts_of(request).limits[self.name]
        return lambda count: buckets.take(caller.system_id, count)


def allowance(name: str) -> Any:
    """Return the dependency on one limit; for use in ``Annotated[Take, …]``."""
    return Depends(Allowance(name))


async def echoed_request_id(request: Request) -> None:
    """
    Remember the caller's own id of this request, which every answer to it repeats.

    Raises:
        MalformedRequest: The header is doubled or of another form.
    """
    said = one_header(request, ECHOED_HEADER)
    if said is not None and not _ECHOED.fullmatch(said):
        raise MalformedRequest("request-id")
    request.state.echoed_request_id = said


async def known_query(request: Request) -> None:
    """
    Refuse a query that the route does not know, or that says something twice.

    A token or a name in a query would end up in other people's logs: it is refused rather
    than ignored, so that nobody gets used to it.
    """
    if not request.scope.get("query_string"):
        return
    names = [name for name, _ in request.query_params.multi_items()]
    if len(set(names)) != len(names) or not set(names) <= _known(request.scope.get("route")):
        raise MalformedRequest("query")


def _known(route: Any) -> set[str]:
    return _query_names(route.dependant) if isinstance(route, APIRoute) else set()


def _query_names(dependant: Dependant) -> set[str]:
    below = (_query_names(d) for d in dependant.dependencies)
    return {field.alias for field in dependant.query_params}.union(*below)
