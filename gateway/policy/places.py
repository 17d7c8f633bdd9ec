"""Where in a JSON file a member stands, so that a finding can name file and line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["line_of", "place_in"]

_DECODER: Final = json.JSONDecoder()
_GAP: Final = re.compile(r"[\s:,]*")


def place_in(directory: Path, table: str, *path: str) -> str:
    """
    Return file and line of a member of a table, for example ``data/purposes/data.json:12``.

    Args:
        directory: The policies directory.
        table: The table's name.
        path: What leads to it, as :func:`line_of` takes it; of a registry whose rows stand in
            files of their own the first name is the row.
    """
    file, rest = f"data/{table}/data.json", path
    if path and not (directory / file).is_file():
        beside_rule = f"disclosure/{table}/{path[0]}/{table}.json"
        alone = f"data/{table}/{path[0]}/data.json"
        file = beside_rule if (directory / beside_rule).is_file() else alone
        rest = path[1:]
    try:
        line = line_of((directory / file).read_text(encoding="utf-8"), *rest)
    except (OSError, ValueError):
        line = 1
    return f"{file}:{line}"


def line_of(text: str, *path: str) -> int:
    """
    Return the line, counted from 1, on which something in a JSON text stands.

    Args:
        text: The JSON text.
        path: Names of members, positions in lists, or items of lists of names. Where it leads
            nowhere, the last thing that is there is meant.

    Raises:
        ValueError: The text is not JSON.
    """
    json.loads(text)
    at = _after_gap(text, 0)
    found = at
    for step in path:
        for names, start, value in _parts(text, at):
            if step in names:
                found, at = start, value
                break
        else:
            break
    return text.count("\n", 0, found) + 1


def _parts(text: str, at: int) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Yield each member or item: the names it answers to, where it begins, where its value does."""
    if text[at] not in "{[":
        return
    members, position = text[at] == "{", 0
    at = _after_gap(text, at + 1)
    while text[at] not in "}]":
        value, end = _DECODER.raw_decode(text, at)
        start = at
        names = (str(position), *([value] if isinstance(value, str) else []))
        if members:
            names, at = (str(value),), _after_gap(text, end)
            _, end = _DECODER.raw_decode(text, at)
        yield names, start, at
        position, at = position + 1, _after_gap(text, end)


def _after_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return at if gap is None else gap.end()
