"""The demonstration needs what the gateway needs to serve, and nothing else."""

import subprocess
import sys

import pytest

# Extras and tools: each is made impossible to import.
OTHERS = ("psycopg", "psycopg_pool", "pytest", "hypothesis", "yaml", "gherkin", "mypy")
ROOMS = (
    "gateway.main",
    "gateway.cli.agency",
    "gateway.cli.demo",
    "gateway.demo.run",
    "gateway.demo.telling",
    "gateway.demo.visit",
    "gateway.storage.migrate",
)


@pytest.mark.parametrize("room", ROOMS)
def test_demo_room_without_extras_and_tools_can_be_imported(room: str) -> None:
    blocked = "".join(f"sys.modules[{name!r}] = None\n" for name in OTHERS)

    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", f"import sys\n{blocked}import {room}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "" == done.stderr
    assert 0 == done.returncode
