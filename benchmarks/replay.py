"""
``python -m benchmarks.replay``: how many past decisions a draft is tried on in a second.

A real log of decisions is kept on SQLite; each is opened and checked against its leaf, asked of
a draft and again of the revision that decided it. The command fails when the past does not
replay to the very same answers. It writes ``results/replay.json``.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.machine import describe
from benchmarks.servers import ROOT
from gateway.authoring.policy_replay import replay
from gateway.policy.bundle import build_bundle
from gateway.services.past_decisions import PastDecisions
from gateway.storage.migrate import upgrade
from tests.simulators.house import House
from tests.simulators.kept_decisions import QUESTIONS, decided, keep_decisions

RESULTS: Final = ROOT / "benchmarks/results/replay.json"


def main() -> int:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(prog="benchmarks.replay", description=__doc__)
    parser.add_argument("--decisions", type=int, default=10_000, help="how many are kept")
    chosen = parser.parse_args()
    machine = describe()
    told = [_measured(chosen.decisions, check=check) for check in (False, True)]
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "replay": told,
    }
    RESULTS.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
    return 0


def _measured(count: int, *, check: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="tasuki-replay-") as directory:
        home = Path(directory)
        url = f"sqlite:///{home}/replay.db"
        upgrade(url)
        house = House(url, home)
        try:
            decided(house)
            keep_decisions(house, count - len(QUESTIONS))
            bundle = house.current.bundle
            past = PastDecisions(house.context)
            began = time.perf_counter()
            report = replay(
                past.read(past.select()),
                build_bundle(ROOT / "policies"),
                kept={bundle.revision: bundle.archive} if check else None,
            )
            seconds = time.perf_counter() - began
        finally:
            house.close()
    assert report.read == report.same == count, "the same rules decided otherwise"
    assert not report.differing, "the past was not replayed to the same answers"
    return {
        "decisions": report.read,
        "asked_again_of_their_own_revision": report.checked,
        "seconds": round(seconds, 1),
        "per_s": round(report.read / seconds, 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
