"""Holds answers against the OpenAPI document, as a careful client would."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from gateway.api.app import described_app

__all__ = ["check_answer"]


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
