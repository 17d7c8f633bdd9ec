"""Every feature of this directory, on every driver."""

from pytest_bdd import scenarios

scenarios(".")
