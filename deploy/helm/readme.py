"""
Write the chart's README: every value, its default and the comment above it.

A value is what carries a ``# --`` comment; it must, unless it is a mapping whose members do.
Run by ``make chart``.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

_CHART: Final = Path(__file__).resolve().parent / "tasuki"
README: Final = _CHART / "README.md"
_KEY: Final = re.compile(r"^( *)([A-Za-z_]+):")
_INTRODUCTION: Final = """\
# Chart `tasuki`

One gateway with OPA beside it, on a PostgreSQL that exists. Written by `make chart` from
`values.yaml`; `docs/operating.md` tells how to install and upgrade.

Not a value, because it is not a choice: one pod, replaced and never doubled; no root, no
writable root file system, no capability, no service-account token; nothing reaches a pod and
no pod reaches anything but what `network` lists; images and policies by digest.

"""


class Undescribed(Exception):
    """A value has no comment that describes it."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its path with dots, its default, and what it is for."""

    path: str
    default: Any
    text: str


def read_values(source: str) -> tuple[Value, ...]:
    """
    Return every value of a values file, in its order.

    Raises:
        Undescribed: One has no comment; the message names it.
    """
    values = tuple(_described(source.splitlines(), yaml.safe_load(source)))
    for path in _leaves(yaml.safe_load(source), ""):
        if not any(path == v.path or path.startswith(f"{v.path}.") for v in values):
            raise Undescribed(path)
    return values


def readme(source: str) -> str:
    """
    Return the README for a values file.

    Raises:
        Undescribed: A value has no comment.
    """
    rows = (
        f"| `{v.path}` | `{json.dumps(v.default)}` | {v.text.replace('|', chr(92) + '|')} |\n"
        for v in read_values(source)
    )
    return f"{_INTRODUCTION}| Value | Default | Meaning |\n|---|---|---|\n{''.join(rows)}"


def _described(lines: list[str], content: Any) -> Iterator[Value]:
    path: list[str] = []
    comment: list[str] = []
    for line in lines:
        text = line.strip()
        if text.startswith("# -- "):
            comment = [text.removeprefix("# -- ")]
        elif text.startswith("#") and comment:
            comment.append(text.removeprefix("#").strip())
        elif key := _KEY.match(line):
            path = [*path[: len(key[1]) // 2], key[2]]
            if comment:
                yield Value(".".join(path), _at(content, path), " ".join(comment))
            comment = []


def _at(content: Any, path: list[str]) -> Any:
    for name in path:
        content = content[name]
    return content


def _leaves(content: Any, prefix: str) -> Iterator[str]:
    for name, inner in content.items():
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


if __name__ == "__main__":
    README.write_text(readme((_CHART / "values.yaml").read_text(encoding="utf-8")), "utf-8")
    print(f"chart: {README.relative_to(_CHART.parent)}")
