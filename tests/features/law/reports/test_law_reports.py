"""Scenarios of the law: reports, requests, disasters; see the conftest beside and above."""

from pytest_bdd import scenarios

scenarios(".")
