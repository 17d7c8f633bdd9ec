"""
Small wrongs done to rules and tables on purpose, one at a time.

A mutant is a revision in which somebody forgot a condition, turned one round, mistook a word,
let a list grow, lost a stop or a duty. Whoever keeps the rules must notice each of them; what
nobody notices is a line that no test holds in place.

Places come from the syntax tree of the engine itself; the text in between stays as it is.
The engine counts in bytes, so that sources are cut as UTF-8.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regorus

__all__ = [
    "RuleMutant",
    "TableMutant",
    "nodes",
    "rule_mutants",
    "rules_of",
    "span_of",
    "table_mutants",
    "words_of",
]

# Tables that hold law; the others hold words, or what the municipality chose.
_LAW_TABLES = ("basis", "obligations", "stops")
# Columns that no rule reads.
_NOT_LAW = {"aliases"}
_COMPLEMENT = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_BORDER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_COMPARED = re.compile(rb"==|!=|<=|>=|<|>")


@dataclass(frozen=True, slots=True)
class RuleMutant:
    """
    One change to one rule.

    Attributes:
        path: The file, relative to the policies directory.
        rule: The rule's name.
        operator: What kind of wrong it is.
        before: The text that was there.
        after: The text that stands there now.
        lines: First and last line of the rule's definition that was changed.
        source: The whole file as it reads now.
    """

    path: str
    rule: str
    operator: str
    before: str
    after: str
    lines: tuple[int, int]
    source: str

    @property
    def id(self) -> str:
        """What an excuse names: it outlives a change elsewhere in the file."""
        return f"{self.path} {self.rule}: {self.operator}: {self.before} => {self.after}"


@dataclass(frozen=True, slots=True)
class TableMutant:
    """
    One change to one row of a table of law.

    Attributes:
        table: The table.
        row: The row, for example a basis.
        pointer: JSON Pointer of the member inside the table.
        operator: What kind of wrong it is.
        before: What was there, as JSON.
        after: What stands there now, as JSON.
    """

    table: str
    row: str
    pointer: str
    operator: str
    before: str
    after: str

    @property
    def id(self) -> str:
        """What an excuse names."""
        return f"{self.table} {self.pointer}: {self.operator}: {self.before} => {self.after}"

    def applied(self, tables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tables with this one member changed."""
        table = copy.deepcopy(tables[self.table])
        *path, last = self.pointer.removeprefix("/").split("/")
        parent = table
        for token in path:
            parent = parent[token]
        parent[last] = json.loads(self.after)
        return {**tables, self.table: table}


def rule_mutants(path: str, source: str, words: Sequence[str]) -> Iterator[RuleMutant]:
    """
    Yield every mutant of one rule file, each text once.

    Args:
        path: The file, relative to the policies directory.
        source: Its text.
        words: Constants of all rule files: a word is mistaken for its neighbour among those
            that are written alike.

    Raises:
        RuntimeError: The engine cannot parse the file.
    """
    raw = source.encode()
    seen = {raw}
    for name, span, rule in rules_of(path, source):
        lines = (raw.count(b"\n", 0, span[0]) + 1, raw.count(b"\n", 0, span[1]) + 1)
        changes = [*_clauses(path, name, rule, raw), *_inner(rule, raw, words)]
        for operator, (start, end), text in changes:
            mutated = raw[:start] + text + raw[end:]
            if mutated not in seen:
                seen.add(mutated)
                before, after = _shown(raw, (start, end), span, text)
                yield RuleMutant(path, name, operator, before, after, lines, mutated.decode())


def words_of(sources: Mapping[str, str]) -> tuple[str, ...]:
    """Return every word that the rules write as a constant, sorted."""
    found = {
        node["value"]
        for path, source in sources.items()
        for _, _, rule in rules_of(path, source)
        for kind, node in nodes(rule)
        if kind == "String"
    }
    return tuple(sorted(found))


def table_mutants(tables: Mapping[str, Any], rules: str) -> Iterator[TableMutant]:
    """
    Yield every mutant of the tables of law: members lost, gained, truth values turned.

    Args:
        tables: The tables.
        rules: The text of all rules: a truth value that none of them names is the gateway's.
    """
    for name in _LAW_TABLES:
        table = tables[name]
        known: dict[str, dict[str, None]] = {}
        for pointer, value in _table_leaves(table, ""):
            if isinstance(value, list):
                known.setdefault(_column(pointer), {}).update(dict.fromkeys(value))
        for pointer, value in _table_leaves(table, ""):
            row, column = pointer.split("/")[1], pointer.rsplit("/", 1)[-1]
            if column in _NOT_LAW or (isinstance(value, bool) and f".{column}" not in rules):
                continue
            for operator, after in _member_changes(value, tuple(known.get(_column(pointer), ()))):
                before, now = (json.dumps(v, ensure_ascii=False) for v in (value, after))
                yield TableMutant(name, row, pointer, operator, before, now)


# Tables: lists of words and truth values.


def _table_leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _table_leaves(inner, f"{pointer}/{key}")
    elif isinstance(value, bool) or (
        isinstance(value, list) and all(isinstance(v, str) for v in value)
    ):
        yield pointer, value


def _column(pointer: str) -> str:
    return pointer.rsplit("/", 1)[-1] if pointer.count("/") > 1 else pointer


def _member_changes(value: Any, known: Sequence[str]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield "swap_constant", not value
        return
    for gone in value:
        yield "narrow_list", [v for v in value if v != gone]
    for more in sorted(set(known) - set(value)):
        yield "widen_list", sorted([*value, more])


# Rules: the syntax tree of the engine, as {"Variant": node}.


def rules_of(path: str, source: str) -> Iterator[tuple[str, tuple[int, int], Any]]:
    """
    Yield every rule of a file: its name, its place in bytes, its syntax tree.

    Raises:
        RuntimeError: The engine cannot parse the file.
    """
    engine = regorus.Engine()
    engine.add_policy(path, source)
    (module,) = json.loads(engine.get_ast_as_json())
    for rule in module["ast"]["rules"]:
        ((_, content),) = rule.items()
        yield _name(content), span_of(content), _with_quotes(rule)


def _name(rule: Mapping[str, Any]) -> str:
    head = rule["refr"] if "refr" in rule else next(iter(rule["head"].values()))["refr"]
    for kind, node in nodes(head):
        if kind == "Var":
            return str(node["value"])
    return "?"


def span_of(node: Mapping[str, Any]) -> tuple[int, int]:
    """Return where a node begins and ends, in bytes."""
    return node["span"]["start"], node["span"]["end"]


def nodes(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every node with the name of its variant, outer ones first."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key[:1].isupper() and isinstance(inner, dict):
                yield key, inner
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def _with_quotes(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Return the rule with whole spans.

    The engine leaves the quotes out of the span of a text, and out of the span of whatever
    begins or ends with one.
    """
    spans = [span_of(node) for kind, node in nodes(rule) if kind in {"String", "RawString"}]
    starts, ends = {s for s, _ in spans}, {e for _, e in spans}

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return [whole(v) for v in value]
        if not isinstance(value, dict):
            return value
        if {"start", "end"} <= value.keys():
            start, end = value["start"], value["end"]
            return {**value, "start": start - (start in starts), "end": end + (end in ends)}
        return {k: whole(v) for k, v in value.items()}

    widened: Mapping[str, Any] = whole(rule)
    return widened


def _clauses(
    path: str, name: str, rule: Mapping[str, Any], raw: bytes
) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    """Yield the rule with one of its bodies never true."""
    ((kind, content),) = rule.items()
    if kind != "Spec":
        return
    operator = "drop_rule"
    if path.startswith("disclosure/stop/") and name == "hits":
        operator = "drop_stop"
    elif name == "due":
        operator = "drop_duty"
    bodies = [b for b in content["bodies"] if b["query"]["stmts"]]
    for body in bodies:
        query, first = body["query"], body["query"]["stmts"][0]
        start, end = span_of(first)
        if raw[query["span"]["start"] : start].lstrip().startswith(b"{"):
            yield operator, (start, start), b"false\n\t"
        else:
            yield operator, (start, end), b"{ false; " + raw[start:end] + b" }"
    if not bodies:
        end = span_of(content)[1]
        yield operator, (end, end), b" if false"


def _inner(
    rule: Mapping[str, Any], raw: bytes, words: Sequence[str]
) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    for kind, node in nodes(rule):
        if kind == "Membership":
            yield "widen_set", span_of(node), b"true"
        if kind in {"Set", "Array"}:
            yield from _of_collection(node, raw, words)
        if kind == "BoolExpr":
            yield from _of_comparison(node, raw, _BORDER, "shift_border")
        if kind in {"BinExpr", "ArithExpr"}:
            yield from _of_sets(node, raw)
        if kind in {"String", "Number", "Bool", "True", "False"}:
            yield from _of_constant(kind, node, raw, words)
    for statement in _statements(rule):
        yield from _of_statement(statement, raw)


def _statements(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield from value.get("stmts", ())
        for inner in value.values():
            yield from _statements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _statements(inner)


def _of_statement(
    statement: Mapping[str, Any], raw: bytes
) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    ((kind, literal),) = statement["literal"].items()
    start, end = span_of(statement)
    text = raw[start:end]
    if kind == "Every":
        yield "drop_condition", (start, end), b"true"
    if kind == "NotExpr":
        yield "drop_condition", (start, end), b"true"
        yield "negate_condition", (start, end), text.removeprefix(b"not ")
    if kind != "Expr":
        return
    ((expression, node),) = literal["expr"].items()
    if expression == "AssignExpr":
        return
    yield "drop_condition", (start, end), b"true"
    if expression == "BoolExpr":
        yield from _of_comparison(node, raw, _COMPLEMENT, "negate_condition")
    else:
        yield "negate_condition", (start, end), b"not " + text


def _of_comparison(
    node: Mapping[str, Any], raw: bytes, others: Mapping[str, str], operator: str
) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    # The operator stands between the two sides; a side's own end may lack a bracket.
    start = _first_span(node["lhs"])[1]
    found = _COMPARED.search(raw, start, _first_span(node["rhs"])[0])
    if found and (other := others.get(found[0].decode())):
        yield operator, found.span(), other.encode()


def _of_sets(node: Mapping[str, Any], raw: bytes) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    """Yield the operation without its right side, and an intersection as a union."""
    (left, right), whole = (_first_span(node[side]) for side in ("lhs", "rhs")), span_of(node)
    yield "drop_operand", whole, raw[whole[0] : left[1]]
    between = raw[left[1] : right[0]]
    if between.count(b"&") == 1:
        at = left[1] + between.index(b"&")
        yield "widen_set", (at, at + 1), b"|"


def _first_span(expression: Mapping[str, Any]) -> tuple[int, int]:
    ((_, node),) = expression.items()
    return span_of(node)


def _of_collection(
    node: Mapping[str, Any], raw: bytes, words: Sequence[str]
) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    items = [next(iter(i.items())) for i in node.get("items", ())]
    if not items or any(kind != "String" for kind, _ in items):
        return
    start, end = span_of(node)
    texts = [str(item["value"]) for _, item in items]
    opening, closing = raw[start : start + 1], raw[end - 1 : end]
    other = _neighbour(texts[-1], words, texts)
    wholes = [("widen_set", [*texts, other])]
    if len(texts) > 1:
        wholes += [("narrow_set", [t for t in texts if t != gone]) for gone in texts]
    for operator, members in wholes:
        inside = ", ".join(json.dumps(m, ensure_ascii=False) for m in members)
        yield operator, (start, end), opening + inside.encode() + closing


def _of_constant(
    kind: str, node: Mapping[str, Any], raw: bytes, words: Sequence[str]
) -> Iterator[tuple[str, tuple[int, int], bytes]]:
    start, end = span_of(node)
    text = raw[start:end]
    if kind == "String":
        other = _neighbour(str(node["value"]), words, ())
        yield "swap_constant", (start, end), text[:1] + other.encode() + text[-1:]
    elif text in {b"true", b"false"}:
        yield "swap_constant", (start, end), b"false" if text == b"true" else b"true"
    elif text.isdigit():
        yield "swap_constant", (start, end), str(int(text) + 1).encode()


def _neighbour(word: str, words: Sequence[str], taken: Sequence[str]) -> str:
    """Return the next word that is written alike: a code for a code, an id for an id."""
    alike = [w for w in words if w.isupper() == word.isupper() and bool(w) == bool(word)]
    after = [w for w in alike if w > word] + [w for w in alike if w < word]
    return next((w for w in after if w != word and w not in taken and "%" not in w), word + "x")


def _shown(
    raw: bytes, changed: tuple[int, int], rule: tuple[int, int], text: bytes
) -> tuple[str, str]:
    """Return what was there and what is, with enough around it to be found again."""
    if changed == (rule[1], rule[1]):
        first = raw[rule[0] : rule[1]].split(b"\n", 1)[0].decode()
        return first, f"{first} …{text.decode()}"
    start = max(rule[0], raw.rfind(b"\n", 0, changed[0]) + 1)
    line_end = raw.find(b"\n", changed[1])
    end = min(rule[1], line_end if line_end >= 0 else len(raw))
    end = max(end, changed[1])
    before = raw[start:end]
    after = raw[start : changed[0]] + text + raw[changed[1] : end]
    return " ".join(before.decode().split()), " ".join(after.decode().split())
