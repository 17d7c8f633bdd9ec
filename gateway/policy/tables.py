"""
The tables that rules read, with what is derived from them when a bundle is built.

* A member that ends in ``_on`` holds a legal day (ISO 8601) or null; beside it the bundle
  carries the same name ending in ``_at``: the start of that day in Japan, in epoch
  milliseconds. Rules compare integers and never parse dates.
* ``index`` turns lists into look-ups, so that no rule has to scan a table.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs

from gateway.domain.ids import Millis
from gateway.policy.packs import resolved_packs
from gateway.policy.places import line_of
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
        content = _read(path)
        _check(path, content, _validator(path.with_name("schema.json")))
        tables[path.parent.name] = _with_instants(content)
    tables["packs"] = _with_instants(_read_packs(directory / "data/packs", tables))
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
    validator = _validator(directory / "disclosure/basis/schema.json")
    rows: dict[str, Any] = {}
    for path in sorted(directory.glob("disclosure/basis/*/*.rego")):
        name = path.parent.name
        if path.stem == name:
            file = path.with_name("basis.json")
            row = _read(file)
            _check(file, row, validator)
            rows[name] = _with_instants(row)
    return rows


def _read_packs(directory: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    validator = _validator(directory / "schema.json")
    schema = _read(directory / "schema.json")
    stated: dict[str, Any] = {}
    for path in sorted(directory.glob("*/data.json")):
        pack = stated[path.parent.name] = _read(path)
        _check(path, pack, validator)
    thresholds = schema["properties"]["thresholds"]["properties"]
    return resolved_packs(stated, tables["basis"], thresholds, tables.get("conferences", ()))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        finding = f"{_name_of(path)}:{error.lineno}: is not JSON: {error.msg}"
        raise RevisionRejected([finding]) from error
    except (OSError, ValueError) as error:
        raise RevisionRejected([f"{_name_of(path)}: cannot be read"]) from error


def _validator(file: Path) -> jsonschema_rs.Validator:
    schema = _read(file)
    try:
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise RevisionRejected([f"{_name_of(file)}:1: is no schema of a table"])
        return jsonschema_rs.validator_for(schema)
    except ValueError as error:
        raise RevisionRejected([f"{_name_of(file)}:1: is no schema: {error}"]) from error


def _check(path: Path, content: Any, validator: jsonschema_rs.Validator) -> None:
    findings = []
    for error in validator.iter_errors(content):
        members = tuple(map(str, error.instance_path))
        line = line_of(path.read_text(encoding="utf-8"), *members)
        where = "/".join(members) or "."
        findings.append(f"{_name_of(path)}:{line}: {where}: {error.message}")
    for members, day in _days(content):
        if not _is_day(day):
            line = line_of(path.read_text(encoding="utf-8"), *members)
            findings.append(f"{_name_of(path)}:{line}: {'/'.join(members)}: {day} is not a day")
    if findings:
        raise RevisionRejected(findings)


def _days(value: Any, *members: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every legal day in a table, with the members that lead to it."""
    if isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _days(inner, *members, str(position))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith(_DAY) and isinstance(inner, str):
                yield (*members, name), inner
            yield from _days(inner, *members, name)


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _name_of(path: Path) -> str:
    """Return a file's name below the policies directory."""
    top = next(p for p in path.parents if p.name in {"data", "disclosure"})
    return path.relative_to(top.parent).as_posix()


def _with_instants(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_instants(v) for v in value]
    if not isinstance(value, dict):
        return value
    result = {k: _with_instants(v) for k, v in value.items()}
    for key, day in value.items():
        if key.endswith(_DAY) and (day is None or isinstance(day, str)):
            result[key.removesuffix(_DAY) + "_at"] = None if day is None else instant_of_day(day)
    return result


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
