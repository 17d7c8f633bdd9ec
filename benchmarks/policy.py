"""
What one decision costs: inside the process, and asked of a real OPA over HTTP.

Both decide the same question by the same bundle, taking turns, so that both meet the same
machine. OPA is asked with the leanest client there is, one connection that is kept; the ratio
is therefore the most that the network and another process cost, not what a library adds.

``python -m benchmarks.policy`` measures this alone and prints it.
"""

import http.client
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson

from benchmarks.servers import ROOT
from gateway.authoring.opa_server import find_opa, opa_serving
from gateway.policy.bundle import ENTRYPOINT, PolicyBundle, build_bundle
from gateway.policy.cases import read_cases
from gateway.policy.composition import GENERATED, generated_main
from gateway.policy.confirmed import ConfirmedPolicy
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy

__all__ = ["measure_policy"]

_BYTES: Final = 4096
_WARM: Final = 20
_FEW: Final = 10
_CASE: Final = "consent_private"
_PACK: Final = "default"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question and how big it is."""

    question: dict[str, Any]
    size: int


def measure_policy(policies: Path, opa: Path, *, times: int = 300) -> dict[str, Any]:
    """
    Return what a decision costs, milliseconds, medians.

    Args:
        policies: The policies directory.
        opa: The OPA program.
        times: How often each is asked.
    """
    contract = PolicyContract.read(ROOT / "schemas")
    bundle = build_bundle(policies)
    asked = _question(policies, contract)
    embedded = EmbeddedPolicy(bundle, contract)
    with opa_serving(opa, bundle.archive) as port:
        here, there = _in_turns(embedded, _Server(port), asked.question, times)
    return {
        "input_bytes": asked.size,
        "bases": len(bundle.data["basis"]),
        "embedded_ms": round(here, 3),
        "opa_http_ms": round(there, 3),
        "ratio": round(here / there, 3),
        "growth": _growth(policies, contract, times),
        "build_bundle_ms": round(_once(lambda: build_bundle(policies), 5), 1),
        "load_and_first_decision_ms": round(_once(lambda: _first(bundle, asked.question), 5), 1),
    }


class _Server:
    """One kept connection to an OPA server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._path = f"/v1/{ENTRYPOINT.replace('.', '/')}"

    def decide(self, question: dict[str, Any]) -> Any:
        """Return the decision as OPA says it."""
        headers = {"content-type": "application/json"}
        self._connection.request("POST", self._path, orjson.dumps({"input": question}), headers)
        return orjson.loads(self._connection.getresponse().read())["result"]


def _question(policies: Path, contract: PolicyContract) -> _Asked:
    """Return the permitted case whose input is nearest to four kilobytes."""
    sizes = [
        _Asked(dict(case.policy_input), len(orjson.dumps(case.policy_input)))
        for case in read_cases(policies)
        if case.outcome == "permit" and contract.question.is_valid(case.policy_input)
    ]
    return min(sizes, key=lambda asked: abs(asked.size - _BYTES))


def _in_turns(
    embedded: EmbeddedPolicy, server: _Server, question: dict[str, Any], times: int
) -> tuple[float, float]:
    assert embedded.decide_now(question).decision == server.decide(question)
    here, there = [], []
    for turn in range(_WARM + times):
        one = _timed(lambda: embedded.decide_now(question))
        other = _timed(lambda: server.decide(question))
        if turn >= _WARM:
            here.append(one)
            there.append(other)
    return median(here), median(there)


def _growth(policies: Path, contract: PolicyContract, times: int) -> list[dict[str, Any]]:
    """Return what one question costs with one basis, with ten, and with all."""
    question = next(dict(c.policy_input) for c in read_cases(policies) if c.id == _CASE)
    every = sorted(build_bundle(policies).data["basis"], key=lambda b: (b != _CASE, b))
    sizes = sorted({1, min(_FEW, len(every)), len(every)})
    engines = {n: EmbeddedPolicy(_with_bases(policies, every[:n]), contract) for n in sizes}
    taken: dict[int, list[float]] = {n: [] for n in sizes}
    for turn in range(_WARM + times):
        for n, embedded in engines.items():
            took = _timed(lambda decide=embedded.decide_now: decide(question))
            if turn >= _WARM:
                taken[n].append(took)
    assert {"permit"} == {e.decide_now(question).decision["outcome"] for e in engines.values()}
    return [{"bases": n, "embedded_ms": round(median(taken[n]), 3)} for n in sizes]


def _with_bases(policies: Path, kept: Sequence[str]) -> PolicyBundle:
    """Build the revision that has only some of the bases."""
    with tempfile.TemporaryDirectory(prefix="tasuki-bench-") as directory:
        copy = Path(shutil.copytree(policies, Path(directory) / "policies"))
        for room in (copy / "disclosure/basis").iterdir():
            if room.is_dir() and room.name not in kept:
                shutil.rmtree(room)
        for pack in (copy / "data/packs").iterdir():
            # Packs of municipalities name bases one by one; the default enables what there is.
            if pack.is_dir() and pack.name != _PACK:
                shutil.rmtree(pack)
        (copy / GENERATED).write_text(generated_main(copy), encoding="utf-8")
        return build_bundle(copy)


def _first(bundle: PolicyBundle, question: dict[str, Any]) -> None:
    ConfirmedPolicy.of(bundle.modules, bundle.data_json).said(question)


def _once(work: Callable[[], object], times: int) -> float:
    work()
    return median(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def main() -> int:
    """Measure and print."""
    opa = find_opa(ROOT)
    if opa is None:
        print("no OPA binary: run `make tools`")
        return 1
    print(json.dumps(measure_policy(ROOT / "policies", opa), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
