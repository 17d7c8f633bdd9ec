"""The two routes that go past the framework ask for exactly what their declarations say."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from gateway.api.dependencies import acting_person, calling_system, member, requested_key
from gateway.api.hot import HotRoutes
from gateway.api.parts import current_parts
from gateway.api.routes.disclosures import router
from gateway.api.wire import DisclosureAsked, PayloadSent
from gateway.services.disclose import Door

ASK, SEND = "/v1/disclosures", "/v1/disclosures/d-1/payloads/aoba-shakyo"


async def nothing() -> Any:
    raise AssertionError("nobody may read or answer here")


async def answered(_: Any) -> None:
    raise AssertionError("nobody may read or answer here")


def asked(scope: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what reaches the framework behind."""
    reached: list[tuple[str, str]] = []

    async def framework(scope: Scope, _: Receive, __: Send) -> None:
        reached.append((scope.get("method", scope["type"]), scope.get("path", "")))

    asyncio.run(HotRoutes(framework, handlers={})(scope, nothing, answered))
    return reached


def dependencies(dependant: Dependant) -> Iterator[Any]:
    for below in dependant.dependencies:
        yield from dependencies(below)
        yield below.call


def declared(method: str, routes: APIRouter = router) -> list[Any]:
    """Return what a route declares, services by class and bodies by model, in its order."""
    (route,) = (
        r
        for r in routes.routes
        if isinstance(r, APIRoute) and method in r.methods and not r.path.endswith("recall")
    )
    shown = [
        getattr(c, "kind", None) or getattr(c, "model", c) for c in dependencies(route.dependant)
    ]
    return list(dict.fromkeys(shown))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ASK),
        ("PUT", ASK),
        ("POST", f"{ASK}/"),
        ("POST", SEND),
        ("DELETE", SEND),
        ("PUT", f"{SEND}/"),
        ("PUT", f"{SEND}\n"),
        ("PUT", "/v1/disclosures/d 1/payloads/aoba-shakyo"),
        ("PUT", "/v1/disclosures//payloads/aoba-shakyo"),
        ("PUT", f"/v1/disclosures/{'d' * 81}/payloads/aoba-shakyo"),
        ("PUT", "/v1/disclosures/d-1/payloads/社協"),
    ],
)
def test_request_for_anything_else_goes_its_usual_way(method: str, path: str) -> None:
    assert [(method, path)] == asked({"type": "http", "method": method, "path": path})


def test_lifespan_goes_its_usual_way() -> None:
    assert [("lifespan", "")] == asked({"type": "lifespan"})


def test_route_that_asks_declares_what_is_called_for_it() -> None:
    """Whoever adds a dependency to the route has to add it there as well."""
    expected = [calling_system, member, acting_person, requested_key, DisclosureAsked, Door]

    assert [*expected, current_parts] == declared("POST")


def test_route_that_sends_declares_what_is_called_for_it() -> None:
    assert [calling_system, member, acting_person, PayloadSent, Door] == declared("PUT")
