"""
Checking a record against ``schemas/records``, where a server carries it in the clear.

Only the gateway-sealed path reads records; a member's desk seals what it sends. This is
the one module of the room that needs more than the standard library, and it asks for it
only when a checker is made.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.domain.codes import is_municipality_code
from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import FieldId
from gateway.domain.log import JSONValue
from gateway.minimisation.fields import FIELDS, spec_of
from gateway.minimisation.text import check_text

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

__all__ = ["RecordChecker"]

_COMMON = "common.schema.json"
_SUFFIX = ".schema.json"


class RecordChecker:
    """Checks flat records against the schemas of one directory, which it reads once."""

    def __init__(self, schemas: Path) -> None:
        """
        Read ``common.schema.json`` and ``records/*.schema.json`` below ``schemas``.

        Raises:
            OSError: A schema cannot be read.
            ValueError: A schema is not one, or it and the table of fields have drifted apart.
        """
        common = _read(schemas / _COMMON)
        paths = sorted((schemas / "records").glob(f"*{_SUFFIX}"))
        contents = {p.name.removesuffix(_SUFFIX): _read(p) for p in paths}
        ids = {f"{r}.{name}" for r, content in contents.items() for name in content["properties"]}
        if ids != set(FIELDS):
            raise ValueError("schemas and the table of fields have drifted apart")
        self._validators = {r: _validator(c, common) for r, c in contents.items()}

    def check_record(self, record_payload: Mapping[FieldId, JSONValue]) -> None:
        """
        Check every value of a record, its text and the numbers that carry a check digit.

        Raises:
            SchemaViolation: Something is not as the schemas demand. Pointers name field
                and member, rules name what was broken; neither holds a value.
        """
        if not record_payload:
            raise SchemaViolation([("", "minProperties")])
        check_text(record_payload)
        errors = [
            error
            for record, values in _by_record(record_payload).items()
            for error in self._errors(record, values)
        ]
        errors += _municipality_errors(record_payload)
        if errors:
            raise SchemaViolation(sorted(set(errors)))

    def _errors(self, record: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for error in self._validators[record].iter_errors(values):
            # The schemas fix every member's name but those it refuses; a refused name is
            # not part of the path, so that nothing the sender wrote is repeated.
            path = [str(part) for part in error.instance_path]
            found.append((f"/{record}." + "/".join(path), str(error.kind.name)))
        return found


def _by_record(record_payload: Mapping[FieldId, JSONValue]) -> dict[str, dict[str, Any]]:
    result: dict[str, dict[str, Any]] = {}
    for id_, value in record_payload.items():
        record, name = spec_of(id_).id.split(".")
        result.setdefault(record, {})[name] = value
    return result


def _municipality_errors(record_payload: Mapping[FieldId, JSONValue]) -> list[tuple[str, str]]:
    return [
        (f"/{id_}/lg_code", "check digit")
        for id_, value in record_payload.items()
        if isinstance(value, Mapping)
        and isinstance(code := value.get("lg_code"), str)
        and not is_municipality_code(code)
    ]


def _validator(schema: Any, common: Any) -> "Draft202012Validator":
    import jsonschema_rs  # noqa: PLC0415 -- a member's desk has no schema engine

    registry = jsonschema_rs.Registry([(common["$id"], common)])
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
