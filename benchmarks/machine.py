"""What the measurements were made on, so that nobody compares figures of two machines."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

__all__ = ["describe"]

_PACKAGES: Final = (
    "fastapi",
    "gordon-to-regorus",
    "opa-python-client",
    "orjson",
    "psycopg",
    "pysqlite3",
    "sqlalchemy",
    "uvicorn",
    "uvloop",
)


def describe(*, opa: Path | None = None, postgres: str = "") -> dict[str, Any]:
    """
    Return cores, processor, versions and the load before anything was measured.

    Args:
        opa: The OPA binary; ``None`` when nothing is asked of it.
        postgres: What the PostgreSQL server says of its version; empty when there is none.
    """
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "opa": "" if opa is None else _opa(opa),
        "postgresql": postgres,
        "packages": {name: version(name) for name in _PACKAGES},
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _opa(binary: Path) -> str:
    said = subprocess.run(  # noqa: S603 - the program that make tools built
        [binary, "version"], check=True, capture_output=True, text=True
    )
    return said.stdout.splitlines()[0].removeprefix("Version: ")
