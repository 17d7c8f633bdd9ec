"""
Known cases: one fictional input per rule whose outcome everybody agrees on.

They stand beside the rules, in ``cases.json``, each as what differs from the base input
(``policies/checks/base.json``) or from the case it names as ``like``. A revision serves only
after every one of them came out as expected; tests and authors start from the same inputs.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.policy.places import line_of
from gateway.policy.rejection import RevisionRejected

__all__ = ["KnownCase", "changed", "read_cases"]

_BASE: Final = "checks/base.json"


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
    base = _read(directory, _BASE)
    if "request" not in base:
        raise RevisionRejected([f"{_BASE}:1: is no input"])
    rows: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for path in sorted(directory.rglob("cases.json")):
        name = path.relative_to(directory).as_posix()
        for id_, row in _rows(name, _read(directory, name)):
            if id_ in rows:
                raise RevisionRejected([f"{_place(directory, name, id_)}: {id_} is a case already"])
            rows[id_] = (name, row)
    found = []
    for id_, (name, row) in rows.items():
        try:
            found.append(_case(row, base, rows))
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            finding = f"{_place(directory, name, id_)}: {id_}: {type(error).__name__} {error!s}"
            raise RevisionRejected([finding]) from error
    return tuple(found)


def _read(directory: Path, name: str) -> Mapping[str, Any]:
    try:
        content = json.loads((directory / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RevisionRejected([f"{name}: {error!s}"]) from error
    if not isinstance(content, dict):
        raise RevisionRejected([f"{name}:1: is no object"])
    return content


def _rows(name: str, content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    cases = content.get("cases")
    if not isinstance(cases, list):
        raise RevisionRejected([f"{name}:1: holds no list of cases"])
    for row in cases:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise RevisionRejected([f"{name}:1: holds a case without an id"])
        yield row["id"], row


def _place(directory: Path, name: str, id_: str) -> str:
    """Return file and line of a case."""
    text = (directory / name).read_text(encoding="utf-8")
    ids = [row["id"] for row in json.loads(text)["cases"]]
    return f"{name}:{line_of(text, 'cases', str(ids.index(id_)))}"


def _case(
    row: Mapping[str, Any],
    base: Mapping[str, Any],
    rows: Mapping[str, tuple[str, Mapping[str, Any]]],
) -> KnownCase:
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
