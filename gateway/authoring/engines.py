"""
One way to ask any engine anything: a path of rules and an input, the value in return.

For authors and tests alone. What an engine leaves undefined is ``None``.
"""

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson
import regorus

from gateway.authoring.opa_server import opa_serving
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle
from gateway.policy.interpreter import UNDEFINED, engine_for, guarded

__all__ = ["ENGINES", "Ask", "asking"]

# Return the value of ``data.<path>`` for an input.
Ask: TypeAlias = "Callable[[str, Mapping[str, Any]], Any]"

ENGINES: Final = ("interpreter", "compiled", "opa")
_TIMEOUT_S: Final = 30.0


@contextlib.contextmanager
def asking(
    engine: str, bundle: PolicyBundle, paths: Iterable[str], *, opa: Path | None = None
) -> Iterator[Ask]:
    """
    Yield what asks one engine about one revision.

    Args:
        engine: One of :data:`ENGINES`.
        bundle: The revision.
        paths: Every path that will be asked; the compiled evaluator has to know them.
        opa: The OPA program, where OPA is asked.

    Raises:
        PolicyUnavailable: There is no such engine here, or it does not load the rules.
    """
    if engine == "interpreter":
        yield _interpreter(bundle)
    elif engine == "compiled":
        yield _compiled(bundle, paths)
    elif engine == "opa" and opa is not None:
        with opa_serving(opa, bundle.archive) as port:
            yield _server(port)
    else:
        raise PolicyUnavailable(f"there is no engine {engine} here; for OPA run `make tools`")


def _interpreter(bundle: PolicyBundle) -> Ask:
    engine = engine_for(bundle.modules, bundle.data_json)

    def ask(path: str, policy_input: Mapping[str, Any]) -> Any:
        with guarded():
            engine.set_input_json(orjson.dumps(policy_input).decode())
            return _defined(engine.eval_rule_as_json(f"data.{path}"))

    return ask


def _compiled(bundle: PolicyBundle, paths: Iterable[str]) -> Ask:
    with guarded():
        program = regorus.Program.compile_from_modules(
            bundle.data_json, list(bundle.modules.items()), [f"data.{p}" for p in paths]
        )
        vm = regorus.Rvm()
        vm.load_program(program)
        vm.set_data_json(bundle.data_json)

    def ask(path: str, policy_input: Mapping[str, Any]) -> Any:
        with guarded():
            vm.set_input_json(json.dumps(policy_input, ensure_ascii=False))
            return _defined(vm.execute_entry_point(f"data.{path}"))

    return ask


def _server(port: int) -> Ask:
    def ask(path: str, policy_input: Mapping[str, Any]) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/data/{path.replace('.', '/')}",
            data=orjson.dumps({"input": policy_input}),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - loopback
                return orjson.loads(answer.read()).get("result")
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise PolicyUnavailable("OPA gave no usable answer") from error

    return ask


def _defined(said: str) -> Any:
    value = orjson.loads(said)
    return None if value == UNDEFINED else value
