"""
A real OPA beside us, for authors and tests: found, started on a free port, stopped.

The binary is built by ``make tools``. Nothing here serves in production, where OPA is a
sidecar of its own.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.crypto.key_files import public_pem
from gateway.crypto.keys import VerifyKey
from gateway.policy.signing import SCOPE

__all__ = ["OPANotStarted", "find_opa", "opa_pulling", "opa_serving"]

_VERSION = "1.22.2"
_START_S = 15.0


class OPANotStarted(RuntimeError):
    """OPA did not become ready; the message holds the end of what it printed."""


def find_opa(root: Path) -> Path | None:
    """
    Return the OPA binary: ``.tools/opa`` of a checkout, else the tools cache, else the path.

    Args:
        root: The checkout.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    named = [root / ".tools/opa", cache / f"tasuki/opa-{_VERSION}/opa"]
    found = next((p for p in named if p.is_file()), None)
    on_path = shutil.which("opa")
    return found or (Path(on_path) if on_path else None)


@contextlib.contextmanager
def opa_serving(binary: Path, archive: bytes, *, trusted: VerifyKey | None = None) -> Iterator[int]:
    """
    Serve one bundle from a file; yields the port on 127.0.0.1.

    Args:
        binary: The OPA program.
        archive: The bundle.
        trusted: Whose signature the bundle must carry; ``None`` demands none.

    Raises:
        OPANotStarted: OPA did not become ready in time, or did not believe the bundle.
    """
    with tempfile.TemporaryDirectory(prefix="tasuki-opa-") as directory:
        bundle = Path(directory) / "bundle.tar.gz"
        bundle.write_bytes(archive)
        with _running(binary, ["--bundle", str(bundle), *_verifying(trusted, bundle)]) as port:
            yield port


@contextlib.contextmanager
def opa_pulling(
    binary: Path,
    url: str,
    resource: str,
    *,
    trusted: VerifyKey | None = None,
    start_s: float = _START_S,
) -> Iterator[int]:
    """
    Pull a bundle over HTTP, as the sidecar does; yields the port on 127.0.0.1.

    Args:
        binary: The OPA program.
        url: Origin of the service, for example ``http://127.0.0.1:8080``.
        resource: Path of the bundle there.
        trusted: Whose signature the bundle must carry; ``None`` demands none.
        start_s: Seconds within which it has to be ready.

    Raises:
        OPANotStarted: OPA did not become ready, for example because the bundle was refused.
    """
    bundle: dict[str, Any] = {
        "service": "gateway",
        "resource": resource,
        "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1},
    }
    config: dict[str, Any] = {
        "services": {"gateway": {"url": url}},
        "bundles": {"gateway": bundle},
    }
    if trusted is not None:
        key = {"algorithm": trusted.alg.value, "key": public_pem(trusted.public)}
        config["keys"] = {trusted.kid: key}
        bundle["signing"] = {"keyid": trusted.kid, "scope": SCOPE}
    with tempfile.TemporaryDirectory(prefix="tasuki-opa-") as directory:
        path = Path(directory) / "opa.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        with _running(binary, ["--config-file", str(path)], start_s) as port:
            yield port


def _verifying(trusted: VerifyKey | None, bundle: Path) -> list[str]:
    """Return the arguments by which OPA believes a file only with this key's signature."""
    if trusted is None:
        return []
    pem = bundle.with_name("trusted.pem")
    pem.write_text(public_pem(trusted.public), encoding="ascii")
    return [
        f"--verification-key={pem}",
        f"--verification-key-id={trusted.kid}",
        f"--signing-alg={trusted.alg.value}",
        f"--scope={SCOPE}",
    ]


@contextlib.contextmanager
def _running(binary: Path, arguments: list[str], start_s: float = _START_S) -> Iterator[int]:
    port = _free_port()
    with tempfile.TemporaryFile() as output:
        server = subprocess.Popen(  # noqa: S603 - the program that make tools built
            [
                str(binary),
                "run",
                "--server",
                f"--addr=127.0.0.1:{port}",
                "--log-level=error",
                "--disable-telemetry",
                *arguments,
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _ready(port, server, start_s):
                output.seek(0)
                raise OPANotStarted(output.read()[-2000:].decode("utf-8", "replace"))
            yield port
        finally:
            server.terminate()
            server.wait(timeout=10)


def _ready(port: int, server: subprocess.Popen[bytes], start_s: float) -> bool:
    until = time.monotonic() + start_s
    while time.monotonic() < until and server.poll() is None:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health?bundles", timeout=1),
        ):
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
