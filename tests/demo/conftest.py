"""One real run of ``tasuki demo --json``, shared by all tests and all workers."""

import fcntl
import json
import os
import random
import sys

import pytest

from tests.demo.running import DemoRun, inputs_of, tasuki


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The run; whichever worker comes first plays it, and the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    shared.mkdir(exist_ok=True)
    kept, folder = shared / "run.json", shared / "folder"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            done = tasuki("demo", "--json", "--folder", str(folder))
            sys.stderr.write(done.stderr)
            inputs = inputs_of(json.loads(done.stdout), folder) if done.returncode == 0 else {}
            kept.write_text(
                json.dumps({"status": done.returncode, "said": done.stdout, "inputs": inputs})
            )
    found = json.loads(kept.read_text())
    return DemoRun(found["status"], found["said"], folder, found["inputs"])


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """The run's seed: the one that hypothesis was given, so that one option repeats a run."""
    given = request.config.getoption("--hypothesis-seed")
    seed = str(random.SystemRandom().getrandbits(32) if given is None else given)
    print(f"seed {seed}")  # noqa: T201 - a failing run is repeated with it
    return seed
