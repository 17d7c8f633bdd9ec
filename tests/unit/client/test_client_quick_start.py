"""The quick start runs as it stands, and the room's docstring shows the same lines."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gateway import client as room
from gateway.client.clock import SystemClock
from gateway.client.desk import Desk
from tests.unit.client.conftest import CITY, NPO, RECORD, SmallGateway, desk_config

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "examples" / "quick_start.py"


def test_quick_start_sends_and_the_recipient_reads(
    gateway: SmallGateway, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    new_desk(NPO)
    gateway.clock = SystemClock()  # type: ignore[assignment] # the script has the real time
    config = desk_config(gateway, CITY, tmp_path)
    members = {
        "gateway": config.gateway,
        "origin": config.origin,
        "client_id": config.client_id,
        "agency": config.agency,
        "actor": config.actor,
        "keys_dir": str(config.keys_dir),
        "state_dir": "state",
        "log_vkeys": list(config.log_vkeys),
    }
    file = tmp_path / "desk.toml"
    file.write_text("".join(f"{name} = {value!r}\n" for name, value in members.items()))

    run = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, str(SCRIPT), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("", "del-1 waiting subject.name_original subject.phones\n") == (run.stderr, run.stdout)
    assert dict(RECORD) == new_desk(NPO).open("del-1").fields


def test_docstring_shows_the_lines_of_the_script() -> None:
    body = SCRIPT.read_text().partition("with Desk")[2].partition("\n")[2]
    shown = [line.strip() for line in str(room.__doc__).splitlines()]

    assert all(line.strip() in shown for line in body.splitlines())
