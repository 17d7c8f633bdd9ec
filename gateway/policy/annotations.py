"""
The METADATA comments of a Rego file, read strictly.

Rules name only a code; its title, article, next step and side stand in the annotation
above the rule, and the bundle carries them as data (``data.meta``), because an annotation
cannot be read at run time by every engine. Only a small part of YAML is understood, so that
an officer's typing mistake is refused and never guessed at:

* ``key: plain text`` and ``key: "quoted text"`` (a JSON string), ``true``, ``false``;
* ``key: |`` followed by indented lines, joined by line feeds;
* ``key: [A, B]``, plain or quoted items;
* ``key:`` followed by deeper ``key: value`` lines, or by ``- key: value`` items.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gateway.policy.rejection import RevisionRejected

__all__ = ["Annotation", "annotations_of"]

Value: TypeAlias = "str | bool | list[str] | list[dict[str, str]] | dict[str, Value]"

_MARK = "# METADATA"
_KEY = re.compile(r"^([a-z_]+):(?: (.*))?$")
_NAME = re.compile(r"^(?:default )?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Annotation:
    """
    One METADATA block.

    Attributes:
        path: The file it stands in, relative to the policies directory.
        line: Its first line, counted from 1.
        package: The package of the file, for example ``lib.time``.
        rule: The rule it stands above; empty when it is about the package.
        content: What it says.
    """

    path: str
    line: int
    package: str
    rule: str
    content: Mapping[str, Value]

    @property
    def custom(self) -> Mapping[str, Value]:
        """The project's own part: code, article, titles, next step, side, dates."""
        custom = self.content.get("custom", {})
        return custom if isinstance(custom, Mapping) else {}

    @property
    def code(self) -> str:
        """The code it owns: a rule id, an UPPER_SNAKE reason, or nothing."""
        code = self.custom.get("code", "")
        return code if isinstance(code, str) else ""


def annotations_of(path: str, source: str) -> tuple[Annotation, ...]:
    """
    Read every METADATA block of one file.

    Raises:
        RevisionRejected: A block is not written as this module demands.
    """
    lines = source.splitlines()
    package = next((s.split()[1] for s in lines if s.startswith("package ")), "")
    return tuple(_blocks(path, package, lines))


def _blocks(path: str, package: str, lines: Sequence[str]) -> Iterator[Annotation]:
    for start, text in enumerate(lines):
        if text != _MARK:
            continue
        end = start + 1
        while end < len(lines) and lines[end].startswith("#"):
            end += 1
        below = lines[end] if end < len(lines) else ""
        name = _NAME.match(below)
        if name is None:
            raise _rejected(path, end + 1, "an annotation stands above its rule")
        rule = "" if name[1] == "package" else name[1]
        body = [s[2:] if s.startswith("# ") else "" for s in lines[start + 1 : end]]
        content = _mapping(path, start + 2, body)
        yield Annotation(path, start + 1, package, rule, content)


def _mapping(path: str, line: int, body: Sequence[str]) -> dict[str, Value]:
    result: dict[str, Value] = {}
    at = 0
    while at < len(body):
        match = _KEY.match(body[at])
        if match is None or match[1] in result:
            raise _rejected(path, line + at, "expected one `key: value`")
        end = at + 1
        while end < len(body) and (body[end].startswith("  ") or not body[end]):
            end += 1
        inner = [s[2:] for s in body[at + 1 : end]]
        result[match[1]] = _value(path, line + at, match[2] or "", inner)
        at = end
    return result


def _value(path: str, line: int, text: str, inner: Sequence[str]) -> Value:
    if text == "|":
        return "\n".join(inner).strip()
    if inner and text:
        raise _rejected(path, line, "a value stands on one line")
    if inner and inner[0].startswith("- "):
        return _items(path, line + 1, inner)
    if inner:
        return _mapping(path, line + 1, inner)
    if text.startswith("["):
        return _flow(path, line, text)
    if text in {"true", "false"}:
        return text == "true"
    return _scalar(path, line, text)


def _items(path: str, line: int, inner: Sequence[str]) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    for offset, text in enumerate(inner):
        if text.startswith("- "):
            items.append({})
        elif not text.startswith("  "):
            raise _rejected(path, line + offset, "expected `- key: value`")
        match = _KEY.match(text[2:])
        if match is None:
            raise _rejected(path, line + offset, "expected `- key: value`")
        items[-1][match[1]] = _scalar(path, line + offset, match[2] or "")
    return items


def _flow(path: str, line: int, text: str) -> list[str]:
    if not text.endswith("]"):
        raise _rejected(path, line, "a list closes on its line")
    inside = text[1:-1].strip()
    return [_scalar(path, line, s.strip()) for s in inside.split(",")] if inside else []


def _scalar(path: str, line: int, text: str) -> str:
    if not text:
        raise _rejected(path, line, "a value is missing")
    if not text.startswith('"'):
        if text[0] in "'{&*!|>%@`" or ": " in text or " #" in text:
            raise _rejected(path, line, "put this value in double quotes")
        return text
    try:
        value = json.loads(text)
    except ValueError as error:
        raise _rejected(path, line, "the quotes do not hold a JSON string") from error
    if not isinstance(value, str):
        raise _rejected(path, line, "the quotes do not hold a JSON string")
    return value


def _rejected(path: str, line: int, why: str) -> RevisionRejected:
    return RevisionRejected([f"{path}:{line}: {why}"])
