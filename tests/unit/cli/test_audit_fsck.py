"""The log checked where it is kept, as a command."""

import json
from pathlib import Path

import pytest

from tests.simulators.tampering import tamper
from tests.unit.cli.console import Console


def test_database_is_checked_against_signer_and_keys(console: Console, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    exported = console.json("audit", "export", str(folder))

    answer = console.json("audit", "fsck", "--checkpoint", str(folder / "checkpoint"))

    assert answer["verified"]
    assert exported["size"] == answer["size"] == answer["bodies"] == answer["opened"] > 0
    assert answer["first"] is None
    without = console.json("audit", "fsck", "--without-keys")
    assert (exported["size"], 0) == (without["bodies"], without["opened"])


@pytest.mark.parametrize("content", [b"", b"\xff", b"gw.example\n0\n"], ids=["no", "bytes", "cut"])
def test_checkpoint_that_is_none_is_refused(
    console: Console, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "checkpoint"
    file.write_bytes(content)
    done = console.run("audit", "fsck", "--checkpoint", str(file), "--json")
    assert done.returncode in {2, 4}
    assert "error" in json.loads(done.stdout)


def test_finding_is_named_and_ends_it_with_its_own_exit_code(console: Console) -> None:
    tamper(
        console.environment["TASUKI_DATABASE_URL"],
        "UPDATE log_body SET ciphertext = x'00' WHERE seq = 0",
    )
    done = console.run("audit", "fsck", "--json")
    shown = console.run("audit", "fsck")

    answer = json.loads(done.stdout)
    assert 4 == done.returncode == shown.returncode
    assert {"code": "body-unreadable", "where": "0"} == answer["first"]
    assert "body-unreadable: 0" in shown.stdout
    assert not answer["verified"]
