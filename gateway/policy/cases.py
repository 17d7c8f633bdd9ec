"""
Known cases: one fictional input per rule whose outcome everybody agrees on.

They stand beside the rules, in ``cases.json``, each as what differs from the base input
(``policies/checks/base.json``) or from the case it names as ``like``. A revision serves only
after every one of them came out as expected; tests and authors start from the same inputs.
"""

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.policy.rejection import RevisionRejected

__all__ = ["KnownCase", "changed", "read_cases"]


@dataclass(frozen=True, slots=True)
class KnownCase:
    """
    One known case.

    Attributes:
        id: Its name.
        rule: The stop, ground or other rule it is about.
        title_ja: What happens, in one sentence.
        policy_input: The whole input.
        outcome: Expected outcome.
        permitted: Fields expected to pass, sorted.
        bases: Grounds expected to carry it, sorted.
        stops: Stops expected to fire, sorted.
    """

    id: str
    rule: str
    title_ja: str
    policy_input: Mapping[str, Any]
    outcome: str
    permitted: tuple[str, ...]
    bases: tuple[str, ...]
    stops: tuple[str, ...]

    def differs(self, decision: Mapping[str, Any]) -> bool:
        """Whether a decision is not the expected one."""
        return (
            decision["outcome"] != self.outcome
            or tuple(decision["fields_permitted"]) != self.permitted
            or tuple(g["basis"] for g in decision["grounds"]) != self.bases
            or tuple(sorted({s["stop"] for s in decision["stops"]})) != self.stops
        )


def read_cases(directory: Path) -> tuple[KnownCase, ...]:
    """
    Read the known cases of a policies directory.

    Raises:
        RevisionRejected: They cannot be read, or change what the base input does not have.
    """
    base = _read(directory, "checks/base.json")
    rows: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for path in sorted(directory.rglob("cases.json")):
        name = path.relative_to(directory).as_posix()
        for row in _read(directory, name).get("cases", ()):
            if row.get("id") in rows:
                raise RevisionRejected([f"{name}: {row['id']} is a case already"])
            rows[str(row.get("id"))] = (name, row)
    return tuple(_case(name, row, base, rows) for name, row in rows.values())


def _read(directory: Path, name: str) -> Any:
    try:
        return json.loads((directory / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RevisionRejected([f"{name}: {error!s}"]) from error


def _case(
    name: str,
    row: Mapping[str, Any],
    base: Mapping[str, Any],
    rows: Mapping[str, tuple[str, Mapping[str, Any]]],
) -> KnownCase:
    try:
        return KnownCase(
            id=row["id"],
            rule=row["rule"],
            title_ja=row["title_ja"],
            policy_input=_input_of(row, base, rows),
            outcome=row["expect"]["outcome"],
            permitted=tuple(row["expect"]["permitted"]),
            bases=tuple(row["expect"]["bases"]),
            stops=tuple(row["expect"]["stops"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise RevisionRejected([f"{name}: {row.get('id')}: {error!s}"]) from error


def _input_of(
    row: Mapping[str, Any],
    base: Mapping[str, Any],
    rows: Mapping[str, tuple[str, Mapping[str, Any]]],
) -> dict[str, Any]:
    like = row.get("like")
    start = base if like is None else _input_of(rows[like][1], base, rows)
    return changed(start, row["changes"])


def changed(
    base: Mapping[str, Any], changes: Mapping[str, Any], removed: Iterable[str] = ()
) -> dict[str, Any]:
    """
    Return a copy of an input with members set or removed by JSON Pointer (RFC 6901).

    Raises:
        KeyError, IndexError: A pointer leads through something that is not there.
    """
    result = copy.deepcopy(dict(base))
    for pointer, value in changes.items():
        parent, last = _parent(result, pointer)
        parent[last] = copy.deepcopy(value)
    for pointer in removed:
        parent, last = _parent(result, pointer)
        del parent[last]
    return result


def _parent(document: Any, pointer: str) -> tuple[Any, Any]:
    *path, last = pointer.removeprefix("/").split("/")
    for token in path:
        document = document[int(token) if isinstance(document, list) else token]
    return document, int(last) if isinstance(document, list) else last
