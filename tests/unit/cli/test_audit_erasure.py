"""Erasure and holds as commands: the way out is shown, and what is done is said."""

import json

import pytest

from tests.unit.cli.console import Console
from tests.unit.cli.test_commands import OPERATOR


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Console:
    console = Console(tmp_path_factory.mktemp("erasure"))
    console.founded()
    return console


@pytest.fixture(scope="module")
def entry(installation: Console) -> str:
    folder = installation.home / "log"
    installation.json("audit", "export", str(folder))
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
    installation: Console, arguments: tuple[str, ...]
) -> None:
    done = installation.run("audit", "erase", *arguments, "--json")
    assert (2, "wrong-call") == (done.returncode, json.loads(done.stdout)["error"]["code"])


def test_erasure_too_early_names_the_way_out(installation: Console, entry: str) -> None:
    early = installation.run("audit", "erase", entry, "--yes", "--json")
    alone = installation.run(
        "audit", "erase", entry, "--ground", "court_order", *OPERATOR, "--yes", "--json"
    )

    error = json.loads(early.stdout)["error"]
    assert (1, "state-conflict") == (early.returncode, error["code"])
    assert error["message"].startswith("RETENTION_RUNNING: ")
    assert "--second" in json.loads(alone.stdout)["error"]["message"]


def test_hold_stands_until_it_is_lifted(installation: Console, entry: str) -> None:
    placed = installation.json("audit", "hold", "place", entry, "--code", "lawsuit", *OPERATOR)
    listed = installation.json("audit", "hold", "list")["holds"]
    installation.json("audit", "hold", "lift", placed["id"], "--code", "over", *OPERATOR)

    assert [(placed["id"], "lawsuit", entry, "entry")] == [
        (h["id"], h["code"], h["entry_id"], h["of"]) for h in listed
    ]
    again = installation.run("audit", "hold", "lift", placed["id"], "--code", "over", *OPERATOR)
    assert 1 == again.returncode
    assert "HOLD_LIFTED" in again.stderr


def test_due_run_says_what_it_did(installation: Console) -> None:
    answer = installation.json("audit", "erase", "--due", "--yes")
    assert (0, 0, {}) == (answer["erased"], answer["held"], answer["without_period"])
    assert installation.json("audit", "fsck")["verified"]
