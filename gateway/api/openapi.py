"""
The OpenAPI document: generated, checked in as ``docs/openapi.json``, compared by a test.

The framework describes paths and parameters; what we read and answer ourselves is added here:
bodies from the dependencies that read them, headers, problems, and how one authenticates.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.api.dependencies import (
    ACTOR_HEADER,
    ECHOED_HEADER,
    KEY_HEADER,
    Allowance,
    acting_person,
    acting_person_if_given,
    calling_system,
    echoed_request_id,
    requested_key,
)
from gateway.api.problems import CATALOGUE, MEDIA_TYPE
from gateway.api.reading import Body

__all__ = ["install_openapi", "openapi_of"]

_REF: Final = "#/components/schemas/{model}"
_OF_ALL: Final = ("malformed-request", "not-found", "internal")
_OF_MEMBERS: Final = ("agency-not-authenticated", "agency-not-authorized", "storage-unavailable")
_OF_WRITING: Final = ("state-conflict", "audit-unavailable")

_TEXT: Final = {"type": "string"}
_HEADERS: Final = (
    (acting_person, ACTOR_HEADER, True),
    (acting_person_if_given, ACTOR_HEADER, False),
    (requested_key, KEY_HEADER, True),
    (echoed_request_id, ECHOED_HEADER, False),
)

_PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457. Reasons and units come with a refused disclosure.",
    "type": "object",
    "required": ["type", "title", "status", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "instance": {"type": "string"},
        "detail": {"type": "string", "description": "A stable code."},
        "decision_id": {"type": "string"},
        "disclosure_id": {"type": "string"},
        "reasons": {"type": "array", "items": {"type": "object"}},
        "units": {"type": "array", "items": {"type": "object"}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "advice_ja": {"type": "string"},
        "advice_en": {"type": "string"},
    },
}


def install_openapi(app: FastAPI) -> None:
    """Let the application describe itself as :func:`openapi_of` does."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi_of(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # the framework's own way


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Return the document that describes every route of the application."""
    found = (context.original_route for context in iter_route_contexts(app.routes))
    routes = [route for route in found if isinstance(route, APIRoute)]
    document = get_openapi(
        title=app.title,
        version=app.version,
        description="The one door through which agencies hand over case information.",
        routes=app.routes,
    )
    models = {b.model for r in routes for b in _calls(r.dependant) if isinstance(b, Body)}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas.update(_schemas(models))
    schemas["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for route in routes:
        for method in sorted(route.methods or ()):
            _complete(document["paths"][route.path_format][method.lower()], route, method)
    return document


def _schemas(models: set[type[BaseModel]]) -> Mapping[str, Any]:
    wanted = [(m, "validation") for m in sorted(models, key=lambda m: m.__name__)]
    _, definitions = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type] # a literal
    found: Mapping[str, Any] = definitions.get("$defs", {})
    return found


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    calls = list(_calls(route.dependant))
    names = [*_OF_ALL]
    body = next((c for c in calls if isinstance(c, Body)), None)
    if body is not None:
        schema = {"$ref": _REF.format(model=body.model.__name__)}
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": True, "content": content}
        names += body.problems
    if calling_system in calls:
        operation["security"] = [{"token": []}]
        names += _OF_MEMBERS
        names += _OF_WRITING if method != "GET" else ()
    names += ["too-many-requests"] if any(isinstance(c, Allowance) for c in calls) else []
    for call, header, required in _HEADERS:
        if call in calls:
            operation.setdefault("parameters", []).append(
                {"name": header, "in": "header", "required": required, "schema": _TEXT}
            )
    operation["responses"].pop("422", None)
    operation["responses"].update(_problems(names))


def _problems(names: list[str]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for name in names:
        by_status.setdefault(str(CATALOGUE[name].status), []).append(name)
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        status: {"description": ", ".join(found), "content": content}
        for status, found in sorted(by_status.items())
    }


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _calls(below)
