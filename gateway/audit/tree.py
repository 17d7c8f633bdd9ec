"""
The tree of a log: its state, what extends it, and the proofs built from it.

A :class:`TreeState` is a few hashes whatever the log's size; whoever holds one can extend
the log and compute its root. Proofs need the hashes of complete subtrees, which any
:class:`HashSource` gives: a database, tiles in a folder, or a list in memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from gateway.crypto.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    node_hash,
)
from gateway.domain.errors import IntegrityError

__all__ = ["HashSource", "MemoryTree", "TreeState", "prove_consistency", "prove_inclusion"]


class HashSource(Protocol):
    """Gives the hashes of complete subtrees."""

    def hash_at(self, level: int, index: int) -> bytes:
        """Return the root over leaves ``[index * 2^level, (index + 1) * 2^level)``."""
        ...


@dataclass(frozen=True, slots=True)
class TreeState:
    """A log's tree at one size; ``TreeState()`` is the empty one."""

    frontier: Frontier = field(default_factory=Frontier)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self.frontier.size

    @property
    def root(self) -> bytes:
        """Root over all leaves, 32 bytes."""
        return self.frontier.root()

    def extended(self, leaf_hashes: Iterable[bytes]) -> "TreeState":
        """Return the state after appending these leaf hashes."""
        return TreeState(self.frontier.extended(leaf_hashes))


class MemoryTree:
    """Every complete subtree of a small log, in memory; a :class:`HashSource`."""

    __slots__ = ("_levels",)

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for hash_ in leaf_hashes:
            self.append(hash_)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def append(self, leaf_hash: bytes) -> None:
        """Append one leaf."""
        level, hash_ = 0, leaf_hash
        self._levels[0].append(hash_)
        while len(self._levels[level]) % 2 == 0:
            hash_ = node_hash(*self._levels[level][-2:])
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(hash_)

    def hash_at(self, level: int, index: int) -> bytes:
        """
        Return the hash of a complete subtree.

        Raises:
            IntegrityError: There is no such subtree.
        """
        if not 0 <= level < len(self._levels) or not 0 <= index < len(self._levels[level]):
            raise IntegrityError("beyond the tree")
        return self._levels[level][index]


def prove_inclusion(source: HashSource, index: int, size: int) -> tuple[bytes, ...]:
    """
    Return the proof that leaf ``index`` is in the tree of ``size`` leaves.

    Raises:
        InvalidProof: The index is not below the size.
    """
    return inclusion_proof(index, size, source.hash_at)


def prove_consistency(source: HashSource, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """
    Return the proof that the tree of ``old_size`` is the beginning of that of ``new_size``.

    Raises:
        InvalidProof: The old tree is larger.
    """
    return consistency_proof(old_size, new_size, source.hash_at)
