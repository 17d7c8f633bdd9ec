"""
Write what the killed gateways showed into the summary of the long tests, under ``kill``.

``python -m tests.crash.summary JUNIT SUMMARY`` reads pytest's JUnit file, in which each test
that passed left its counts, and merges them into the summary; what else is there stays.
"""

import argparse
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

__all__ = ["PROPERTY", "main", "merge", "read_counts"]

PROPERTY = "kill"


def main() -> int:
    """Merge the counts of one run and print them in short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("junit", type=Path)
    parser.add_argument("summary", type=Path)
    options = parser.parse_args()
    found = read_counts(options.junit)
    merge(options.summary, found)
    totals = [f"{sum(c['runs'] for c in p.values())} on {db}" for db, p in found.items()]
    sys.stdout.write(f"test-long: gateways killed: {', '.join(totals) or 'none'}\n")
    return 0


def read_counts(junit: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the counts by database and point, as :mod:`test_killed_gateway` records them."""
    # The file was written by pytest a moment ago, so that its XML is trusted.
    root = ET.parse(junit).getroot()  # noqa: S314 - see above
    counts: dict[str, dict[str, dict[str, Any]]] = {}
    for found in root.iter("property"):
        if found.get("name") == PROPERTY:
            row = json.loads(found.get("value", ""))
            counts.setdefault(row.pop("database"), {})[row.pop("point")] = row
    return {database: dict(sorted(counts[database].items())) for database in sorted(counts)}


def merge(summary: Path, counts: dict[str, Any]) -> None:
    """Put the counts into the summary, which is made if there is none."""
    whole = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {}
    whole[PROPERTY] = counts
    text = json.dumps(whole, ensure_ascii=False, indent=2)
    summary.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
