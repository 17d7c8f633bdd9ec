"""Erasure and holds as commands: the way out is shown, and what is done is said."""

import json

import pytest

from tests.unit.cli.console import Console
from tests.unit.cli.test_commands import OPERATOR


@pytest.fixture(scope="module")
def entry(console: Console) -> str:
    folder = console.home / "log"
    console.json("audit", "export", str(folder))
    return min((folder / "proofs").iterdir()).stem


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("A" * 22, "--due", "--yes"),
        ("--due", "--ground", "court_order", "--yes"),
        ("--due",),
        ("short", "--yes"),
        ("A" * 22, "--system", "x", "--yes"),
    ],
    ids=str,
)
def test_erasure_that_is_not_well_said_is_a_wrong_call(
    console: Console, arguments: tuple[str, ...]
) -> None:
    done = console.run("audit", "erase", *arguments, "--json")
    assert (2, "wrong-call") == (done.returncode, json.loads(done.stdout)["error"]["code"])


def test_erasure_too_early_names_the_way_out(console: Console, entry: str) -> None:
    early = console.run("audit", "erase", entry, "--yes", "--json")
    alone = console.run(
        "audit", "erase", entry, "--ground", "court_order", *OPERATOR, "--yes", "--json"
    )

    error = json.loads(early.stdout)["error"]
    assert (1, "state-conflict") == (early.returncode, error["code"])
    assert error["message"].startswith("RETENTION_RUNNING: ")
    assert "--second" in json.loads(alone.stdout)["error"]["message"]


def test_hold_stands_until_it_is_lifted(console: Console, entry: str) -> None:
    placed = console.json("audit", "hold", "place", entry, "--code", "lawsuit", *OPERATOR)
    listed = console.json("audit", "hold", "list")["holds"]
    console.json("audit", "hold", "lift", placed["id"], "--code", "over", *OPERATOR)

    assert [(placed["id"], "lawsuit", entry, "entry")] == [
        (h["id"], h["code"], h["entry_id"], h["of"]) for h in listed
    ]
    assert [] == console.json("audit", "hold", "list")["holds"]


def test_due_run_says_what_it_did(console: Console) -> None:
    answer = console.json("audit", "erase", "--due", "--yes")
    assert (0, 0, {}) == (answer["erased"], answer["held"], answer["without_period"])
    assert console.json("audit", "fsck")["verified"]
