"""
A log's tree as the writer keeps it: frontier, root, and the tiles it is still filling.

* A tile holds 256 hashes of one level (C2SP tlog-tiles); level ``L`` stands on tree level
  ``8 * L``. Full tiles are stored, the rest of the right edge is kept here.
* Nothing here changes in place: a batch that is not committed leaves no trace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.crypto.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, Node, node_hash
from gateway.crypto.tiles import TILE_HEIGHT, TILE_WIDTH

__all__ = [
    "FullTile",
    "Growth",
    "Tree",
    "grow",
    "reduce_tile",
    "split_hashes",
    "tree_from_edge",
]

_EMPTY: Final = Frontier()

FullTile: TypeAlias = tuple[int, int, bytes]  # tile level, number in that level, 256 hashes


@dataclass(frozen=True, slots=True)
class Tree:
    """
    A tree with its root.

    Attributes:
        frontier: Size and the perfect subtrees it is made of.
        root: Its root (RFC 6962 2.1).
        edge: For each tile level the hashes that do not fill a tile yet.
    """

    frontier: Frontier = _EMPTY
    root: bytes = EMPTY_ROOT
    edge: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """How many leaves."""
        return self.frontier.size


@dataclass(frozen=True, slots=True)
class Growth:
    """What a batch of leaves makes of a tree: the new tree, full tiles and new nodes."""

    tree: Tree
    tiles: tuple[FullTile, ...]
    nodes: tuple[tuple[Node, bytes], ...]


def grow(tree: Tree, leaf_hashes: Iterable[bytes]) -> Growth:
    """Return the tree with the leaves added, and every complete subtree that came about."""
    size, stack = tree.size, list(tree.frontier.hashes)
    edge = [bytearray(level) for level in tree.edge]
    tiles: list[FullTile] = []
    nodes: list[tuple[Node, bytes]] = []
    for leaf in leaf_hashes:
        node, level, index = leaf, 0, size
        while True:
            nodes.append(((level, index), node))
            if level % TILE_HEIGHT == 0:
                _extend_edge(edge, tiles, level // TILE_HEIGHT, index, node)
            if not index & 1:
                break
            node = node_hash(stack.pop(), node)
            level, index = level + 1, index >> 1
        stack.append(node)
        size += 1
    frontier = Frontier(size, tuple(stack))
    grown = Tree(frontier, frontier.root(), tuple(bytes(level) for level in edge))
    return Growth(grown, tuple(tiles), tuple(nodes))


def tree_from_edge(size: int, edge: Sequence[bytes]) -> Tree:
    """Return the tree whose right edge, from the leaves upwards, is ``edge``."""
    hashes: list[bytes] = []
    for level in reversed(edge):
        hashes += _perfect_subtrees(split_hashes(level))
    frontier = Frontier(size, tuple(hashes))
    return Tree(frontier, frontier.root(), tuple(edge))


def reduce_tile(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the complete nodes over ``hashes``, level by level; the first is ``hashes``."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([node_hash(left, right) for left, right in pairs])
    return levels


def split_hashes(joined: bytes) -> list[bytes]:
    """Return the 32-byte hashes a tile or a frontier consists of."""
    return [joined[i : i + HASH_BYTES] for i in range(0, len(joined), HASH_BYTES)]


def _extend_edge(
    edge: list[bytearray], tiles: list[FullTile], level: int, index: int, node: bytes
) -> None:
    if level == len(edge):
        edge.append(bytearray())
    edge[level] += node
    if len(edge[level]) == TILE_WIDTH * HASH_BYTES:
        tiles.append((level, index >> TILE_HEIGHT, bytes(edge[level])))
        edge[level].clear()


def _perfect_subtrees(hashes: list[bytes]) -> list[bytes]:
    roots: list[bytes] = []
    start = 0
    for bit in reversed(range(TILE_HEIGHT)):
        if len(hashes) >> bit & 1:
            roots.append(reduce_tile(hashes[start : start + (1 << bit)])[-1][0])
            start += 1 << bit
    return roots
