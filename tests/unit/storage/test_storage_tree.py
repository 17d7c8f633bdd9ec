"""The tree as the writer keeps it, against the tile builder that a stranger uses."""

import random
from hashlib import sha256

import pytest

from gateway.audit.tile_builder import TileBuilder
from gateway.audit.tree import MemoryTree
from gateway.crypto.merkle import tree_root
from gateway.storage.tree import Tree, grow, reduce_tile, tree_from_edge

HASHES = [sha256(bytes([0, n >> 8, n & 255])).digest() for n in range(1_300)]
SIZES = (0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1_024, 1_300)


@pytest.mark.parametrize("size", SIZES)
def test_tree_grown_in_any_batches_is_the_same(size: int) -> None:
    dice = random.Random(size)
    tree, start = Tree(), 0
    while start < size:
        end = min(size, start + dice.randint(1, 300))
        tree = grow(tree, HASHES[start:end]).tree
        start = end
    assert tree == grow(Tree(), HASHES[:size]).tree
    assert (tree.size, tree.root) == (size, tree_root(HASHES[:size]))


@pytest.mark.parametrize("size", SIZES)
def test_tree_from_its_edge_is_itself(size: int) -> None:
    tree = grow(Tree(), HASHES[:size]).tree
    assert tree_from_edge(size, tree.edge) == tree


@pytest.mark.parametrize("size", SIZES)
def test_full_tiles_and_edge_are_those_of_the_tile_builder(size: int) -> None:
    growth, builder = grow(Tree(), HASHES[:size]), TileBuilder()
    full = []
    for start in range(0, size, 256):
        full += builder.add(HASHES[start : min(size, start + 256)])
    assert set(growth.tiles) == {(tile.level, tile.index, data) for tile, data in full}
    partial = {tile.level: data for tile, data in builder.finish()}
    edge = {level: data for level, data in enumerate(growth.tree.edge) if data}
    assert edge == partial


def test_new_nodes_are_every_complete_subtree_that_came_about() -> None:
    known = MemoryTree(HASHES[:600])
    first = grow(Tree(), HASHES[:300])
    second = grow(first.tree, HASHES[300:600])
    nodes = {**dict(first.nodes), **dict(second.nodes)}
    assert len(nodes) == len(first.nodes) + len(second.nodes) == sum(600 >> n for n in range(10))
    assert all(known.hash_at(*node) == hash_ for node, hash_ in nodes.items())


def test_growing_leaves_the_tree_before_as_it_was() -> None:
    before = grow(Tree(), HASHES[:300]).tree
    root, edge = before.root, before.edge
    grow(before, HASHES[300:])
    assert (before.root, before.edge) == (root, edge)
    assert grow(before, []).tree == before


def test_reduced_tile_has_complete_nodes_alone() -> None:
    assert [len(level) for level in reduce_tile(HASHES[:7])] == [7, 3, 1]
    assert reduce_tile(HASHES[:256])[-1] == [tree_root(HASHES[:256])]
