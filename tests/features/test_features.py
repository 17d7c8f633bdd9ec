"""Every feature of this directory, on every driver; those of ``law/`` have doors of their own."""

from pathlib import Path

from pytest_bdd import scenarios

pytest_plugins = [
    "tests.features.steps_registers",
    "tests.features.steps_acting",
    "tests.features.steps_outcomes",
]

scenarios(*sorted(path.name for path in Path(__file__).parent.glob("*.feature")))
