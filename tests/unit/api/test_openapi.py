"""The checked-in description is what is served; refresh it with ``UPDATE_OPENAPI=1``."""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from gateway.api.app import described_app
from gateway.api.problems import CATALOGUE

DOCUMENT: Final = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def generated() -> dict[str, Any]:
    return json.loads(json.dumps(described_app().openapi()))


def test_document_that_is_checked_in_is_the_one_that_is_generated(
    generated: dict[str, Any],
) -> None:
    text = json.dumps(generated, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_OPENAPI") == "1":
        DOCUMENT.write_text(text, encoding="utf-8")

    assert DOCUMENT.read_text(encoding="utf-8") == text


def test_every_route_is_described(generated: dict[str, Any]) -> None:
    """An undocumented route is a way in that nobody looks at."""
    contexts = iter_route_contexts(described_app().routes)
    routes = [c.original_route for c in contexts]

    assert all(isinstance(route, APIRoute) for route in routes)
    served = {
        (method.lower(), route.path_format)
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    described = {(m, p) for p, operations in generated["paths"].items() for m in operations}
    assert served == described


def test_every_operation_names_its_problems_and_every_body_is_closed(
    generated: dict[str, Any],
) -> None:
    names = {
        name
        for operations in generated["paths"].values()
        for operation in operations.values()
        for answer in operation["responses"].values()
        if "application/problem+json" in answer.get("content", {})
        for name in answer["description"].split(", ")
    }
    models = {n: s for n, s in generated["components"]["schemas"].items() if n != "Problem"}

    assert names <= CATALOGUE.keys()
    assert len(models) > 30
    assert all(
        schema["additionalProperties"] is False
        for schema in models.values()
        if schema.get("type") == "object"
    )


def test_paths_are_kebab_case_and_members_snake_case(generated: dict[str, Any]) -> None:
    for path in generated["paths"]:
        assert path == path.lower()
        literal = [part for part in path.split("/") if part and not part.startswith("{")]
        assert not any("_" in part for part in literal), path
    for name, schema in generated["components"]["schemas"].items():
        for member in schema.get("properties", {}):
            assert member == member.lower(), (name, member)
