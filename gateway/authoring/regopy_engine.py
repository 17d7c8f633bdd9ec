"""
A third engine for comparison: ``regopy`` (rego-cpp), which nothing else shares code with.

It decides nothing. It runs in a process of its own with an empty environment, because
``opa.runtime()`` gives a policy the environment there, and it is asked through a bundle that
is built once, because a plain query compiles everything anew.

Three things that the other engines read, version 1.5.2 does not. They are spelled otherwise for
it, and mean the same:

* Two functions of one name in different packages: its compiler keeps the names of arguments by
  the bare name. With other names an argument is undefined in one of them; with fewer it reads
  beyond the list (valgrind: invalid read in its pass ``rules``), and crashes or plans
  nonsense. Each function is given its package as a suffix.
* A function that uses an argument only inside a comprehension: the comprehension is evaluated
  before the argument is there, so that the first call sees nothing and the second call the
  first one's. Its body begins by naming its arguments.
* ``some key, value in`` straight inside an array or set comprehension: ``Invalid collection``.
  It becomes ``some key`` and an assignment.
"""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.authoring.engines import Ask
from gateway.authoring.mutation import nodes, rules_of, span_of
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle

__all__ = ["regopy_asking", "respelled"]

_END_S: Final = 10.0
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
    raw = source.encode()
    packages = {package.rsplit(".", 1)[-1]: package for package in _IMPORT.findall(source)}
    packages[""] = package_of(source)
    changes: dict[tuple[int, int], bytes] = {}
    for _, _, rule in rules_of(path, source):
        for kind, node in nodes(rule):
            if kind in {"Func", "Call"}:
                name = node["refr" if kind == "Func" else "fcn"]
                changes |= _renamed(name, packages, functions)
            if kind in {"ArrayCompr", "SetCompr"}:
                changes |= dict(_pairs_apart(node, raw))
        changes |= dict(_arguments_first(rule, raw))
    for (start, end), text in sorted(changes.items(), reverse=True):
        raw = raw[:start] + text + raw[end:]
    return raw.decode()


def _renamed(
    name: Mapping[str, Any], packages: Mapping[str, str], functions: set[tuple[str, str]]
) -> dict[tuple[int, int], bytes]:
    """Give a function, where it is defined or called, the name of its package."""
    *room, function = _dotted(name)
    whole = room[:1] == ["data"]
    package = ".".join(room[1:]) if whole else packages.get(".".join(room), "")
    if (package, function) not in functions:
        return {}
    end = span_of(next(iter(name.values())))[1]
    return {(end, end): f"__{package.replace('.', '_')}".encode()}


def _dotted(name: Mapping[str, Any]) -> list[str]:
    ((kind, node),) = name.items()
    if kind == "Var":
        return [str(node["value"])]
    if kind == "RefDot":
        return [*_dotted(node["refr"]), str(node["field"][1])]
    return ["", ""]


def _arguments_first(
    rule: Mapping[str, Any], raw: bytes
) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Name the arguments of a function at the beginning of each of its bodies."""
    content = next(iter(rule.values()))
    function = content.get("head", {}).get("Func")
    if function is None or not any("Compr" in kind for kind, _ in nodes(rule)):
        return
    named = [a["Var"]["value"] for a in function["args"] if "Var" in a]
    first = "; ".join(f"{name} == {name}" for name in named if name != "_").encode()
    if not first:
        return
    bodies = [b for b in content["bodies"] if b["query"]["stmts"]]
    for body in bodies:
        query, statement = span_of(body["query"]), span_of(body["query"]["stmts"][0])
        if raw[query[0] : statement[0]].lstrip().startswith(b"{"):
            yield (statement[0], statement[0]), first + b"; "
        else:
            yield (statement[0], statement[0]), b"{ " + first + b"; "
            yield (statement[1], statement[1]), b" }"
    if not bodies:
        end = span_of(content)[1]
        yield (end, end), b" if { " + first + b" }"


def _pairs_apart(
    comprehension: Mapping[str, Any], raw: bytes
) -> Iterator[tuple[tuple[int, int], bytes]]:
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
