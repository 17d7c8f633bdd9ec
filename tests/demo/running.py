"""Running the demonstration, and reading what it left."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.bootstrap import open_gateway
from gateway.domain.ids import DecisionId
from gateway.settings import Settings

__all__ = ["DemoRun", "inputs_of", "tasuki"]

_REASON = "断られた判断を、規則を変えて試すため"
_REFUSED = frozenset({"deny", "held"})


@dataclass(frozen=True)
class DemoRun:
    """
    A run as it was seen from outside, and what its refusals were decided from.

    Attributes:
        status: How the command ended.
        said: What it wrote to standard output.
        folder: What it left.
        inputs: Exchange to the policy input of its refusal.
    """

    status: int
    said: str
    folder: Path
    inputs: dict[str, dict[str, Any]]

    @property
    def answer(self) -> dict[str, Any]:
        """What it said, read."""
        answer: dict[str, Any] = json.loads(self.said)
        return answer

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """Every part of every exchange."""
        exchanges: list[dict[str, Any]] = self.answer["exchanges"]
        return exchanges

    def part(self, id_: str, to: str = "") -> dict[str, Any]:
        """The part of an exchange, of one recipient where there are several."""
        return next(e for e in self.exchanges if e["id"] == id_ and to in {"", e["to"]})


def tasuki(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end, with no setting of ours."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TASUKI_")}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "gateway.cli.main", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def inputs_of(answer: dict[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Read, with each gateway's keys, what every refused exchange was decided from."""
    refused = [e for e in answer["exchanges"] if e["outcome"] in _REFUSED]
    inputs: dict[str, dict[str, Any]] = {}
    for pack in sorted({e["pack"] for e in refused}):
        with open_gateway(_settings(folder / "towns" / pack / "gateway")) as gateway:
            records = gateway.audit_records
            for exchange in (e for e in refused if e["pack"] == pack):
                entry_id = records.entry_of(DecisionId(exchange["decision_id"]))
                body = records.read_at_console("console.test", entry_id, _REASON).body
                inputs[exchange["id"]] = body["policy_input"]
    return inputs


def _settings(gateway: Path) -> Settings:
    """Return the settings that a demonstration left for whoever looks at its gateway later."""
    lines = (gateway / "gateway.env").read_text().splitlines()
    pairs = (line.removeprefix("export TASUKI_").split("=", 1) for line in lines)
    return Settings(**{name.lower(): value for name, value in pairs})  # type: ignore[arg-type]
