"""Scenarios of the law: guards; see the conftest beside and above."""

from pytest_bdd import scenarios

scenarios(".")
