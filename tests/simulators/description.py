"""What the OpenAPI document says: bodies made from it, and answers held against it."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from gateway.api.app import described_app

__all__ = ["body_schema", "check_answer", "plausible_body", "resolved"]


def check_answer(method: str, path: str, status: int, media: str, value: Any) -> None:
    """
    Check that an answer in JSON is as the document says of its route.

    A route that is not described, or an answer without a form there, is left alone.
    """
    schema = _schema(method, path.partition("?")[0], str(status), media)
    if schema is None:
        return
    errors = [f"{'/'.join(map(str, e.instance_path))}: {e.message[:120]}" for e in schema(value)]
    assert not errors, (method, path, status, errors[:5])


@functools.cache
def _document() -> Mapping[str, Any]:
    return described_app().openapi()


def _schema(method: str, path: str, status: str, media: str) -> Any:
    for template, operations in _document()["paths"].items():
        pattern = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(template))
        operation = operations.get(method.lower())
        if operation is not None and re.fullmatch(pattern, path):
            answer = operation["responses"].get(status, {})
            if answer.get("content", {}).get(media, {}).get("schema"):
                return _validator(template, method.lower(), status, media)
    return None


@functools.cache
def _validator(template: str, method: str, status: str, media: str) -> Any:
    document = _document()
    answer = document["paths"][template][method]["responses"][status]
    schema = {**answer["content"][media]["schema"], "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema).iter_errors


def body_schema(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the body that an operation reads."""
    ref = operation["requestBody"]["content"]["application/json"]["schema"]
    return resolved(ref, document)


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema refers to, or itself."""
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def plausible_body(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a body with every required member, as its schema demands."""
    made: dict[str, Any] = _value(body_schema(operation, document), document)
    return made


def _value(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    schema = resolved(schema, document)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        required = schema.get("required", ())
        made = {name: _value(schema["properties"][name], document) for name in required}
        return made if "properties" in schema else {"kty": "EC"}
    if kind == "array":
        return [_value(schema["items"], document) for _ in range(schema.get("minItems", 0))]
    plain = {"integer": 1, "boolean": False, "string": _text(schema)}
    return plain[kind] if kind in plain else _value(schema["anyOf"][0], document)


def _text(schema: dict[str, Any]) -> str:
    dotted = r"\." in schema.get("pattern", "").replace("._", "")
    upper = schema.get("pattern", "").startswith("^[A-Z0-9_]")
    return "subject.phones" if dotted else "CODE" if upper else "code"
