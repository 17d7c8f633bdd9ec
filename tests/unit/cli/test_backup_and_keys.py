"""A copy of the database, and the keys without which copies are noise."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from tests.unit.cli.console import Console


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Console:
    console = Console(tmp_path_factory.mktemp("backup"))
    console.founded()
    return console


def test_copy_over_a_file_is_refused(installation: Console, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"mine")
    (tmp_path / "other.db.keys").mkdir()
    for name, more in (("copy.db", ()), ("other.db", ("--with-keys",))):
        done = installation.run("backup", str(tmp_path / name), *more, "--json")
        assert 1 == done.returncode
        assert "BACKUP_EXISTS" in json.loads(done.stdout)["error"]["message"]
    assert b"mine" == (tmp_path / "copy.db").read_bytes()
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("where", ["nowhere/copy.db", "."], ids=["no-directory", "directory"])
def test_copy_that_cannot_be_written_is_refused(
    installation: Console, tmp_path: Path, where: str
) -> None:
    assert installation.run("backup", str(tmp_path / where), "--json").returncode in {1, 2, 3}


def test_copy_of_another_database_is_refused(installation: Console, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    postgres = {"TASUKI_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    missing = {"TASUKI_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    assert 1 == installation.run("backup", str(file), "--json", **postgres).returncode
    assert 3 == installation.run("backup", str(file), "--json", **missing).returncode
    assert not file.exists()
    assert not (tmp_path / "none.db").exists()


def test_copy_is_checked_and_no_log_goes_on_from_it(installation: Console, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    answer = installation.json("backup", str(file))
    copied = {"TASUKI_DATABASE_URL": f"sqlite:///{file}"}
    key = installation.json("keys", "show")["kek_ids"][0]
    before = installation.run("audit", "fsck", "--json", **copied)

    rotated = installation.json("audit", "rotate-key")
    needed = installation.run("audit", "destroy-key", rotated["kek_id"], "--yes", "--json")
    destroyed = installation.json("audit", "destroy-key", key, "--yes")
    after = json.loads(installation.run("audit", "fsck", "--json", **copied).stdout)
    resumed = installation.run("audit", "rotate-key", "--json", **copied)

    assert answer["verified"]
    assert answer["size"] == answer["opened"] > 0
    assert "never resumed" in answer["note"]
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert not file.with_name("copy.db.keys").exists()
    assert json.loads(before.stdout)["verified"]
    assert answer["size"] + 1 == rotated["rewrapped"]
    assert "KEK_IS_CURRENT" in json.loads(needed.stdout)["error"]["message"]
    assert key == destroyed["destroyed"]
    assert answer["size"] == after["counts"]["key-missing"]
    assert "signed-entries-missing" in after["counts"]
    assert 4 == resumed.returncode
    assert installation.json("audit", "fsck")["verified"]
    assert 2 == installation.run("audit", "destroy-key", key, "--json").returncode


def test_keys_are_copied_when_asked(installation: Console, tmp_path: Path) -> None:
    answer = installation.json("backup", str(tmp_path / "copy.db"), "--with-keys")
    ring = Path(answer["keys"])
    names = {file.name for file in ring.iterdir()}
    assert names == {file.name for file in (installation.home / "keys").iterdir()}
    assert 0o700 == stat.S_IMODE(ring.stat().st_mode)
    shutil.rmtree(ring)
