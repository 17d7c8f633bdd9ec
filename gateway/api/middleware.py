"""
What surrounds every request: an id, headers, one line of the log, and the last safety net.

* The line says template, method, status, duration and agency; never a path as it was sent, a
  query, a header or a body.
* An error that nobody foresaw becomes an opaque problem here and goes no further.
"""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.metrics import Metrics
from gateway.api.problems import problem_of, problem_response
from gateway.ports.ids import Ids

__all__ = ["Edge", "instance_of"]

# For answers that only programs read; the console has its own policy for pages.
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CONVERTOR: Final = re.compile(r":[a-z]+}")
_NOWHERE: Final = "/unknown"
_SERVER_ERROR: Final = 500


def instance_of(scope: Scope) -> str:
    """Return the URN of this occurrence, under which its line of the log is found."""
    return f"urn:uuid:{scope['state']['request_id']}"


class Edge:
    """The outermost layer of the application that is ours."""

    def __init__(self, app: ASGIApp, *, ids: Ids, metrics: Metrics, origin: str) -> None:
        self._app = app
        self._ids = ids
        self._metrics = metrics
        self._origin = origin
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["request_id"] = self._ids.new()
        answer = _Answer(send, state)
        began = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last net: nothing of it may get out
            self._log.error("request.failed", request_id=state["request_id"], exc_info=error)
            if answer.status == 0:
                response = problem_response(
                    problem_of(error), origin=self._origin, instance=instance_of(scope)
                )
                await response(scope, receive, answer.send)
        finally:
            self._record(scope, answer.status, time.perf_counter() - began)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = _template(scope)
        self._metrics.answered(method, route, status, seconds)
        agency = scope["state"].get("agency_id")
        self._log.log(
            _level(status),
            "request.answered",
            request_id=scope["state"]["request_id"],
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 3),
            **({} if agency is None else {"agency_id": agency}),
        )


class _Answer:
    """Adds headers to the answer and remembers its status; 0 until it has begun."""

    def __init__(
        self, send: Callable[[Message], Awaitable[None]], state: MutableMapping[str, Any]
    ) -> None:
        self._send = send
        self._state = state
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers["tasuki-request-id"] = self._state["request_id"]
            if echoed := self._state.get("echoed_request_id"):
                headers["x-request-id"] = echoed
        await self._send(message)


def _template(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return _CONVERTOR.sub("}", path) if isinstance(path, str) else _NOWHERE


def _level(status: int) -> int:
    """Return the severity: what went wrong here, what was asked wrongly, everything else."""
    if status >= _SERVER_ERROR or status == 0:
        return 40
    return 30 if status in {401, 403} else 20
