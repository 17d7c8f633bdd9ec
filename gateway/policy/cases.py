"""
Known cases: one fictional input per rule whose outcome everybody agrees on.

They stand in ``policies/checks/cases.json`` as one base input and, per case, what differs
from it. A revision serves only after every one of them came out as expected; tests and
authors start from the same inputs.
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
    try:
        content = json.loads((directory / "checks/cases.json").read_text(encoding="utf-8"))
        return tuple(
            KnownCase(
                id=case["id"],
                rule=case["rule"],
                title_ja=case["title_ja"],
                policy_input=changed(content["base"], case["changes"]),
                outcome=case["expect"]["outcome"],
                permitted=tuple(case["expect"]["permitted"]),
                bases=tuple(case["expect"]["bases"]),
                stops=tuple(case["expect"]["stops"]),
            )
            for case in content["cases"]
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise RevisionRejected([f"checks/cases.json: {error!s}"]) from error


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
