"""
The shape of every registered fact, so that policy never meets one it cannot read.

* What policy sees is as ``$defs`` of ``schemas/policy-input.json`` say, read once.
* What only the gateway reads is described here: ``system``, ``agency_key``, ``link_offer``,
  and ``subject_link``, which stands in the log alone.
* Errors name a member and the rule it broke, never what somebody wrote.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from gateway.domain.errors import SchemaViolation
from gateway.domain.log import JSONValue

__all__ = ["OWN_FACTS", "FactSchemas"]

_NOT_FACTS: Final = frozenset({"asserted_fact", "field", "party"})
_ID: Final = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,80}$"}
_AT: Final = {"type": "integer", "minimum": 0, "maximum": 9007199254740991}
_AT_OR_NONE: Final = {"anyOf": [{"type": "null"}, _AT]}


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(properties),
        "properties": dict(properties),
    }


OWN_FACTS: Final[Mapping[str, Any]] = {
    "system": _closed(
        {
            "id": _ID,
            "agency": _ID,
            "name": {"type": "string", "maxLength": 120},
            "status": {"enum": ["active", "suspended"]},
            "scopes": {
                "type": "array",
                "items": {"enum": ["member", "operator", "officer", "auditor"]},
                "minItems": 1,
                "uniqueItems": True,
            },
            "valid_from": _AT,
            "valid_to": _AT_OR_NONE,
        }
    ),
    "agency_key": _closed(
        {
            "id": _ID,
            "agency": _ID,
            "use": {"enum": ["client", "sign", "seal"]},
            "system": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{0,80}$"},
            "jwk": {"type": "object", "maxProperties": 12},
            "valid_from": _AT,
            "valid_to": _AT_OR_NONE,
            "revoked_at": _AT_OR_NONE,
        }
    ),
    "link_offer": _closed(
        {
            "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
            "agency": _ID,
            "subject": _ID,
            "expires_at": _AT,
            "used_at": _AT_OR_NONE,
        }
    ),
    "subject_link": _closed({"id": _ID, "kept": _ID, "absorbed": _ID}),
}


class FactSchemas:
    """
    Checks facts by kind.

    Args:
        policy_input: Path of ``schemas/policy-input.json``.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not a schema.
    """

    def __init__(self, policy_input: Path) -> None:
        content: Any = json.loads(policy_input.read_text(encoding="utf-8"))
        facts = {k: v for k, v in content["$defs"].items() if k not in _NOT_FACTS}
        facts["tenant"] = content["properties"]["registered"]["properties"]["tenant"]
        self._facts: dict[str, Any] = {**facts, **OWN_FACTS}
        self._validators = {
            kind: jsonschema_rs.Draft202012Validator(schema) for kind, schema in self._facts.items()
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of fact that can be registered, sorted."""
        return tuple(sorted(self._facts))

    def check(self, kind: str, fact: Mapping[str, JSONValue]) -> None:
        """
        Check that a fact is as its schema demands.

        Raises:
            SchemaViolation: It is not; pointers and rules, never values.
        """
        errors = {
            ("".join(f"/{part}" for part in error.instance_path), str(error.kind.name))
            for error in self._validators[kind].iter_errors(fact)
        }
        if errors:
            raise SchemaViolation(sorted(errors))

    def without_text(self, kind: str, fact: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Return the fact without anybody's free words: what has neither pattern nor list."""
        properties = self._facts[kind]["properties"]
        return {name: value for name, value in fact.items() if not _is_free(properties[name])}


def _is_free(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and not {"pattern", "enum", "const"} & schema.keys()
