"""
What is measured, each in a process of its own: the gateway, the rival, OPA and PostgreSQL.

The gateway is started as a user starts it: ``tasuki migrate``, ``tasuki keys init``, then
``tasuki serve`` with settings in the environment, its log lines going to a file.
"""

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import psycopg
from joserfc import jwt
from joserfc.jwk import ECKey
from uuid_utils import uuid7

from benchmarks.cast import ACTOR, SYSTEM, Cast, register_cast
from gateway.audit.checkpoint import TrustedLog
from gateway.crypto.jwt import sign_jwt
from gateway.identity.assertions import ASSERTION_TYPE
from gateway.settings import Settings
from gateway.storage.key_ring import load_log_key

__all__ = ["Server", "Tasuki", "free_port", "rival", "tasuki"]

ROOT: Final = Path(__file__).resolve().parents[1]
_START_S: Final = 30.0
_STOP_S: Final = 30.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_DIY_TABLE: Final = (
    "CREATE TABLE disclosure (id TEXT PRIMARY KEY, agency TEXT, at BIGINT, subject TEXT,"
    " decision TEXT, content TEXT)"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on a port of 127.0.0.1."""

    port: int
    process: subprocess.Popen[bytes]
    headers: Mapping[str, str]

    def cpu_s(self) -> float:
        """Return how many seconds of processor time it has used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS

    def stop(self) -> None:
        """Let it end what it has begun, and wait for it."""
        self.process.terminate()
        self.process.wait(timeout=_STOP_S)

    def peak_mib(self) -> float:
        """Return the most memory that it has had at once."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (row for row in status.splitlines() if row.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1024, 1)


@dataclass(frozen=True, slots=True)
class Tasuki:
    """A gateway that serves, its cast, and its log as known beforehand."""

    settings: Settings
    cast: Cast
    log: TrustedLog
    server: Server

    @property
    def url(self) -> str:
        """Where it is."""
        return self.settings.origin

    def headers(self) -> dict[str, str]:
        """Return the headers of a call, with an access token got just now."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": SYSTEM,
            "sub": SYSTEM,
            "aud": self.url,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid7()),
        }
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": sign_jwt(claims, key=self.cast.client_key, typ=ASSERTION_TYPE),
        }
        data = urllib.parse.urlencode(form).encode("ascii")
        answer = orjson.loads(fetch(f"{self.url}/oauth/token", data))
        return call_headers(self.server.port, answer["access_token"])


@contextlib.contextmanager
def tasuki(
    home: Path, database_url: str, *, policies: Path, pdp: str, opa_port: int, persons: int
) -> Iterator[Tasuki]:
    """
    Yield a gateway that serves a fresh database, with the cast registered.

    Args:
        home: An empty directory for keys, state and log lines.
        database_url: An empty database.
        policies: The directory of the policies.
        pdp: ``embedded`` or ``opa``.
        opa_port: Where OPA serves the same bundle.
        persons: How many persons the cast has.
    """
    port = free_port()
    environment = {
        "TASUKI_DATABASE_URL": database_url,
        "TASUKI_ORIGIN": f"http://127.0.0.1:{port}",
        "TASUKI_KEYS_DIR": str(home / "keys"),
        "TASUKI_STATE_DIR": str(home / "state"),
        "TASUKI_POLICIES_DIR": str(policies),
        "TASUKI_PORT": str(port),
        "TASUKI_PDP": pdp,
        "TASUKI_OPA_PORT": str(opa_port),
    }
    for command in (["keys", "init"], ["migrate"]):
        subprocess.run(  # noqa: S603 - our own program
            [_program(), *command],
            check=True,
            env=_plain_environment() | environment,
            stdout=subprocess.DEVNULL,
        )
    settings = _settings(environment)
    cast = register_cast(settings, persons=persons)
    log = TrustedLog(settings.log_origin, (load_log_key(settings.keys_dir, settings.log_origin),))
    with _started([_program(), "serve"], environment, home, port, "/health/ready") as process:
        yield Tasuki(settings, cast, log, Server(port, process, {}))


@contextlib.contextmanager
def rival(
    home: Path, database_url: str, *, question: Mapping[str, Any], opa_port: int
) -> Iterator[Server]:
    """Yield the do-it-yourself gateway, serving on an empty database."""
    port, issuer = free_port(), "https://login.example"
    key = ECKey.generate_key("P-256")
    location = database_url.removeprefix("sqlite:///")
    if location == database_url:
        with psycopg.connect(database_url) as connection:
            connection.execute(_DIY_TABLE)
    else:
        with contextlib.closing(sqlite3.connect(location)) as file:
            file.execute(_DIY_TABLE)
    config = {
        "jwk": key.as_dict(private=False),
        "issuer": issuer,
        "question": question,
        "database": location,
        "opa_port": opa_port,
    }
    path = home / "diy.json"
    path.write_bytes(orjson.dumps(config, default=dict))
    claims = {"iss": issuer, "agency": "npo-hidamari", "exp": int(time.time()) + 7200}
    token = jwt.encode({"alg": "ES256"}, claims, key)
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "benchmarks.diy.gateway:app",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level=warning",
    ]
    environment = {"DIY_CONFIG": str(path)}
    with _started(command, environment, home, port, "/openapi.json") as process:
        yield Server(port, process, call_headers(port, token))


def call_headers(port: int, token: str) -> dict[str, str]:
    """Return the headers of every call; the rival ignores whom it does not know."""
    return {
        "host": f"127.0.0.1:{port}",
        "content-type": "application/json",
        "authorization": f"Bearer {token}",
        "tasuki-actor": ACTOR,
    }


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str, data: bytes | None = None) -> bytes:
    """Return what a server on this machine answers."""
    with urllib.request.urlopen(url, data, timeout=30) as answer:  # noqa: S310 - 127.0.0.1
        content: bytes = answer.read()
    return content


@contextlib.contextmanager
def _started(
    command: list[str], environment: dict[str, str], home: Path, port: int, path: str
) -> Iterator[subprocess.Popen[bytes]]:
    output = home / f"server-{port}.log"
    with output.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            cwd=ROOT,
            env=_plain_environment() | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(process, f"http://127.0.0.1:{port}{path}", output)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=_STOP_S)


def _await_answer(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            fetch(url)
            return
        time.sleep(0.05)
    raise RuntimeError(f"a server did not start: {output.read_bytes()[-2000:].decode()}")


def _program() -> str:
    return str(Path(sys.executable).with_name("tasuki"))


def _plain_environment() -> dict[str, str]:
    """Return this environment without settings of a gateway."""
    return {n: v for n, v in os.environ.items() if not n.startswith("TASUKI_")}


def _settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings for registering the cast, which needs no OPA."""
    members = {n.removeprefix("TASUKI_").lower(): v for n, v in environment.items()}
    return Settings(**{**members, "pdp": "embedded"})  # type: ignore[arg-type] # text is converted
