"""
The two routes of the one door, found and prepared without the framework's machinery.

They are most of what a gateway does, and the framework spends more on finding a route and on
solving its dependencies than on anything they ask of it. Here the same functions are called in
the same order, for exactly the paths and methods that the routes of
:mod:`gateway.api.routes.disclosures` stand for; everything else goes its usual way, and so does
a path that the pattern of an id does not match.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.dependencies import (
    acting_person,
    calling_system,
    known_query,
    member,
    requested_key,
)
from gateway.api.parts import parts_of
from gateway.api.reading import Body
from gateway.api.routes.disclosures import ask, router, send
from gateway.api.wire import DisclosureAsked, PayloadSent
from gateway.services.disclose import Door

__all__ = ["HotRoutes"]

_ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]

_ASK: Final = ("POST", "/v1/disclosures")
_ID: Final = "[A-Za-z0-9._:-]{1,80}"
_SEND: Final = re.compile(
    rf"/v1/disclosures/(?P<disclosure_id>{_ID})/payloads/(?P<recipient>{_ID})", re.ASCII
)
_ASKED: Final = Body(DisclosureAsked)
_SENT: Final = Body(PayloadSent)


def _route_of(endpoint: Callable[..., Any]) -> APIRoute:
    routes = (r for r in router.routes if isinstance(r, APIRoute))
    return next(r for r in routes if r.endpoint is endpoint)


_ASK_ROUTE: Final = _route_of(ask)
_SEND_ROUTE: Final = _route_of(send)


class HotRoutes:
    """
    Answers both routes of the door, and passes on everything else.

    Args:
        app: Where everything else goes.
        handlers: Who answers for each kind of error, as in the application.
    """

    def __init__(self, app: ASGIApp, *, handlers: Mapping[type[Exception], _ErrorHandler]) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send_: Send) -> None:
        """Serve one request."""
        answer = _answer_of(scope)
        if answer is None:
            await self._app(scope, receive, send_)
            return
        request = Request(scope, receive)
        response: Response
        try:
            response = await answer(request)
        except tuple(self._handlers) as error:
            response = await self._handler(error)(request, error)
        await response(scope, receive, send_)

    def _handler(self, error: Exception) -> _ErrorHandler:
        return next(self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers)


def _answer_of(scope: Scope) -> Callable[[Request], Awaitable[Response]] | None:
    """Return who answers, with the scope as the framework would have left it."""
    if scope["type"] != "http":
        return None
    method, path = scope["method"], scope["path"]
    if (method, path) == _ASK:
        scope["route"], scope["path_params"] = _ASK_ROUTE, {}
        return _ask
    if method == "PUT" and (found := _SEND.fullmatch(path)):
        scope["route"], scope["path_params"] = _SEND_ROUTE, found.groupdict()
        return _send
    return None


async def _ask(request: Request) -> Response:
    await known_query(request)
    caller = await member(await calling_system(request))
    actor = await acting_person(request)
    key = await requested_key(request, caller)
    asked = cast("DisclosureAsked", await _ASKED(request))
    parts = parts_of(request)
    return await ask(caller, actor, key, asked, parts.service(Door), parts)


async def _send(request: Request) -> Response:
    await known_query(request)
    caller = await member(await calling_system(request))
    actor = await acting_person(request)
    sent = cast("PayloadSent", await _SENT(request))
    ids = request.path_params
    door = parts_of(request).service(Door)
    return await send(ids["disclosure_id"], ids["recipient"], caller, actor, sent, door)
