"""What is built and installed is what was written: package data, pins, scripts."""

import fnmatch
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gateway.authoring import opa_server

# Programs that stand for the browser where it is not the subject.
BROWSER = {"CHROMIUM": "sh", "CHROMEDRIVER": "sh"}
ROOT = Path(__file__).resolve().parents[3]
JUNIT = """\
<testsuites><testsuite>
<testcase classname="tests.a" name="test_b" time="1.26">
<properties><property name="seed" value="7"/></properties></testcase>
<testcase classname="tests.a" name="test_a" time="2"><failure message="x">y</failure></testcase>
<testcase classname="tests.a" name="test_c" time="0"><skipped message="no"/></testcase>
</testsuite></testsuites>
"""


def test_every_data_file_of_the_package_is_installed() -> None:
    """A file that is not Python reaches an installation only when pyproject.toml names it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["gateway"]
    package = ROOT / "gateway"
    files = [p.relative_to(package).as_posix() for p in package.rglob("*") if p.is_file()]
    data = [f for f in files if not f.endswith((".py", ".pyc"))]

    assert data
    assert [] == [f for f in data if not any(fnmatch.fnmatch(f, p) for p in patterns)]


def test_every_licence_that_asks_for_more_is_named() -> None:
    """What is installed and not simply permissive stands in NOTICE; GPL and AGPL never do."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    installed = {d.name: licence_of(d.metadata) for d in importlib.metadata.distributions()}
    copyleft = {name: said for name, said in installed.items() if re.search("MPL|GPL", said)}

    assert "LGPL-3.0-only" in copyleft["psycopg"]
    assert [] == [name for name in copyleft if not re.search(rf"\b{name}\b", notice)]
    assert {} == {n: said for n, said in copyleft.items() if re.search(r"\bA?GPL", said)}


@pytest.mark.parametrize("kind", ["basis", "stop"])
def test_every_rule_of_law_has_its_line_in_the_changelog(kind: str) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    rules = [p.name for p in (ROOT / "policies/disclosure" / kind).iterdir() if p.is_dir()]

    assert rules
    assert [] == [rule for rule in rules if f"`{rule}`" not in changelog]


def licence_of(metadata: importlib.metadata.PackageMetadata) -> str:
    classifiers = metadata.get_all("Classifier") or []
    said = [metadata.get("License-Expression") or metadata.get("License") or ""]
    return " ".join([*said, *(c for c in classifiers if c.startswith("License"))])


def test_opa_is_looked_for_in_the_version_that_is_built() -> None:
    pins = (ROOT / "tools/go.mod").read_text(encoding="utf-8")

    built = re.search(r"github\.com/open-policy-agent/opa v(\S+)", pins)

    assert built
    assert opa_server._VERSION == built[1]  # noqa: SLF001 - the two must not part


@pytest.mark.parametrize("name", [".ci/run", "tools/install.sh", "tools/venv.sh"])
def test_scripts_can_be_run(name: str) -> None:
    script = ROOT / name

    assert script.stat().st_mode & 0o111
    assert "set -eu" in script.read_text(encoding="utf-8")


def test_set_up_without_a_python_says_what_is_needed(tmp_path: Path) -> None:
    # /bin/false answers the question for the version as an old Python does.
    done = subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / "tools/venv.sh"), str(tmp_path / "venv")],
        env={"PATH": "/usr/bin:/bin", "PYTHON": "false /nowhere/python3"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_tools_without_go_are_missed_aloud_and_never_in_ci(
    tmp_path: Path, ci: str, status: int
) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")

    done = subprocess.run(  # noqa: S603 - our own script
        [str(tmp_path / "tools/install.sh")],
        env={
            "PATH": "/usr/bin:/bin",
            "GO": "/nowhere/go",
            **BROWSER,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "CI": ci,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == status
    assert "NOT BUILT, there is no Go here: opa and helm" in done.stderr
    assert [] == list((tmp_path / ".tools").iterdir())


def test_tools_in_the_cache_are_linked_without_go(tmp_path: Path) -> None:
    done = tools_with_a_cache(tmp_path, CI="true")

    assert done.returncode == 0
    assert (tmp_path / ".tools/opa").resolve().is_relative_to(tmp_path / "cache")
    assert (tmp_path / ".tools/helm").is_file()


def tools_with_a_cache(tmp_path: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the script where Go is absent and both programs are in the cache."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name, version in (("opa", opa_server._VERSION), ("helm", helm_version())):  # noqa: SLF001 - see above
        program = tmp_path / f"cache/tasuki/{name}-{version}/{name}"
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
    return subprocess.run(  # noqa: S603 - our own script
        [str(tmp_path / "tools/install.sh")],
        env={
            "PATH": "/usr/bin:/bin",
            "GO": "/nowhere/go",
            **BROWSER,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            **more,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_browser_that_cannot_be_installed_is_missed_aloud_and_never_in_ci(
    tmp_path: Path, ci: str, status: int
) -> None:
    done = tools_with_a_cache(
        tmp_path, CI=ci, CHROMIUM="/nowhere/chromium", APT_GET="/nowhere/apt-get"
    )

    assert done.returncode == status
    assert "NOT INSTALLED, there is no apt-get here" in done.stderr


def test_browser_is_installed_from_the_systems_packages(tmp_path: Path) -> None:
    """An apt-get that knows the packages only once it has updated its lists."""
    if os.getuid() != 0:
        pytest.skip("apt-get is for root")
    apt, asked = tmp_path / "apt-get", tmp_path / "asked"
    apt.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n[ "$(wc -l < {asked})" -gt 1 ]\n')
    apt.chmod(0o755)

    done = tools_with_a_cache(tmp_path, CI="true", CHROMIUM="/nowhere/chromium", APT_GET=str(apt))

    assert done.returncode == 0, done.stderr
    install, update, again = asked.read_text().splitlines()
    assert "install" in install
    assert "chromium chromium-driver" in install
    assert ("update -qq", install) == (update, again)


def helm_version() -> str:
    pins = (ROOT / "tools/go.mod").read_text(encoding="utf-8")
    return re.findall(r"helm\.sh/helm/v4 v(\S+)", pins)[0]


@pytest.mark.parametrize(
    ("printed", "status", "last"),
    [
        ("lint: ruff check", 2, "ci: pytest was not reached, exit status 2"),
        ("==== 1 failed, 2 passed in 3.77s ====", 1, "==== 1 failed, 2 passed in 3.77s ===="),
        ("== 9 passed in 75.31s (0:01:15) ==\nmake: done", 0, "== 9 passed in 75.31s (0:01:15) =="),
    ],
)
def test_ci_ends_with_the_closing_line_and_the_status_of_the_tests(
    tmp_path: Path, printed: str, status: int, last: str
) -> None:
    make = tmp_path / "make"
    make.write_text(f"#!/bin/sh\necho '{printed}'\nexit {status}\n", encoding="utf-8")
    make.chmod(0o755)

    done = subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / ".ci/run")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == last


def test_summary_without_a_report_is_refused(tmp_path: Path) -> None:
    done = summarise(tmp_path / "none.xml", tmp_path / "long.json")

    assert done.returncode == 1
    assert not (tmp_path / "long.json").exists()


def test_summary_tells_outcomes_seeds_and_seconds(tmp_path: Path) -> None:
    (tmp_path / "long.xml").write_text(JUNIT, encoding="utf-8")

    done = summarise(tmp_path / "long.xml", tmp_path / "long.json")

    summary = json.loads((tmp_path / "long.json").read_text(encoding="utf-8"))
    assert done.returncode == 0
    assert "seed 41" in done.stdout
    assert summary["seed"] == 41
    assert summary["counts"] == {"failed": 1, "passed": 1, "skipped": 1}
    assert summary["tests"][:2] == [
        {"test": "tests.a::test_a", "outcome": "failed", "seconds": 2.0},
        {
            "test": "tests.a::test_b",
            "outcome": "passed",
            "seconds": 1.3,
            "recorded": {"seed": "7"},
        },
    ]


def summarise(junit: Path, summary: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "tools/long_summary.py"
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(script), str(junit), str(summary), "--seed", "41"],
        capture_output=True,
        text=True,
        check=False,
    )
