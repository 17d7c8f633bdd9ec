"""Whatever byte of an exported log is changed, ``tasuki audit verify`` refuses the folder."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.audit import audit
from gateway.cli.output import UNVERIFIED
from tests.demo.running import DemoRun

KINDS = ("checkpoint", "keys", "MANIFEST", "tile/0/", "tile/entries/", "proofs/")


def test_verify_of_the_tampered_copy_is_refused(demo_run: DemoRun) -> None:
    answer = demo_run.answer

    assert UNVERIFIED == _verify(Path(answer["tampered_copy"]), answer["log"]["vkey"])


def test_verify_when_one_byte_is_flipped_is_refused(
    demo_run: DemoRun, tmp_path: Path, seed: str
) -> None:
    """One file of each kind, and a few proofs more, of the main log."""
    log = demo_run.answer["log"]
    paths = _files(Path(log["folder"]))
    chosen = {next(p for p in paths if p.startswith(kind)) for kind in KINDS}
    chosen |= set(random.Random(seed).sample([p for p in paths if p.startswith("proofs/")], 6))

    _flip_each(log, sorted(chosen), tmp_path / "copy", random.Random(seed))


@pytest.mark.long
def test_verify_when_any_file_has_a_byte_flipped_is_refused(
    demo_run: DemoRun, tmp_path: Path, seed: str
) -> None:
    """Every file of every log."""
    for log in demo_run.answer["logs"]:
        paths = _files(Path(log["folder"]))
        _flip_each(log, paths, tmp_path / log["pack"], random.Random(seed))


def test_verify_of_the_exported_log_is_accepted(demo_run: DemoRun) -> None:
    for log in demo_run.answer["logs"]:
        assert 0 == _verify(Path(log["folder"]), log["vkey"])


def _flip_each(log: dict[str, Any], paths: list[str], copy: Path, chance: random.Random) -> None:
    shutil.copytree(log["folder"], copy)
    for path in paths:
        file = copy / path
        whole = file.read_bytes()
        at, change = chance.randrange(len(whole)), chance.randrange(1, 256)
        file.write_bytes(whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
        assert UNVERIFIED == _verify(copy, log["vkey"]), (path, at, change)
        file.write_bytes(whole)
    assert 0 == _verify(copy, log["vkey"])


def _files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _verify(folder: Path, vkey: str) -> int:
    done = CliRunner().invoke(audit, ["verify", str(folder), "--vkey", vkey, "--json"])
    return done.exit_code
