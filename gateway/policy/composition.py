"""
The generated part of ``disclosure.main``: one static line per stop, ground and duty.

Adding a rule is adding a directory; this list is then written anew and checked in. The
references are static because references through a variable are slow, and defective in one
engine. Grounds are guarded, so that only bases worth asking are evaluated. What its row calls
never a ground is asked for its reasons alone.
"""

import json
from pathlib import Path

__all__ = ["GENERATED", "generated_main"]

GENERATED = Path("disclosure/main/generated.rego")

_HEAD = """\
# 根拠・停止・条件の一覧(自動生成). Every stop, ground and duty, written by
# `tasuki policy compose` from the directories; never edited by hand.
package disclosure.main

import rego.v1
"""
_STOP = "stops contains h if some h in data.disclosure.stop.{id}.hits"
_GROUND = """\
grounds contains h if {{
	"{id}" in data.lib.registry.eligible
	some h in data.disclosure.basis.{id}.hits
}}"""
_AGAINST = """\
against contains a if {{
	"{id}" in data.lib.registry.eligible
	some a in data.disclosure.basis.{id}.reasons
}}"""
_DUE = """\
due contains d if {{
	"{id}" in data.lib.duties.codes
	some d in data.disclosure.obligation.{id}.due
}}"""


def generated_main(directory: Path) -> str:
    """Return the text of ``generated.rego`` for the rules below a policies directory."""
    parts = [
        _HEAD.rstrip("\n"),
        *_lines(directory / "disclosure/stop", _STOP),
        *_lines(directory / "disclosure/basis", _GROUND, but=_never(directory)),
        *_lines(directory / "disclosure/basis", _AGAINST),
        *_lines(directory / "disclosure/obligation", _DUE),
    ]
    return "\n\n".join(parts) + "\n"


def _lines(directory: Path, line: str, *, but: frozenset[str] = frozenset()) -> list[str]:
    ids = sorted(p.name for p in directory.iterdir() if (p / f"{p.name}.rego").is_file())
    return [line.format(id=i) for i in ids if i not in but]


def _never(directory: Path) -> frozenset[str]:
    rows = directory.glob("disclosure/basis/*/basis.json")
    return frozenset(p.parent.name for p in rows if json.loads(p.read_bytes()).get("never"))
