"""
The tables that rules read, with what is derived from them when a bundle is built.

* A member that ends in ``_on`` holds a legal day (ISO 8601) or null; beside it the bundle
  carries the same name ending in ``_at``: the start of that day in Japan, in epoch
  milliseconds. Rules compare integers and never parse dates.
* ``index`` turns lists into look-ups, so that no rule has to scan a table.
"""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs

from gateway.domain.ids import Millis
from gateway.policy.packs import resolved_packs
from gateway.policy.profiles import check_profiles, purpose_fields
from gateway.policy.rejection import RevisionRejected

__all__ = ["index_of", "instant_of_day", "read_tables"]

_JAPAN = ZoneInfo("Asia/Tokyo")
_DAY = "_on"


def instant_of_day(day: str) -> Millis:
    """
    Return the start of a legal day: 00:00 in Japan, in epoch milliseconds.

    Raises:
        ValueError: ``day`` is not an ISO 8601 calendar date.
    """
    start = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), tzinfo=_JAPAN)
    return Millis(int(start.timestamp()) * 1000)


def read_tables(directory: Path) -> dict[str, Any]:
    """
    Read every table of a policies directory, checked against its schema.

    A table is ``data/<table>/data.json`` beside its ``schema.json``. The registry of legal
    bases is one row beside each rule: ``disclosure/basis/<id>/basis.json``. A pack is
    ``data/packs/<id>/data.json``, completed by :mod:`gateway.policy.packs`.

    Returns:
        Table name to content, legal days joined by their instants.

    Raises:
        RevisionRejected: A table is missing its schema, breaks it, or is not readable.
    """
    tables: dict[str, Any] = {"basis": _read_registry(directory)}
    for path in sorted(directory.glob("data/*/data.json")):
        name = path.parent.name
        content = _read(path, name)
        _check(name, content, _validator(path.with_name("schema.json"), name))
        tables[name] = _with_instants(content)
    tables["packs"] = _with_instants(_read_packs(directory / "data/packs", tables["basis"]))
    return tables


def index_of(tables: Mapping[str, Any]) -> dict[str, Any]:
    """
    Derive the look-ups of ``data.index``.

    Raises:
        RevisionRejected: A table that the index needs is missing, or names what is not there.
    """
    try:
        basis, purposes = tables["basis"], tables["purposes"]
        profiles, records = tables["profiles"], tables["records"]
        check_profiles(profiles, purposes, records)
        return {
            "candidates": _candidates(basis),
            "classes": {i: dict.fromkeys(sorted(r["classes"]), True) for i, r in basis.items()},
            "code_fields": _code_fields(records),
            "fixed_classes": _classes(records, by_value=False),
            "profile_fields": {
                i: dict.fromkeys(sorted(p["fields"]), True) for i, p in profiles.items()
            },
            "profile_purposes": {
                i: dict.fromkeys(sorted(p["purposes"]), True) for i, p in profiles.items()
            },
            "purpose_fields": purpose_fields(profiles, purposes, records),
            "purposes": {i: True for i, p in sorted(purposes.items()) if _names_persons(p)},
            "purposes_without_persons": {
                i: dict.fromkeys(sorted(p["classes"]), True)
                for i, p in sorted(purposes.items())
                if not p["forbidden"] and not _names_persons(p)
            },
            "value_classes": _classes(records, by_value=True),
            "recipient_kinds": {
                i: dict.fromkeys(sorted(r["recipient_kinds"]), True) for i, r in basis.items()
            },
        }
    except (KeyError, TypeError) as error:
        raise RevisionRejected([f"tables: {error!s} is missing or of another shape"]) from error


def _read_registry(directory: Path) -> dict[str, Any]:
    validator = _validator(directory / "disclosure/basis/schema.json", "basis")
    rows: dict[str, Any] = {}
    for path in sorted(directory.glob("disclosure/basis/*/*.rego")):
        name = path.parent.name
        if path.stem == name:
            row = _read(path.with_name("basis.json"), f"basis/{name}")
            _check(f"basis/{name}", row, validator)
            rows[name] = _with_instants(row)
    return rows


def _read_packs(directory: Path, basis: Mapping[str, Any]) -> dict[str, Any]:
    schema = _read(directory / "schema.json", "packs")
    validator = jsonschema_rs.validator_for(schema)
    stated: dict[str, Any] = {}
    for path in sorted(directory.glob("*/data.json")):
        name = path.parent.name
        stated[name] = _read(path, f"packs/{name}")
        _check(f"packs/{name}", stated[name], validator)
    return resolved_packs(stated, basis, schema["properties"]["thresholds"]["properties"])


def _read(path: Path, name: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RevisionRejected([f"{name}: {path.name} is not readable as JSON"]) from error


def _validator(schema: Path, name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(_read(schema, name))


def _check(name: str, content: Any, validator: jsonschema_rs.Validator) -> None:
    findings = [
        f"{name}: {'/'.join(map(str, e.instance_path)) or '.'}: {e.message}"
        for e in validator.iter_errors(content)
    ]
    if findings:
        raise RevisionRejected(findings)


def _with_instants(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_instants(v) for v in value]
    if not isinstance(value, dict):
        return value
    result = {k: _with_instants(v) for k, v in value.items()}
    for key, day in value.items():
        if key.endswith(_DAY) and (day is None or isinstance(day, str)):
            result[key.removesuffix(_DAY) + "_at"] = None if day is None else _instant(key, day)
    return result


def _instant(name: str, day: str) -> Millis:
    try:
        return instant_of_day(day)
    except ValueError as error:
        raise RevisionRejected([f"{name}: {day} is no day of the calendar"]) from error


def _candidates(basis: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for id_, row in sorted(basis.items()):
        for purpose in row["purposes"]:
            for kind in row["sender_kinds"]:
                found.setdefault(purpose, {}).setdefault(kind, []).append(id_)
    return found


def _code_fields(records: Mapping[str, Any]) -> dict[str, bool]:
    return {i: True for i, row in records.items() if row["type"].startswith("code")}


def _classes(records: Mapping[str, Any], *, by_value: bool) -> dict[str, list[str]]:
    return {i: sorted(r["classes"]) for i, r in records.items() if r["by_value"] is by_value}


def _names_persons(purpose: Mapping[str, Any]) -> bool:
    return bool(purpose["level"] == "identified" and not purpose["forbidden"])
