"""Whoever looks for a decision finds it in the index, and every record has its parts."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "docs/decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))


def test_index_of_decisions_lists_every_record_by_its_title() -> None:
    titles = {p.name: p.read_text(encoding="utf-8").splitlines()[0][2:] for p in RECORDS}
    index = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert [f"- [{title}]({name})" for name, title in titles.items()] == [
        line for line in index.splitlines() if line.startswith("- ")
    ]


def test_each_decision_says_status_context_options_outcome_and_consequences() -> None:
    for record in RECORDS:
        text = record.read_text(encoding="utf-8")
        assert re.search(r"^Status: \S+.* · \d{4}-\d\d-\d\d", text, re.MULTILINE), record.name
        for part in ("Context", "Options", "Outcome", "Consequences"):
            assert f"**{part}.**" in text, f"{record.name}: {part}"


def test_numbers_of_decisions_run_without_a_gap() -> None:
    assert [f"{n:04}" for n in range(len(RECORDS))] == [p.name[:4] for p in RECORDS]
