"""Proofs and openings of single entries, as commands write and check them."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.console import Console


@pytest.fixture(scope="module")
def entry(console: Console) -> str:
    console.json("audit", "export", str(console.home / "log"))
    return min((console.home / "log/proofs").iterdir()).stem


def _error(done: object) -> str:
    code: str = json.loads(done.stdout)["error"]["code"]  # type: ignore[attr-defined]
    return code


def test_proof_of_an_entry_that_is_not_there_is_not_found(console: Console) -> None:
    done = console.run("audit", "prove", "A" * 22, "--json")
    assert (1, "not-found") == (done.returncode, _error(done))


def test_proof_is_checked_offline_and_a_changed_leaf_is_not(
    console: Console, entry: str, tmp_path: Path
) -> None:
    file = tmp_path / "e.tlog-proof"
    key = console.json("keys", "show")["log_vkey"]
    console.json("audit", "prove", entry, "--out", str(file))
    elsewhere = {"TASUKI_DATABASE_URL": "sqlite:///nowhere.db", "TASUKI_KEYS_DIR": "nowhere"}

    offline = ("audit", "check-proof", str(file), "--log-key", key, "--json")
    checked = console.run(*offline, **elsewhere)
    leaf = file.with_suffix(".leaf")
    leaf.write_bytes(leaf.read_bytes().replace(b'"ty":"', b'"ty":"x', 1))
    refused = console.run(*offline, **elsewhere)

    assert 0 == checked.returncode, checked.stdout
    assert entry == json.loads(checked.stdout)["entry_id"]
    assert (4, "integrity") == (refused.returncode, _error(refused))
    assert 2 == console.run("audit", "prove", entry, "--out", str(file)).returncode


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"c2sp.org/tlog-proof@v1\n", b"x" * 300_000],
    ids=["empty", "no-text", "cut", "too-large"],
)
def test_proof_that_is_none_does_not_verify(
    console: Console, entry: str, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "e.tlog-proof"
    file.write_bytes(content)
    done = console.run("audit", "check-proof", str(file), "--leaf", str(file), "--json")
    assert (4, "integrity") == (done.returncode, _error(done))


def test_field_that_the_entry_has_not_is_refused_and_nothing_is_written(
    console: Console, entry: str, tmp_path: Path
) -> None:
    file = tmp_path / "o.json"
    done = console.run(
        "audit", "open-field", entry, "nothing", "--reason", "裁判", "--out", str(file), "--json"
    )
    assert (2, "schema-violation") == (done.returncode, _error(done))
    assert not file.exists()


def test_opened_field_verifies_elsewhere_and_its_reading_is_recorded(
    console: Console, entry: str, tmp_path: Path
) -> None:
    file, key = tmp_path / "o.json", console.json("keys", "show")["log_vkey"]
    opened = console.json(
        "audit", "open-field", entry, "change", "--reason", "裁判所の提出命令", "--out", str(file)
    )

    elsewhere = {"TASUKI_DATABASE_URL": "sqlite:///nowhere.db", "TASUKI_KEYS_DIR": "nowhere"}
    offline = ("audit", "check-opening", str(file), "--log-key", key, "--json")
    checked = console.run(*offline, **elsewhere)
    answer = json.loads(checked.stdout)
    other = {**json.loads(file.read_text()), "proof": "x"}
    file.write_text(json.dumps(other))
    refused = console.run(*offline, **elsewhere)

    assert 0 == checked.returncode
    assert ["change"] == list(answer["fields"])
    assert answer["hidden"]
    assert "change" not in answer["hidden"]
    assert opened["read_index"] >= answer["size"] - 1 > answer["index"]
    assert (4, "integrity") == (refused.returncode, _error(refused))
