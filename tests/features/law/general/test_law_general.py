"""Scenarios of the law: general; see the conftest beside and above."""

from pytest_bdd import scenarios

scenarios(".")
