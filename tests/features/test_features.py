"""Every feature of this directory, on every driver."""

from pytest_bdd import scenarios

pytest_plugins = [
    "tests.features.steps_registers",
    "tests.features.steps_acting",
    "tests.features.steps_outcomes",
]

scenarios(".")
