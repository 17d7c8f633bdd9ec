"""A copy of the database, and the keys without which copies are noise."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from tests.unit.cli.console import Console


def test_copy_over_a_file_is_refused(console: Console, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"mine")
    (tmp_path / "other.db.keys").mkdir()
    for name, more in (("copy.db", ()), ("other.db", ("--with-keys",))):
        done = console.run("backup", str(tmp_path / name), *more, "--json")
        assert 1 == done.returncode
        assert "BACKUP_EXISTS" in json.loads(done.stdout)["error"]["message"]
    assert b"mine" == (tmp_path / "copy.db").read_bytes()
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("where", ["nowhere/copy.db", "."], ids=["no-directory", "directory"])
def test_copy_that_cannot_be_written_is_refused(
    console: Console, tmp_path: Path, where: str
) -> None:
    assert console.run("backup", str(tmp_path / where), "--json").returncode in {1, 2, 3}


def test_copy_of_another_database_is_refused(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    postgres = {"TASUKI_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    missing = {"TASUKI_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    assert 1 == console.run("backup", str(file), "--json", **postgres).returncode
    assert 3 == console.run("backup", str(file), "--json", **missing).returncode
    assert not file.exists()
    assert not (tmp_path / "none.db").exists()


def test_copy_is_checked_and_no_log_goes_on_from_it(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    answer = console.json("backup", str(file))
    copied = {"TASUKI_DATABASE_URL": f"sqlite:///{file}"}
    key = console.json("keys", "show")["kek_ids"][0]
    before = console.run("audit", "fsck", "--json", **copied)

    rotated = console.json("audit", "rotate-key")
    destroyed = console.json("audit", "destroy-key", key, "--yes")
    after = json.loads(console.run("audit", "fsck", "--json", **copied).stdout)
    resumed = console.run("audit", "rotate-key", "--json", **copied)

    assert answer["verified"]
    assert answer["size"] == answer["opened"] > 0
    assert "never resumed" in answer["note"]
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert not file.with_name("copy.db.keys").exists()
    assert json.loads(before.stdout)["verified"]
    assert answer["size"] + 1 == rotated["rewrapped"]
    assert key == destroyed["destroyed"]
    assert answer["size"] == after["counts"]["key-missing"]
    assert "signed-entries-missing" in after["counts"]
    assert 4 == resumed.returncode
    assert console.json("audit", "fsck")["verified"]
    assert 2 == console.run("audit", "destroy-key", key, "--json").returncode


def test_keys_are_copied_when_asked(console: Console, tmp_path: Path) -> None:
    answer = console.json("backup", str(tmp_path / "copy.db"), "--with-keys")
    ring = Path(answer["keys"])
    names = {file.name for file in ring.iterdir()}
    assert names == {file.name for file in (console.home / "keys").iterdir()}
    assert 0o700 == stat.S_IMODE(ring.stat().st_mode)
    shutil.rmtree(ring)
