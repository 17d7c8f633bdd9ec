"""
The portable profile, checked on syntax trees that ``opa parse`` writes.

What several engines answer alike is less than what each of them accepts. Every rule here
was learnt from an answer that differed, or from a cost that did:

* no built-in that an engine lacks, or that reads clock, network, environment or chance;
* no ``rego.metadata``, no ``print``, ``trace`` or, outside tests, ``with``;
* no variable inside a path of rules;
* no ``not`` inside ``every``: regopy takes it for true; name a helper;
* no negated call or ``in`` whose operand is looked up in ``input`` or ``data``: undefined
  there means something else on each engine;
* values of other packages by their full path: through an import the interpreter evaluates
  the whole package, and has answered a function in it wrongly;
* tables read whole, once per package (``_basis := data.basis``): each look-up is dear;
* no local variable with the name of a rule or an import of its file;
* no number with a fraction.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Finding", "lint_policies", "lint_tree"]

_FORBIDDEN = (
    "crypto.",
    "http.",
    "io.",
    "json.match_schema",
    "json.verify_schema",
    "net.",
    "opa.",
    "print",
    "rand.",
    "rego.",
    "strings.render_template",
    "time.",
    "trace",
    "units.",
    "uuid.",
    "walk",
    "lower",
    "upper",
    "trim_space",
)
_RULE_ROOTS = {"checks", "disclosure", "duty", "lib"}
_MEMBER = "internal.member_"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not portable: in which file and rule, and what."""

    path: str
    rule: str
    what: str


def lint_policies(directory: Path, opa: Path) -> tuple[Finding, ...]:
    """
    Check every rule file below a policies directory.

    Raises:
        subprocess.CalledProcessError: OPA cannot parse a file.
    """
    findings: list[Finding] = []
    for path in sorted(directory.rglob("*.rego")):
        parsed = subprocess.run(  # noqa: S603 - the program that make tools built
            [str(opa), "parse", "--format", "json", str(path)],
            check=True,
            capture_output=True,
        )
        findings += lint_tree(path.relative_to(directory).as_posix(), json.loads(parsed.stdout))
    return tuple(findings)


def lint_tree(path: str, tree: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Check one syntax tree as ``opa parse --format json`` writes it."""
    aliases = {_alias(i) for i in tree.get("imports", ())} - {"rego", "v1"}
    rules = tree.get("rules", ())
    names = {r["head"]["ref"][0]["value"] for r in rules}
    test = path.endswith("_test.rego") or path.startswith("checks/")
    found: dict[tuple[str, str], None] = {}
    for rule in rules:
        name = rule["head"]["ref"][0]["value"]
        for what in _of_rule(rule, aliases, names, test=test):
            found[(name, what)] = None
    return tuple(Finding(path, rule, what) for rule, what in found)


def _of_rule(
    rule: Mapping[str, Any], aliases: set[str], names: set[str], *, test: bool
) -> Iterator[str]:
    operators = {id(ref): ref for ref in _operators(rule)}
    for node in _nodes(rule):
        kind = node.get("type")
        if kind == "ref":
            ref = _text(node["value"])
            yield from _of_ref(ref, aliases, is_call=id(node) in operators, test=test)
        if kind == "number" and not isinstance(node["value"], int):
            yield "a number with a fraction"
        if node.get("negated") and not test:
            yield from _of_negation(node)
        if _negated_for_every(node) and not test:
            yield "not inside every: name a helper rule"
        if "with" in node and not test:
            yield "with outside a test"
    for operator in operators.values():
        called = ".".join(_text(operator["value"]))
        if called.startswith(_FORBIDDEN) and called.split(".")[0] not in aliases:
            yield f"{called} is not portable"
    for name in sorted(_locals(rule) & (names | aliases)):
        yield f"the local variable {name} has the name of a rule or an import"


def _of_ref(ref: Sequence[str], aliases: set[str], *, is_call: bool, test: bool) -> Iterator[str]:
    head, *rest = ref
    if head in aliases and rest and not is_call:
        yield f"{'.'.join(ref)} is a value of another package: use its full path"
    if head != "data" or not rest:
        return
    if rest[0] in _RULE_ROOTS and "$" in rest[:-1]:
        yield f"{'.'.join(ref)} has a variable inside a path of rules"
    if rest[0] not in _RULE_ROOTS and len(rest) > 1 and not test:
        yield f"{'.'.join(ref)} looks into a table: read the table whole, once per package"


def _of_negation(node: Mapping[str, Any]) -> Iterator[str]:
    terms = node["terms"]
    if not isinstance(terms, list):
        return
    operator, *operands = terms
    for operand in operands:
        if operand.get("type") == "ref" and operand["value"][0]["value"] in {"input", "data"}:
            called = ".".join(_text(operator["value"]))
            called = "in" if called.startswith(_MEMBER) else called
            yield f"not {called}(…) looks up {'.'.join(_text(operand['value']))}: bind it first"


def _negated_for_every(node: Mapping[str, Any]) -> bool:
    """Whether a node is ``every`` with a negated expression in its body."""
    terms = node.get("terms")
    body = terms.get("body", ()) if isinstance(terms, dict) else ()
    return any(inner.get("negated") for inner in _nodes(list(body)))


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key not in {"annotations", "location"}:
                yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _operators(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the references that are called, not looked up."""
    for node in _nodes(rule):
        if node.get("type") == "call":
            yield node["value"][0]
        elif isinstance(terms := node.get("terms"), list):
            yield terms[0]


def _locals(rule: Mapping[str, Any]) -> set[str]:
    """Return the names that a rule declares: arguments, ``some`` and ``:=``."""
    found = {n["value"] for n in _nodes(rule["head"].get("args", ())) if n.get("type") == "var"}
    for node in _nodes(rule):
        terms = node.get("terms")
        if isinstance(terms, dict) and "symbols" in terms:
            for symbol in terms["symbols"]:
                declared = symbol["value"][1:-1] if symbol.get("type") == "call" else [symbol]
                found |= {n["value"] for n in _nodes(declared) if n.get("type") == "var"}
        elif isinstance(terms, list) and _text(terms[0]["value"]) == ["assign"]:
            found |= {n["value"] for n in _nodes(terms[1]) if n.get("type") == "var"}
    return {name for name in found if not name.startswith("$")}


def _alias(statement: Mapping[str, Any]) -> str:
    return str(statement.get("alias") or statement["path"]["value"][-1]["value"])


def _text(ref: Any) -> list[str]:
    """Return a reference's parts; whatever is not a plain name is written ``$``."""
    if not isinstance(ref, list):
        return ["$"]
    head, *rest = ref
    plain = [str(p["value"]) if p.get("type") == "string" else "$" for p in rest]
    return [str(head.get("value")), *plain]
