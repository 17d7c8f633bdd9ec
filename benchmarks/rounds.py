"""
Rounds: the gateway and its rival in turn, so that both meet the same machine.

A ratio is made within one round and the median of all rounds is told. Figures of one slot
alone mean nothing on a machine whose speed drifts.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Final

import orjson

from benchmarks.cast import RECIPIENT, RECORD, SENDER, Cast
from benchmarks.load import Plan, Seen
from benchmarks.servers import ROOT, Server, Tasuki

__all__ = ["Contest", "Measured", "ask_gateway", "ask_rival", "percentile", "steps"]

_BESIDE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one slot saw, with the server's own processor time for each disclosure."""

    seen: Seen
    server_cpu_ms: float

    @property
    def per_s(self) -> float:
        """Disclosures a second."""
        return self.seen.done / self.seen.seconds


def ask_gateway(gateway: Tasuki, **how: Any) -> Measured:
    """Let a load generator ask the gateway for one slot; ``how`` as :class:`Plan` has it."""
    cast, url = gateway.cast, gateway.url
    scalar = cast.signing_key.private.private_numbers().private_value  # type: ignore[union-attr] # ES256
    sealing = {
        "recipient": cast.sealing_key.public().jwk(),
        "signer": f"{scalar:x}",
        "signer_kid": cast.signing_key.kid,
        "record": RECORD,
        "gateway": url,
        "agencies": [RECIPIENT, SENDER],
    }
    plan = Plan(
        target="tasuki",
        host="127.0.0.1",
        port=gateway.server.port,
        headers=gateway.headers(),
        bodies=cast.bodies(),
        envelope=cast.envelope_beforehand(url),
        header=cast.header(url),
        sealing=sealing,
        **how,
    )
    return _run(gateway.server, plan)


def ask_rival(server: Server, cast: Cast, **how: Any) -> Measured:
    """Let a load generator ask the rival for one slot, with the record beside the request."""
    bodies = [
        orjson.dumps({**orjson.loads(body), "record": RECORD}).decode() for body in cast.bodies()
    ]
    plan = Plan(
        target="diy",
        host="127.0.0.1",
        port=server.port,
        headers=dict(server.headers),
        bodies=bodies,
        **how,
    )
    return _run(server, plan)


@dataclass(slots=True)
class Contest:
    """One gateway against the rival at one number of callers."""

    database: str
    pdp: str
    callers: int
    tasuki: list[Measured] = field(default_factory=list)
    diy: list[Measured] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Return medians over the rounds."""
        ratios = [t.per_s / d.per_s for t, d in zip(self.tasuki, self.diy, strict=True) if d.per_s]
        return {
            "database": self.database,
            "pdp": self.pdp,
            "callers": self.callers,
            "rounds": len(ratios),
            "tasuki_per_s": round(median(t.per_s for t in self.tasuki), 1),
            "diy_per_s": round(median(d.per_s for d in self.diy), 1),
            "ratio": round(median(ratios), 2),
            "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
            "p50_ms": steps(self.tasuki, 50),
            "p99_ms": steps(self.tasuki, 99),
            "diy_p50_ms": steps(self.diy, 50)["decide"],
            "diy_p99_ms": steps(self.diy, 99)["decide"],
            "server_cpu_ms": {
                "tasuki": round(median(t.server_cpu_ms for t in self.tasuki), 2),
                "diy": round(median(d.server_cpu_ms for d in self.diy), 2),
            },
            "load_generator_cpu_share": round(median(t.seen.cpu_share for t in self.tasuki), 2),
            "failed": _failures([*self.tasuki, *self.diy]),
        }


def steps(slots: Sequence[Measured], percent: int) -> dict[str, float]:
    """Return the median over the rounds of each step's percentile, milliseconds."""
    said = {
        "decide": [percentile(s.seen.decide_ms, percent) for s in slots if s.seen.decide_ms],
        "release": [percentile(s.seen.release_ms, percent) for s in slots if s.seen.release_ms],
    }
    return {step: round(median(values), 1) for step, values in said.items() if values}


def _run(server: Server, plan: Plan) -> Measured:
    cpu = server.cpu_s()
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        check=True,
        cwd=ROOT,
        input=orjson.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        timeout=plan.seconds + _BESIDE_S,
    )
    seen = Seen(**orjson.loads(said.stdout))
    used = server.cpu_s() - cpu
    return Measured(seen, 1000 * used / max(seen.completed, 1))


def _failures(slots: Sequence[Measured]) -> dict[str, int]:
    failed = Counter[str]()
    for slot in slots:
        failed.update(slot.seen.failed)
    return dict(failed)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile: the least value that ``percent`` % do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]
