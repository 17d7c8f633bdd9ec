"""
Write what a run of the long tests showed, from pytest's JUnit file, as JSON.

Each test gives its outcome, its seconds and the properties it recorded (``record_property``:
counts, seeds). The figures are for a reader; nothing here judges them.
"""

import argparse
import json
import platform
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

_OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}


def main() -> int:
    """Read the JUnit file, write the summary and print it in short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("junit", type=Path)
    parser.add_argument("summary", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    if not options.junit.is_file():
        print("test-long: pytest wrote no report, so there is no summary", file=sys.stderr)
        return 1
    tests = read_tests(options.junit)
    summary = {
        "python": platform.python_version(),
        "seed": options.seed,
        "counts": dict(sorted(Counter(t["outcome"] for t in tests).items())),
        "tests": tests,
    }
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    options.summary.write_text(f"{text}\n", encoding="utf-8")
    print(f"test-long: seed {options.seed}, {summary['counts']}, see {options.summary}")
    return 0


def read_tests(junit: Path) -> list[dict[str, Any]]:
    """Return one row per test, in order of its name."""
    # The file was written by pytest a moment ago, so that its XML is trusted.
    cases = ET.parse(junit).getroot().iter("testcase")  # noqa: S314 - see above
    return sorted((_row(case) for case in cases), key=lambda row: row["test"])


def _row(case: ET.Element) -> dict[str, Any]:
    said = (_OUTCOMES[child.tag] for child in case if child.tag in _OUTCOMES)
    row: dict[str, Any] = {
        "test": f"{case.get('classname')}::{case.get('name')}",
        "outcome": next(said, "passed"),
        "seconds": round(float(case.get("time", "0")), 1),
    }
    recorded = {p.get("name"): p.get("value") for p in case.iter("property")}
    return row | ({"recorded": recorded} if recorded else {})


if __name__ == "__main__":
    sys.exit(main())
