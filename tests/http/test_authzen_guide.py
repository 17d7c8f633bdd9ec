"""The example of the guide is run as it stands there, against a real gateway."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings
from tests.simulators.authzen import errors_of
from tests.simulators.member import Cast

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "authzen.md"


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def run(cast: Cast, token: str) -> dict[str, Any]:
    bash = shutil.which("bash")
    if bash is None or shutil.which("curl") is None:
        pytest.skip("the example needs bash and curl")
    gateway = f"http://127.0.0.1:{cast.gateway.port}"
    done = subprocess.run(  # noqa: S603 - the guide's own text
        [bash, "-c", block("sh")],
        env={"PATH": os.environ["PATH"], "GATEWAY": gateway, "TOKEN": token},
        capture_output=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_example_without_a_usable_token_is_not_answered(cast: Cast) -> None:
    assert 401 == run(cast, "none")["status"]


def test_example_is_answered_as_the_guide_says(cast: Cast) -> None:
    cast.consented("case-2026-014")
    shown = json.loads(block("json"))

    said = run(cast, cast.city.token())

    assert [] == errors_of("evaluation-response", shown)
    assert [] == errors_of("evaluation-response", said)
    assert shown["decision"] is said["decision"] is True
    assert shown["context"]["fields_permitted"] == said["context"]["fields_permitted"]
    assert shown["context"]["obligations"][0] in said["context"]["obligations"]


def test_limit_that_the_guide_names_is_the_settings_own() -> None:

    default = Settings.model_fields["dry_runs_per_minute"].default

    assert f"`TASUKI_DRY_RUNS_PER_MINUTE` ({default} unless set)" in GUIDE.read_text("utf-8")
