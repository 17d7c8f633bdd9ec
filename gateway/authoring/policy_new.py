"""
A skeleton for a new rule, which no gate lets through before somebody has read the law.

Whatever has to be filled in says ``未記入``, or is an empty list or a day that does not exist;
building a bundle names each place by file and line.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gateway.policy.gates import UNFILLED
from gateway.policy.rejection import RevisionRejected

__all__ = ["KINDS", "new_rule"]

KINDS: Final = ("basis", "stop", "obligation")

_ID: Final = re.compile(r"[a-z][a-z0-9_]{2,59}")
_NO_DAY: Final = "0000-00-00"
_DAY: Final = re.compile(r"\^\[0-9\]")

_HEAD: Final = """\
# METADATA
# title: {unfilled}
# description: {unfilled}
# related_resources:
#   - ref: {unfilled}
# custom:
#   code: {id}
#   article: "{unfilled}"
#   title_ja: "{unfilled}"
#   title_en: "{unfilled}"
{dated}package disclosure.{kind}.{id}

import rego.v1

"""
_DATED: Final = '#   effective_from: "0000-00-00"\n'
_BODIES: Final = {
    "basis": """\
import data.lib.registry
import data.lib.result

# METADATA
# title: {unfilled}
# description: {unfilled}
hits contains result.ground("{id}", s, fields, []) if {{
	some s in {{s | some f in data.lib.facts.fields; some s in f.about}}
	data.lib.facts.asserted.unfilled == true
	fields := sort(registry.within_class("{id}"))
	count(fields) > 0
}}

# METADATA
# title: Why there is no such ground
# description: {unfilled}
reasons contains result.against("{id}", "NO_BASIS", "", [], []) if count(hits) == 0
""",
    "stop": """\
import data.lib.result

# METADATA
# title: {unfilled}
# description: {unfilled}
# related_resources:
#   - ref: {unfilled}
# custom:
#   code: {code}
#   article: "{unfilled}"
#   title_ja: "{unfilled}"
#   title_en: "{unfilled}"
#   next_step_ja: "{unfilled}"
#   next_step_en: "{unfilled}"
#   side: controller
#   lawful_alternatives: []
hits contains result.stop_fields("{id}", "{code}", fields, []) if {{
	fields := sort({{f.id | some f in data.lib.facts.fields; "{unfilled}" in f.classes}})
	count(fields) > 0
}}
""",
    "obligation": """\
import data.lib.result

# METADATA
# title: {unfilled}
# description: {unfilled}
due contains result.duty("{id}", {{}}, null)
""",
}
_TEST: Final = """\
package disclosure.{kind}.{id}_test

import rego.v1

import data.checks.cast

inputs := {{"known": cast.known("{id}")}}

{tests}
"""
_TESTS: Final = {
    "basis": """\
test_fields_pass if cast.permits(inputs.known, "{id}")

# {unfilled}: one test for each condition that is absent, null or malformed.
test_no_ground_without_it if false""",
    "stop": """\
test_stop_refuses if cast.refuses(inputs.known, "{code}")

# {unfilled}: one test for each condition that is absent, null or malformed.
test_stop_stays_silent_without_it if false""",
    "obligation": """\
test_permit_brings_the_duty if cast.owes(inputs.known, "{id}")

# {unfilled}: when it is due.
test_duty_is_due if false""",
}


def new_rule(directory: Path, kind: str, id_: str) -> tuple[Path, ...]:
    """
    Write the skeleton of a rule below a policies directory.

    Args:
        directory: The policies directory.
        kind: ``basis``, ``stop`` or ``obligation``.
        id_: Its id: lower case, digits and underscores; of a stop it begins with ``stop_``.

    Returns:
        The files that were written.

    Raises:
        RevisionRejected: The id has another form, or something has it already. Nothing is
            written then.
        OSError: A file cannot be written.
    """
    _check_id(directory, kind, id_)
    home = directory / "disclosure" / kind / id_
    words = {
        "id": id_,
        "kind": kind,
        "code": id_.removeprefix("stop_").upper(),
        "unfilled": UNFILLED,
        "dated": "" if kind == "obligation" else _DATED,
    }
    tests = _TESTS[kind].format(**words)
    files = {
        f"{id_}.rego": (_HEAD + _BODIES[kind]).format(**words),
        f"{id_}_test.rego": _TEST.format(**words, tests=tests),
        "cases.json": _json({"cases": [_case(kind, id_)]}),
    }
    if kind == "basis":
        schema = json.loads((directory / "disclosure/basis/schema.json").read_text("utf-8"))
        files["basis.json"] = _json(_unfilled(schema))
    home.mkdir()
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
    return tuple(home / name for name in files)


def _check_id(directory: Path, kind: str, id_: str) -> None:
    finding = ""
    taken = [p for k in KINDS for p in (directory / "disclosure" / k / id_,) if p.exists()]
    if not _ID.fullmatch(id_):
        finding = f"{id_!r}: an id is lower case letters, digits and _, 3 to 60 of them"
    elif (kind == "stop") != id_.startswith("stop_"):
        finding = f"{id_}: the ids of stops, and no others, begin with stop_"
    elif taken:
        finding = f"{taken[0].relative_to(directory)} is there already"
    elif (directory / "lib" / id_).exists() or id_ == "main":
        finding = f"{id_}: a package of lib has this name"
    if finding:
        raise RevisionRejected([finding])


def _case(kind: str, id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "rule": id_,
        "title_ja": UNFILLED,
        "changes": {},
        "expect": {
            "outcome": "deny" if kind == "stop" else "permit",
            "permitted": [],
            "bases": [id_] if kind == "basis" else [],
            "stops": [id_] if kind == "stop" else [],
        },
    }


def _unfilled(schema: Mapping[str, Any]) -> Any:
    """Return a value of a schema that says nothing yet; the strictest where it has to choose."""
    if "anyOf" in schema or schema.get("type") == ["null", "string"]:
        return None
    if "enum" in schema:
        return schema["enum"][-1]  # of ``verified`` the least: from memory
    kind = schema["type"]
    if kind == "object":
        wanted = schema.get("required", ())
        return {name: _unfilled(schema["properties"][name]) for name in sorted(wanted)}
    if kind == "string":
        return _NO_DAY if _DAY.match(schema.get("pattern", "")) else UNFILLED
    return {"array": [], "boolean": False, "integer": 0}[kind]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
