"""
A third engine for comparison: ``regopy`` (rego-cpp), which nothing else shares code with.

It decides nothing. It runs in a process of its own with an empty environment, because
``opa.runtime()`` gives a policy the environment there, and it is asked through a bundle that
is built once, because a plain query compiles everything anew.

What the other engines take as it is, version 1.5.2 does not. It is spelled otherwise for it,
and means the same:

* Two functions of one name in different packages: its compiler keeps the names of arguments by
  the bare name. With other names an argument is undefined in one of them; with fewer it reads
  beyond the list (valgrind: invalid read in its pass ``rules``), and crashes or plans
  nonsense. Each function is given its package as a suffix.
* An argument of a function: used only inside a comprehension, the comprehension is evaluated
  before the argument is there, so that the first call sees nothing and the second call the first
  one's; used there to look into a table, it is taken for any key; used so elsewhere, the whole
  table is gone through, seconds for a refusal with many reasons. Each body, and each query
  inside it, begins by giving the arguments names of its own.
* A table that a package reads whole under a name of its own (``_meta := data.meta``) is copied
  at each use, seconds for a refusal with many reasons: the table is named where it is used.
* A text that a comprehension makes out of nothing but a condition (``{"a" | b}``) keeps its
  quotes, which ``sprintf`` shows: it becomes a member of a list.
* ``some key, value in`` straight inside an array or set comprehension: ``Invalid collection``.
  It becomes ``some key`` and an assignment.
"""

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import orjson

from gateway.authoring.engines import Ask
from gateway.authoring.mutation import nodes, rules_of, span_of
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle

__all__ = ["regopy_asking", "respelled"]

_Change: TypeAlias = tuple[tuple[int, int], bytes]

_END_S: Final = 10.0
# Ends the name under which a function keeps an argument.
_OWN: Final = "__own"
_PACKAGE: Final = re.compile(r"^package (\S+)", re.MULTILINE)
_IMPORT: Final = re.compile(r"^import data\.(\S+)$", re.MULTILINE)


@contextlib.contextmanager
def regopy_asking(bundle: PolicyBundle, path: str) -> Iterator[Ask]:
    """
    Yield what asks regopy for the value of one path.

    Raises:
        PolicyUnavailable: It is not installed, or does not build the rules.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.authoring.regopy_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": ":".join(p for p in sys.path if p)},
    )

    def answer(question: object) -> Any:
        assert process.stdin is not None  # noqa: S101 - as opened above
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(orjson.dumps(question) + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError as error:
            raise PolicyUnavailable("regopy has ended") from error
        if not line:
            raise PolicyUnavailable(f"regopy has ended with {process.poll()}")
        said = orjson.loads(line)
        if "error" in said:
            raise PolicyUnavailable(f"regopy: {said['error']}")
        return said["value"]

    def ask(asked: str, policy_input: Mapping[str, Any]) -> Any:
        if asked != path:
            raise PolicyUnavailable(f"regopy was not built for {asked}")
        return answer(policy_input)

    try:
        modules = respelled(bundle.modules)
        answer({"modules": modules, "data": bundle.data_json, "path": path.replace(".", "/")})
        yield ask
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_END_S)
        process.kill()
        process.wait()


def respelled(modules: Mapping[str, str]) -> dict[str, str]:
    """Return rules that mean the same and that regopy can read."""
    functions = {
        (package_of(source), head["Func"]["refr"]["Var"]["value"])
        for path, source in modules.items()
        for _, _, rule in rules_of(path, source)
        if "Func" in (head := next(iter(rule.values())).get("head", {}))
    }
    return {path: _respelled(path, source, functions) for path, source in modules.items()}


def package_of(source: str) -> str:
    """Return the package of a module, for example ``lib.time``."""
    found = _PACKAGE.search(source)
    return found[1] if found else ""


def _respelled(path: str, source: str, functions: set[tuple[str, str]]) -> str:
    packages = {package.rsplit(".", 1)[-1]: package for package in _IMPORT.findall(source)}
    packages[""] = package_of(source)
    tables = dict(_tables(path, source))
    # One after the other: each reads the file as the one before has left it.
    for changes_of in (
        _all_pairs_apart,
        _arguments_renamed,
        lambda rule, _: _renamed(rule, packages, functions),
        lambda rule, _: _tables_named(rule, tables),
    ):
        source = _changed(path, source, changes_of)
    return source


def _changed(
    path: str, source: str, changes_of: Callable[[Mapping[str, Any], bytes], Iterable[_Change]]
) -> str:
    raw = source.encode()
    changes = [c for _, _, rule in rules_of(path, source) for c in changes_of(rule, raw)]
    for (start, end), text in sorted(set(changes), reverse=True):
        raw = raw[:start] + text + raw[end:]
    return raw.decode()


def _tables(path: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield the names under which a package reads whole tables, and the tables."""
    for name, _, rule in rules_of(path, source):
        head = next(iter(rule.values())).get("head", {}).get("Compr", {})
        assigned = (head.get("assign") or {}).get("value", {})
        if "RefDot" in assigned and (dotted := _dotted(assigned))[0] == "data":
            yield name, ".".join(dotted)


def _tables_named(rule: Mapping[str, Any], tables: Mapping[str, str]) -> Iterator[_Change]:
    """Name a table where it is used, under its own name."""
    head = span_of(next(iter(rule.values())))[0]
    for kind, node in nodes(rule):
        if kind == "Var" and node["value"] in tables and span_of(node)[0] != head:
            yield span_of(node), tables[node["value"]].encode()


def _renamed(
    rule: Mapping[str, Any], packages: Mapping[str, str], functions: set[tuple[str, str]]
) -> Iterator[_Change]:
    """Give functions, where they are defined or called, the name of their package."""
    for kind, node in nodes(rule):
        if kind not in {"Func", "Call"}:
            continue
        name = node["refr" if kind == "Func" else "fcn"]
        *room, function = _dotted(name)
        whole = room[:1] == ["data"]
        package = ".".join(room[1:]) if whole else packages.get(".".join(room), "")
        if (package, function) in functions:
            end = span_of(next(iter(name.values())))[1]
            yield (end, end), f"__{package.replace('.', '_')}".encode()


def _dotted(name: Mapping[str, Any]) -> list[str]:
    ((kind, node),) = name.items()
    if kind == "Var":
        return [str(node["value"])]
    if kind == "RefDot":
        return [*_dotted(node["refr"]), str(node["field"][1])]
    return ["", ""]


def _arguments_renamed(rule: Mapping[str, Any], raw: bytes) -> Iterator[_Change]:
    """Give the arguments of a function, in each of its bodies, names that it assigns itself."""
    content = next(iter(rule.values()))
    function = content.get("head", {}).get("Func")
    if function is None or any(not b["query"]["stmts"] for b in content["bodies"]):
        return
    own = [a["Var"] for a in function["args"] if "Var" in a and a["Var"]["value"] != "_"]
    names, places = {a["value"] for a in own}, {span_of(a) for a in own}
    if not names:
        return
    queries = [(span_of(n), n) for kind, n in nodes(rule) if kind == "Every" or _is_compr(kind)]
    needed: dict[int, dict[str, str]] = {}
    for kind, node in nodes(rule):
        if kind != "Var" or node["value"] not in names or span_of(node) in places:
            continue
        at = span_of(node)
        around = [(span, n) for span, n in queries if _lies_in(at, span, n)]
        if not around:
            yield at, f"{node['value']}{_OWN}".encode()
            continue
        # The innermost query is the one that ends first.
        (_, end), query = min(around, key=lambda one: one[0][1])
        inner = f"{node['value']}{_OWN}_{end}"
        start = span_of(query["query"]["stmts"][0])[0]
        needed.setdefault(start, {})[node["value"]] = inner
        yield at, inner.encode()
    for begin, owns in needed.items():
        assigned = "".join(f"{inner} := {name}; " for name, inner in sorted(owns.items()))
        yield (begin, begin), assigned.encode()
    first = "; ".join(f"{n} == {n}; {n}{_OWN} := {n}" for n in sorted(names)).encode()
    for body in content["bodies"]:
        query, statement = span_of(body["query"]), span_of(body["query"]["stmts"][0])
        if raw[query[0] : statement[0]].lstrip().startswith(b"{"):
            yield (statement[0], statement[0]), first + b"; "
        else:
            yield (statement[0], statement[0]), b"{ " + first + b"; "
            yield (statement[1], statement[1]), b" }"
    if not content["bodies"]:
        end = span_of(content)[1]
        yield (end, end), b" if { " + first + b" }"


def _all_pairs_apart(rule: Mapping[str, Any], raw: bytes) -> Iterator[_Change]:
    for kind, node in nodes(rule):
        if kind in {"ArrayCompr", "SetCompr"}:
            yield from _pairs_apart(node, raw)
            yield from _constant_apart(node, raw)


def _constant_apart(comprehension: Mapping[str, Any], raw: bytes) -> Iterator[_Change]:
    constant = comprehension["term"].get("String")
    if constant is None:
        return
    start, end = span_of(constant)
    name = f"constant__{end}"
    yield (start, end), name.encode()
    first = span_of(comprehension["query"]["stmts"][0])[0]
    yield (first, first), f"some {name} in [{raw[start:end].decode()}]; ".encode()


def _is_compr(kind: str) -> bool:
    return kind.endswith("Compr") and kind != "Compr"


def _lies_in(place: tuple[int, int], span: tuple[int, int], query: Mapping[str, Any]) -> bool:
    """Whether a name belongs to a query; what ``every`` goes through is asked outside of it."""
    domain = query.get("domain")
    if domain is not None and place[1] <= _outer(domain)[1]:
        return False
    return span[0] <= place[0] < span[1]


def _outer(expression: Mapping[str, Any]) -> tuple[int, int]:
    return span_of(next(iter(expression.values())))


def _pairs_apart(comprehension: Mapping[str, Any], raw: bytes) -> Iterator[_Change]:
    for statement in comprehension["query"]["stmts"]:
        some = statement["literal"].get("SomeIn")
        if some is None or some["key"] is None:
            continue
        key, value, collection = (
            raw[slice(*span_of(next(iter(some[part].values()))))].decode()
            for part in ("key", "value", "collection")
        )
        value = "value__" if value == "_" else value
        yield span_of(statement), f"some {key}; {value} := {collection}[{key}]".encode()
