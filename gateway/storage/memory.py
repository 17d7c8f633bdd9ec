"""What the writer leaves for the readers of its process: new nodes, indices, signed heads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from gateway.crypto.merkle import Node
from gateway.domain.ids import EntryId
from gateway.ports.log import Checkpoint

__all__ = ["LogMemory", "RecentCache"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_NODES: Final = 65_536
_ENTRIES: Final = 16_384


class RecentCache(Generic[_Key, _Value]):
    """
    Keeps the newest ``limit`` to twice ``limit`` values; what is read stays longer.

    Two generations instead of a list of uses: one dictionary operation a call, so that a
    writer and readers in other threads need no lock.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[_Key, _Value] = {}
        self._old: dict[_Key, _Value] = {}

    def get(self, key: _Key) -> _Value | None:
        """Return what is kept under ``key``, or ``None``."""
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self._young[key] = value
        return value

    def put(self, values: Mapping[_Key, _Value] | Iterable[tuple[_Key, _Value]]) -> None:
        """Keep these; the oldest may go."""
        self._young.update(values)
        if len(self._young) > self._limit:
            self._old, self._young = self._young, {}


@dataclass(slots=True)
class LogMemory:
    """
    One log as seen in this process; empty where no writer runs.

    Attributes:
        nodes: Complete subtrees by level and index.
        entries: Index of recent entries by id.
        latest: The newest signed head; it never covers what ``nodes`` has not been told.
    """

    nodes: RecentCache[Node, bytes] = field(default_factory=lambda: RecentCache(_NODES))
    entries: RecentCache[EntryId, int] = field(default_factory=lambda: RecentCache(_ENTRIES))
    latest: Checkpoint | None = None
