"""The long run's summary says how often a gateway was killed, where and on which database."""

import json
from pathlib import Path

import pytest

from tests.crash.summary import merge, read_counts

pytest_plugins = ["pytester"]

_RECORDS = """
import json
import pytest

@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kills(database, record_property):
    row = {"point": "facts-read", "database": database, "seed": "7", "runs": 20}
    record_property("kill", json.dumps(row))

def test_that_fails_before_it_has_counted(record_property):
    assert False
"""


@pytest.fixture
def junit(pytester: pytest.Pytester) -> Path:
    """What a real pytest writes about tests that record their counts."""
    pytester.makepyfile(_RECORDS)
    pytester.runpytest_inprocess("--junit-xml", "long.xml")
    return pytester.path / "long.xml"


def test_summary_without_counts_says_that_nothing_was_killed(tmp_path: Path) -> None:
    junit = tmp_path / "long.xml"
    junit.write_text("<testsuites/>")

    assert {} == read_counts(junit)


def test_counts_are_read_by_database_and_point(junit: Path) -> None:
    row = {"facts-read": {"seed": "7", "runs": 20}}

    assert {"postgresql": row, "sqlite": row} == read_counts(junit)


def test_counts_are_merged_beside_what_the_summary_said_before(tmp_path: Path) -> None:
    summary = tmp_path / "long.json"
    summary.write_text(json.dumps({"seed": 7, "kill": {"old": {}}}))

    merge(summary, {"sqlite": {}})

    assert {"seed": 7, "kill": {"sqlite": {}}} == json.loads(summary.read_text())
