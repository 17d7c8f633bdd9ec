"""What anybody may read: what this gateway is, its rules, its problems, and how it is."""

import html
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from gateway.api.answers import reply
from gateway.api.dependencies import PathId
from gateway.api.metrics import CONTENT_TYPE
from gateway.api.parts import CurrentParts
from gateway.api.problems import CATALOGUE
from gateway.domain.errors import NotFound

__all__ = ["router"]

router = APIRouter(tags=["published"])

_PAGE: Final = """<!doctype html>
<html lang="ja">
<meta charset="utf-8">
<title>{title_ja}</title>
<h1>{title_ja}</h1>
<p lang="en">{title} (HTTP {status})</p>
<p lang="en">{when}</p>
</html>
"""


@router.get(
    "/.well-known/tasuki",
    summary="What this gateway is",
    description="The keys of log and rules are pinned out of band and only compared with this.",
)
def about(parts: CurrentParts) -> Response:
    context = parts.context
    return reply(
        {
            "origin": context.gateway,
            "log_origin": parts.published.log_origin,
            "log_vkeys": parts.published.log_vkeys,
            "policy_jwks": parts.published.policy_jwks,
            "tenant": context.tenant_id,
        }
    )


@router.get(
    "/policies/bundle.tar.gz",
    summary="The rules in force",
    description="The very rules that decide, signed (OPA bundle), with their digest as entity tag.",
)
def bundle(request: Request, parts: CurrentParts) -> Response:
    etag, archive = parts.published.bundle()
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if etag in _tags(request):
        return Response(status_code=304, headers=headers)
    return Response(archive, headers=headers, media_type="application/gzip")


@router.get("/openapi.json", summary="This interface", description="OpenAPI 3.1.")
def openapi(request: Request) -> Response:
    return reply(request.app.openapi())


@router.get("/health/live", summary="Whether the process answers", description="Nothing else.")
async def live() -> Response:
    return reply({"status": "ok"})


@router.get(
    "/health/ready",
    summary="Whether the gateway can serve",
    description="Each thing that has to hold, without detail; 503 when one does not.",
)
async def ready(parts: CurrentParts) -> Response:
    checks = await parts.published.ready()
    status = 200 if all(checks.values()) else 503
    said = "ok" if status == 200 else "unready"  # noqa: PLR2004 - the status just chosen
    revision = parts.context.pdp.revision
    watched = parts.context.watch.describe()
    return reply(
        {"status": said, "checks": checks, "policy_revision": revision, "watched": watched}, status
    )


@router.get("/metrics", summary="Counts and durations", description="Prometheus text format.")
def metrics(parts: CurrentParts) -> Response:
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE)


@router.get(
    "/problems/{name}",
    summary="What a type of problem means",
    description="The page behind each type.",
)
async def problem(name: PathId) -> Response:
    kind = CATALOGUE.get(name)
    if kind is None:
        raise NotFound
    return HTMLResponse(
        _PAGE.format(
            title_ja=html.escape(kind.title_ja),
            title=html.escape(kind.title),
            status=kind.status,
            when=html.escape(kind.when),
        )
    )


def _tags(request: Request) -> set[str]:
    # RFC 9110 13.1.2: weak comparison
    said = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in said.split(",")}
