"""
The witness over HTTP: ``POST /add-checkpoint``, and what it last cosigned for monitors.

Whoever asks is not identified, as tlog-witness has it: the log's signature is what counts.
"""

from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.api.reading import ContentTooLarge, raw_body
from gateway.domain.errors import GatewayError, IntegrityError, MalformedRequest
from gateway.witness.service import Witness

__all__ = ["build_app"]

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def build_app(witness: Witness) -> Starlette:
    """Return the application that serves this witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = await raw_body(request)
        answer = await run_in_threadpool(witness.add_checkpoint, body)
        # Bytes, so that no character set is added to the media type of a size.
        headers = {**_HEADERS, "Content-Type": answer.media_type}
        return Response(answer.text.encode(), answer.status, headers=headers)

    async def newest(request: Request) -> Response:
        note = await run_in_threadpool(witness.newest, request.path_params["hash"])
        if note is None:
            return PlainTextResponse("unknown log\n", 404, headers=_HEADERS)
        return PlainTextResponse(note, headers=_HEADERS)

    async def live(_: Request) -> Response:
        return PlainTextResponse("ok\n", headers=_HEADERS)

    async def silent(_: Request, error: Exception) -> Response:
        log = structlog.get_logger()
        if isinstance(error, IntegrityError):
            log.critical("evidence.failed", exc_info=error)
        else:
            log.error("witness.silent", exc_info=error)
        return PlainTextResponse("unavailable\n", 503, headers=_HEADERS)

    async def unread(_: Request, error: Exception) -> Response:
        status = 413 if isinstance(error, ContentTooLarge) else 400
        return PlainTextResponse("malformed\n", status, headers=_HEADERS)

    routes = [
        Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
        Route("/{hash:str}/checkpoint", newest, methods=["GET"]),
        Route("/health/live", live, methods=["GET"]),
    ]
    return Starlette(
        routes=routes, exception_handlers={GatewayError: silent, MalformedRequest: unread}
    )
