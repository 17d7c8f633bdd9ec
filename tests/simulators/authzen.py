"""AuthZEN 1.0: our schemas and, where they are at hand, those that were published."""

import functools
import json
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

__all__ = ["PUBLISHED", "as_ours", "as_published", "errors_of", "interop_requests"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_SCHEMAS: Final = _ROOT / "schemas"
PUBLISHED: Final = _ROOT.parent / "shared" / "vectors" / "authzen"
_INTEROP: Final = "interop/authzen-api-gateways/test-harness/test/decisions.json"


def errors_of(name: str, value: Any) -> list[str]:
    """Return what is wrong with a value by one of our schemas, for example its requests'."""
    found = _ours(name).iter_errors(value)
    return [f"{'/'.join(map(str, e.instance_path))}: {e.message[:200]}" for e in found]


def as_ours(name: str, value: Any) -> bool:
    """Whether a value is as our schema of this name says."""
    return bool(_ours(name).is_valid(value))


def as_published(name: str, value: Any) -> bool:
    """Whether a value is as the published schema says; true where none is at hand."""
    schema = _published(name)
    return schema is None or bool(schema.is_valid(value))


def interop_requests() -> list[Any]:
    """Return the requests of the published interop scenario; none where it is not at hand."""
    path = PUBLISHED / _INTEROP
    if not path.is_file():
        return []
    return [case["request"] for case in _read(path)["evaluation"]]


@functools.cache
def _ours(name: str) -> Any:
    files = (*(_SCHEMAS / "authzen").glob("*.json"), _SCHEMAS / "policy-input.json")
    schemas = [_read(path) for path in files]
    registry = jsonschema_rs.Registry([(s["$id"], s) for s in schemas])
    return jsonschema_rs.Draft202012Validator(
        _read(_SCHEMAS / "authzen" / f"{name}.json"), registry=registry
    )


@functools.cache
def _published(name: str) -> Any:
    path = PUBLISHED / "api" / "schemas" / f"{name}.schema.json"
    return jsonschema_rs.Draft202012Validator(_read(path)) if path.is_file() else None


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
