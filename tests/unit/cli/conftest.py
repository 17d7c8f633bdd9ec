"""A founded gateway, made once and copied for each module that changes one."""

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.console import Console


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a gateway that was founded and that nobody has used."""
    console = Console(tmp_path_factory.mktemp("founded") / "home")
    console.home.mkdir()
    console.founded()
    return console.home


@pytest.fixture(scope="module")
def console(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A founded gateway of the module's own."""
    home = tmp_path_factory.mktemp("console") / "home"
    shutil.copytree(founded, home)
    return Console(home)
