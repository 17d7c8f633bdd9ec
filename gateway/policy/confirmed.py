"""
What the compiled evaluator may answer: questions of a shape that the interpreter confirmed.

The compiled evaluator is several times as fast, and has once left a stop silent. A fault of that
kind lies in how a rule is written, not in a person's name: it shows on every question that
reaches the same rules in the same way. So the first question of each *shape* is asked of both,
and so is one in every :data:`EVERY` afterwards. Where they differ nothing passes, the officer
hears of a silent policy, and from then on the interpreter decides alone.

The shape of a question is what its rules can tell apart without knowing anybody: which members
are there, every word that rules or tables contain, whether a number is zero, and what was
answered: outcome, reasons, stops and grounds.
"""

import logging
import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Final, Protocol

import orjson

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.compiled import CompiledPolicy, TooLong
from gateway.policy.interpreter import InterpretedPolicy

__all__ = ["EVERY", "ConfirmedPolicy", "Evaluator", "words_of"]

EVERY: Final = 64
# Beyond so many shapes all are forgotten, and confirmed anew: a few megabytes at most.
_SHAPES: Final = 50_000
_ANSWERED: Final = ("outcome", "reasons", "stops", "grounds")
_LITERAL: Final = re.compile(r'"([^"\\\n]*)"')

_ZERO: Final = "number: zero"
_OTHER: Final = "number: other"

_log = logging.getLogger(__name__)


class Evaluator(Protocol):
    """Whatever answers questions by one revision."""

    def said(self, policy_input: Mapping[str, Any]) -> Any:
        """
        Return what the rules say, unread.

        Raises:
            PolicyUnavailable: It failed.
        """


class ConfirmedPolicy:
    """
    Two evaluators of one revision, in the thread that made them.

    Args:
        interpreter: The one that is believed.
        compiled: The fast one.
        words: Every word that rules and tables contain.
    """

    def __init__(self, interpreter: Evaluator, compiled: Evaluator, words: frozenset[str]) -> None:
        self._interpreter = interpreter
        self._compiled: Evaluator | None = compiled
        self._words = words
        self._confirmed: set[int] = set()
        self._unconfirmed = 0

    @classmethod
    def of(cls, modules: Mapping[str, str], data_json: str) -> "ConfirmedPolicy":
        """
        Load a revision into both.

        Raises:
            RevisionRejected: The interpreter cannot read a file.
            PolicyUnavailable: The rules do not compile.
        """
        return cls(
            InterpretedPolicy(modules, data_json),
            CompiledPolicy(modules, data_json),
            words_of(modules, data_json),
        )

    def said(self, policy_input: Mapping[str, Any]) -> Any:
        """
        Return what the rules say, unread.

        Raises:
            PolicyUnavailable: An evaluator failed, or the two differ.
        """
        if self._compiled is None:
            return self._interpreter.said(policy_input)
        try:
            said = self._compiled.said(policy_input)
        except TooLong:
            return self._interpreter.said(policy_input)
        shape = hash((self._shape(policy_input), self._shape(_answered(said))))
        self._unconfirmed += 1
        if shape not in self._confirmed or self._unconfirmed >= EVERY:
            self._confirm(policy_input, said, shape)
        return said

    def _confirm(self, policy_input: Mapping[str, Any], said: Any, shape: int) -> None:
        if self._interpreter.said(policy_input) != said:
            self._compiled = None
            # Neither question nor answer is told: both may speak of a person.
            _log.critical("policy.evaluators_differ")
            raise PolicyUnavailable("the two evaluators differ")
        if len(self._confirmed) >= _SHAPES:
            self._confirmed.clear()
        self._confirmed.add(shape)
        self._unconfirmed = 0

    def _shape(self, value: Any) -> Hashable:
        if isinstance(value, str):
            return value if value in self._words else "*"
        if isinstance(value, Mapping):
            return tuple((k, self._shape(v)) for k, v in value.items())
        if isinstance(value, list):
            return frozenset(map(self._shape, value))
        # Equal hashes for 1 and True would make one shape of two.
        return value if value is None or isinstance(value, bool) else (_OTHER if value else _ZERO)


def _answered(said: Any) -> Any:
    """Return what of an answer belongs to the shape; nobody has checked its form yet."""
    return [said.get(part) for part in _ANSWERED] if isinstance(said, Mapping) else said


def words_of(modules: Mapping[str, str], data_json: str) -> frozenset[str]:
    """Return every word that rules and tables contain; all else is somebody's name or number."""
    return frozenset(_words(modules, data_json))


def _words(modules: Mapping[str, str], data_json: str) -> Iterator[str]:
    yield ""
    for source in modules.values():
        yield from _LITERAL.findall(source)
    pending = [orjson.loads(data_json)]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            pending += value.values()
        elif isinstance(value, list):
            pending += value
