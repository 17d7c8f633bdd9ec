"""
A gateway as a process of its own, set up as an operator would, with the same commands.

* Everything it keeps lies in one folder: database, key ring, signer's state, its own log lines.
* It listens on the loopback interface alone, on a free port.
* Only processes that were started here are ended here, by their pid.
"""

import json
import os
import random
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx2

from gateway.domain.errors import Unavailable
from gateway.settings import PREFIX

__all__ = ["GatewayDidNotStart", "GatewayProcess"]

_COMMAND: Final = (sys.executable, "-m", "gateway.cli.main")
_COMMAND_S: Final = 60
_START_S: Final = 60
_STOP_S: Final = 25
_POLL_S: Final = 0.1
# Below the ports that systems hand out to connections going out.
_PORTS: Final = range(20_000, 32_000)


class GatewayDidNotStart(Unavailable):
    """A command of the set-up failed, or the gateway does not answer; the message says which."""


class GatewayProcess:
    """
    One gateway.

    Attributes:
        folder: Everything it keeps.
        origin: Where it listens.
        vkey: The log's key, as the operator hands it to members on paper.
    """

    def __init__(self, folder: Path, *, tenant: str, log_origin: str) -> None:
        """
        Choose where it will live; nothing is started yet.

        Args:
            folder: A folder that is not there yet.
            tenant: Id of the tenant.
            log_origin: Name of its log.
        """
        self.folder = folder
        self._reserved = _reserved()
        self._port: int = self._reserved.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self._port}"
        self.vkey = ""
        self._settings = {
            "DATABASE_URL": f"sqlite:///{folder / 'gateway.db'}",
            "KEYS_DIR": str(folder / "keys"),
            "STATE_DIR": str(folder / "state"),
            "TENANT": tenant,
            "ORIGIN": self.origin,
            "LOG_ORIGIN": log_origin,
            "LOG_LEVEL": "warning",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process; 0 when none runs."""
        return 0 if self._process is None else self._process.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which every command about this gateway runs."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        return {**inherited, **{PREFIX + name: value for name, value in self._settings.items()}}

    def set_up(self, founding: Mapping[str, Any]) -> None:
        """
        Make database and keys, and found the tenant.

        Args:
            founding: Members of ``tasuki agency found``.

        Raises:
            GatewayDidNotStart: A command failed.
        """
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / "gateway.env").write_text(self._exports(), encoding="utf-8")
        file = self.folder / "founding.json"
        file.write_text(json.dumps(founding, ensure_ascii=False, indent=2), encoding="utf-8")
        self.run("migrate")
        self.vkey = str(self.run("keys", "init")["log_vkey"])
        self.run("agency", "found", str(file))

    def _exports(self) -> str:
        """Return the settings as a shell reads them, for whoever looks at the gateway later."""
        settings = sorted(self._settings.items())
        return "".join(f"export {PREFIX}{n}={shlex.quote(value)}\n" for n, value in settings)

    def start(self) -> None:
        """
        Start it and wait until it is ready.

        Raises:
            GatewayDidNotStart: It ended, or is not ready in time.
        """
        self._reserved.close()
        with (self.folder / "gateway.log").open("ab") as lines:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*_COMMAND, "serve", "--port", str(self._port)],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
                # Ctrl-C at the terminal reaches the demonstration, which ends its gateways.
                start_new_session=True,
            )
        self._process = process
        until = time.monotonic() + _START_S
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise GatewayDidNotStart(f"see {self.folder / 'gateway.log'}")
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._reserved.close()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def leave_running(self) -> int:
        """Let it run on after this process has ended, and return its pid."""
        pid, self._process = self.pid, None
        return pid

    def run(self, *arguments: str) -> dict[str, Any]:
        """
        Run a command about this gateway and return what it answers.

        Raises:
            GatewayDidNotStart: It failed.
        """
        named = f"tasuki {' '.join(arguments[:2])}"
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                [*_COMMAND, *arguments, "--json"],
                env=self.environment,
                capture_output=True,
                timeout=_COMMAND_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GatewayDidNotStart(f"{named}: no answer in {_COMMAND_S} s") from error
        if done.returncode != 0:
            raise GatewayDidNotStart(f"{named}: {_fault(done.stdout, done.stderr)}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.origin}/health/ready", trust_env=False).status_code == 200  # noqa: PLR2004 - the status of the health check
        except httpx2.TransportError:
            return False


def _fault(stdout: bytes, stderr: bytes) -> str:
    """Return what a command said was wrong, or its last words."""
    try:
        error = json.loads(stdout)["error"]
    except (ValueError, KeyError, TypeError):
        return (stdout + stderr).decode(errors="replace").strip().rpartition("\n")[2]
    return f"{error['code']}: {error['message']}"


def _reserved() -> socket.socket:
    """Return a socket that keeps a port from others until the gateway takes it."""
    while True:
        kept = socket.socket()
        try:
            kept.bind(("127.0.0.1", random.choice(_PORTS)))  # noqa: S311 - not a secret
        except OSError:
            kept.close()
            continue
        return kept
