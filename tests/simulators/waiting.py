"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["eventually"]

_Found = TypeVar("_Found")


def eventually(look: Callable[[], _Found], *, within_s: float = 30.0) -> _Found:
    """Look again and again, and return what is found as soon as it is something."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)
