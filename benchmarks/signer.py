"""
``python -m benchmarks.signer``: what a batch costs when another process signs it.

The same batches are signed in this process and through a socket pair, in turns, once with the
signer's state on the disk and once in memory: there nothing is left but the way to the signer.
Every head is verified. It writes ``results/signer.json``.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson

from benchmarks.machine import describe
from benchmarks.servers import ROOT
from gateway.audit.checkpoint import TrustedLog
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import Frontier, leaf_hash
from gateway.crypto.signed_note import NoteSigner
from gateway.ports.log import Signer
from tests.simulators.signer import SignerOpener

RESULTS: Final = ROOT / "benchmarks/results/signer.json"
_ORIGIN: Final = "gw.example/audit/bench"
_BATCHES: Final = {1: 200, 32: 200, 256: 100}
_LEAF_BYTES: Final = 180
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it


def main() -> int:
    """Measure and write the result."""
    machine = describe()
    places = {"disk": None, "memory": _MEMORY}
    told = [
        {"state": name, "leaves": leaves, **_measured(place, leaves, times)}
        for name, place in places.items()
        for leaves, times in _BATCHES.items()
    ]
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "signer": told,
    }
    RESULTS.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
    return 0


def _measured(place: Path | None, leaves: int, times: int) -> dict[str, Any]:
    """Return the median milliseconds of a signature, in this process and in another."""
    with tempfile.TemporaryDirectory(prefix="tasuki-signer-", dir=place) as home, ExitStack() as s:
        key = generate_log_key()
        log = TrustedLog(_ORIGIN, (NoteSigner(_ORIGIN, key).key,))
        kinds = {"in_process_ms": "local", "process_ms": "process"}
        openers = {n: s.enter_context(SignerOpener.of(kind, _ORIGIN)) for n, kind in kinds.items()}
        signers = {n: o.open(key, Path(home) / n) for n, o in openers.items()}
        taken: dict[str, list[float]] = {name: [] for name in signers}
        frontier = Frontier()
        for _ in range(times):
            batch = [os.urandom(_LEAF_BYTES) for _ in range(leaves)]
            frontier = frontier.extended(leaf_hash(leaf) for leaf in batch)
            for name, signer in signers.items():
                taken[name].append(_signed(signer, log, frontier, batch))
        return {name: round(median(values), 3) for name, values in taken.items()}


def _signed(signer: Signer, log: TrustedLog, frontier: Frontier, batch: Sequence[bytes]) -> float:
    began = time.perf_counter()
    head = signer.sign(frontier.size, frontier.root(), batch)
    took = (time.perf_counter() - began) * 1000
    assert (head.size, head.root) == (frontier.size, frontier.root())
    assert head == log.open(head.note)
    return took


if __name__ == "__main__":
    sys.exit(main())
