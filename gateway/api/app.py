"""
The application: every route, and no answer that is not ours.

Routes of the framework's own (documentation pages, redirects of slashes) are off; its errors
become problems like all others.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.api.dependencies import known_query
from gateway.api.hot import HotRoutes
from gateway.api.middleware import Edge, instance_of
from gateway.api.openapi import install_openapi
from gateway.api.parts import Parts, parts_of
from gateway.api.problems import (
    CATALOGUE,
    Audience,
    Problem,
    ProblemOf,
    problem_of,
    problem_response,
    reason_json,
    shown_reasons,
)
from gateway.api.registers import routers as register_routers
from gateway.api.routes import (
    alerts,
    audit,
    authzen,
    disclosures,
    inbox,
    oauth,
    obligations,
    published,
    records,
)
from gateway.api.routes import requests as information_requests
from gateway.domain.errors import GatewayError, IntegrityError, Refused
from gateway.domain.log import JSONValue

__all__ = ["ROUTERS", "build_app", "described_app"]

# In the order in which they are matched: what members do most often stands first.
ROUTERS: Final = (
    disclosures.router,
    inbox.router,
    information_requests.router,
    obligations.router,
    *register_routers,
    alerts.router,
    oauth.router,
    published.router,
    audit.router,
    records.router,
    authzen.router,
)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_SERVER_ERROR: Final = 500
_BY_STATUS: Final[Mapping[int, str]] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "content-too-large",
    415: "unsupported-media-type",
}


def build_app(parts: Parts, *, lifespan: Lifespan | None = None) -> FastAPI:
    """
    Return the application that serves these parts.

    Args:
        parts: Everything the routes may use.
        lifespan: What begins before the first request and ends after the last.
    """
    app = described_app(lifespan=lifespan)
    app.state.parts = parts
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(HotRoutes, handlers=_HANDLERS)
    app.add_middleware(
        Edge, ids=parts.context.ids, metrics=parts.metrics, origin=parts.context.gateway
    )
    return app


def described_app(*, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application with its routes alone: enough to describe it, not to serve."""
    app = FastAPI(
        title="Tasuki",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        dependencies=[Depends(known_query)],
    )
    for router in ROUTERS:
        app.include_router(router)
    install_openapi(app)
    return app


async def _on_gateway_error(request: Request, error: Exception) -> Response:
    if isinstance(error, IntegrityError):
        # An alarm, never a reason to retry.
        structlog.get_logger().critical(
            "evidence.failed", request_id=request.state.request_id, exc_info=error
        )
    members: dict[str, JSONValue] = {}
    if isinstance(error, Refused):
        rulebook = parts_of(request).context.rulebook
        reasons = [rulebook.reason(code) for code in error.reason_codes]
        heard = shown_reasons(reasons, Audience.CONTROLLER, rulebook)
        members["reasons"] = tuple(reason_json(r) for r in heard)
    return _answer(request, problem_of(error), members)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemOf)  # noqa: S101 - registered for this class alone
    return _answer(request, error.problem)


async def _on_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = getattr(error, "headers", None) or {}
    is_ours = status >= _SERVER_ERROR
    kind = CATALOGUE[_BY_STATUS.get(status, "internal" if is_ours else "malformed-request")]
    allowed = {"Allow": headers["Allow"]} if "Allow" in headers else None
    return _answer(request, Problem(kind, headers=allowed))


async def _on_invalid_parameter(request: Request, error: Exception) -> Response:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    # An id of another form is not found, like any id that is not there.
    in_path = any(e["loc"][0] == "path" for e in found)
    if in_path:
        return _answer(request, Problem(CATALOGUE["not-found"]))
    return _answer(request, Problem(CATALOGUE["malformed-request"], "query"))


def _answer(
    request: Request, problem: Problem, members: Mapping[str, JSONValue] | None = None
) -> Response:
    return problem_response(
        problem,
        origin=parts_of(request).context.gateway,
        instance=instance_of(request.scope),
        members=members,
    )


_HANDLERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]] = {
    GatewayError: _on_gateway_error,
    ProblemOf: _on_problem,
    HTTPException: _on_http_error,
    RequestValidationError: _on_invalid_parameter,
}
