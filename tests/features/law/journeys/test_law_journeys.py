"""Journeys across agencies, where they are decisions; see the conftest beside and above."""

from pytest_bdd import scenarios

scenarios(".")
