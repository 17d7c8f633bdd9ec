"""
``python -m benchmarks``: measure, verify what was measured, write ``results/latest.json``.

Results are for a reader to judge. The command fails when something measured was not true: a
proof that does not verify, an answer other than expected, a log that its leaves do not lead to.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.checking import check_kept, check_log
from benchmarks.components import measure_components
from benchmarks.machine import describe
from benchmarks.policy import measure_policy
from benchmarks.rounds import Contest, Measured, ask_gateway, ask_rival, steps
from benchmarks.servers import ROOT, Server, Tasuki, rival, tasuki
from gateway.authoring.opa_server import find_opa, opa_serving
from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from tests.simulators.postgres_server import PostgresServer

RESULTS: Final = ROOT / "benchmarks/results/latest.json"
RATE: Final = 150
_PERSONS: Final = 100
_PDPS: Final = ("embedded", "opa")


@dataclass(frozen=True, slots=True)
class _Effort:
    """How long is measured: rounds, seconds a slot and at a fixed rate, callers, decisions."""

    rounds: int
    seconds: float
    at_rate_s: float
    callers: tuple[int, ...] = (1, 8, 32)
    decisions: int = 300


_SHORT: Final = _Effort(rounds=5, seconds=2.5, at_rate_s=10.0)
_LONG: Final = _Effort(rounds=5, seconds=15.0, at_rate_s=60.0)
_GLANCE: Final = _Effort(rounds=1, seconds=1.5, at_rate_s=2.0, callers=(32,), decisions=50)


def main() -> int:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="longer rounds")
    parser.add_argument("--glance", action="store_true", help="one short round, nothing written")
    chosen = parser.parse_args()
    effort = _LONG if chosen.long else _GLANCE if chosen.glance else _SHORT
    began = time.monotonic()
    opa = find_opa(ROOT)
    if opa is None:
        sys.stderr.write("no OPA binary: run `make tools`\n")
        return 1
    postgres = PostgresServer.start(on_disk=True)
    try:
        results = _measure(effort, opa, postgres)
    finally:
        postgres.stop()
    results["seconds"] = round(time.monotonic() - began)
    if not chosen.glance:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2) + b"\n")
    return 0


def _measure(effort: _Effort, opa: Path, postgres: PostgresServer) -> dict[str, Any]:
    with postgres.admin() as admin:
        ((said,),) = admin.execute("SHOW server_version").fetchall()
    results: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe(opa=opa, postgres=str(said)),
    }
    with tempfile.TemporaryDirectory(prefix="tasuki-bench-") as directory:
        # A copy: all have to decide by one revision, whoever edits a rule meanwhile.
        policies = Path(shutil.copytree(ROOT / "policies", Path(directory) / "policies"))
        results["policy"] = measure_policy(policies, opa, times=effort.decisions)
        _say(results["policy"])
        results |= _contests(effort, postgres, opa, policies)
    return results


def _contests(
    effort: _Effort, postgres: PostgresServer, opa: Path, policies: Path
) -> dict[str, Any]:
    names = ("throughput", "at_150_per_s", "memory", "verified")
    results: dict[str, Any] = {**{name: [] for name in names}, "components": {}}
    archive = CurrentPolicy(policies, PolicyContract.read(ROOT / "schemas")).bundle.archive
    with opa_serving(opa, archive) as opa_port:
        for database in ("sqlite", "postgresql"):
            with _field(database, postgres, opa_port, policies) as field:
                field.warm(effort)
                for contest in field.contests(effort):
                    results["throughput"].append(contest.told())
                    _say(contest.told())
                results["at_150_per_s"] += field.at_fixed_rate(effort)
                results["memory"] += field.memory()
                results["verified"] += field.verified()
                results["components"][database] = field.components()
    return results


class _Field:
    """The gateways and the rival on one kind of database, all of them running."""

    def __init__(self, database: str, gateways: dict[str, Tasuki], diy: Server) -> None:
        self._database = database
        self._gateways = gateways
        self._diy = diy
        self._slots: dict[str, list[Measured]] = {pdp: [] for pdp in gateways}

    def warm(self, effort: _Effort) -> None:
        """Let everybody meet the load once; databases plan with rows in their tables."""
        for pdp in self._gateways:
            self._ask(pdp, callers=8, seconds=min(effort.seconds, 2.0))
        self._rival(callers=8, seconds=min(effort.seconds, 2.0))

    def contests(self, effort: _Effort) -> list[Contest]:
        """Return each gateway against the rival, in rounds in which all take turns."""
        contests = {
            (pdp, callers): Contest(self._database, pdp, callers)
            for callers in effort.callers
            for pdp in self._gateways
        }
        for _ in range(effort.rounds):
            for callers in effort.callers:
                diy = self._rival(callers=callers, seconds=effort.seconds)
                for pdp in self._gateways:
                    contest = contests[pdp, callers]
                    contest.tasuki.append(self._ask(pdp, callers=callers, seconds=effort.seconds))
                    contest.diy.append(diy)
        return list(contests.values())

    def at_fixed_rate(self, effort: _Effort) -> list[dict[str, Any]]:
        """Return durations at a fixed arrival rate, below what saturates."""
        told = []
        for pdp in self._gateways:
            slot = self._ask(pdp, callers=8, seconds=effort.at_rate_s, rate=RATE)
            told.append(
                {
                    "database": self._database,
                    "pdp": pdp,
                    "completed_per_s": round(slot.per_s, 1),
                    "p50_ms": steps([slot], 50),
                    "p99_ms": steps([slot], 99),
                    "server_cpu_ms": round(slot.server_cpu_ms, 2),
                    "failed": slot.seen.failed,
                }
            )
            _say(told[-1])
        return told

    def memory(self) -> list[dict[str, Any]]:
        """Return the most memory each process has had."""
        mib = {f"tasuki {pdp}": g.server.peak_mib() for pdp, g in self._gateways.items()}
        mib["diy"] = self._diy.peak_mib()
        return [{"database": self._database, "peak_mib": mib}]

    def verified(self) -> list[dict[str, Any]]:
        """Verify a sample of answers and each whole log; return what was found."""
        told = []
        for pdp, gateway in self._gateways.items():
            slots = self._slots[pdp]
            kept = [both for slot in slots for both in slot.seen.kept]
            log = check_log(gateway)
            completed = sum(slot.seen.completed for slot in slots)
            assert log["release"] >= completed, "a release that was answered is not in the log"
            told.append(
                {
                    "database": self._database,
                    "pdp": pdp,
                    "disclosures": completed,
                    "proofs": check_kept(gateway, kept),
                    "log": log,
                }
            )
            _say(told[-1])
        return told

    def components(self) -> dict[str, Any]:
        """Stop the gateway with the embedded engine; return what each of its parts costs."""
        gateway = self._gateways["embedded"]
        token = gateway.headers()["authorization"].removeprefix("Bearer ")
        gateway.server.stop()
        told = measure_components(gateway.settings, gateway.cast, token)
        _say(told)
        return told

    def _ask(self, pdp: str, **how: Any) -> Measured:
        slot = ask_gateway(self._gateways[pdp], **how)
        self._slots[pdp].append(slot)
        return slot

    def _rival(self, **how: Any) -> Measured:
        return ask_rival(self._diy, self._gateways["embedded"].cast, **how)


@contextlib.contextmanager
def _field(
    database: str, postgres: PostgresServer, opa_port: int, policies: Path
) -> Iterator[_Field]:
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tasuki-bench-")))
        gateways = {}
        for pdp in _PDPS:
            (home / pdp).mkdir()
            gateways[pdp] = stack.enter_context(
                tasuki(
                    home / pdp,
                    _url(database, home / pdp, postgres),
                    policies=policies,
                    pdp=pdp,
                    opa_port=opa_port,
                    persons=_PERSONS,
                )
            )
        (home / "diy").mkdir()
        diy = stack.enter_context(
            rival(
                home / "diy",
                _url(database, home / "diy", postgres),
                question=gateways["embedded"].cast.question,
                opa_port=opa_port,
            )
        )
        yield _Field(database, gateways, diy)


def _url(database: str, home: Path, postgres: PostgresServer) -> str:
    if database == "sqlite":
        return f"sqlite:///{home}/bench.db"
    return postgres.url(postgres.create())


def _say(result: dict[str, Any]) -> None:
    print(orjson.dumps(result).decode(), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
