"""Scenarios of the law: meetings; see the conftest beside and above."""

from pytest_bdd import scenarios

scenarios(".")
