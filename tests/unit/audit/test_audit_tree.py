"""The tree's state and the proofs from any source of hashes."""

import os
import random

import pytest

from gateway.audit.tree import MemoryTree, TreeState, prove_consistency, prove_inclusion
from gateway.crypto.merkle import EMPTY_ROOT, InvalidProof, verify_consistency, verify_inclusion
from gateway.domain.errors import IntegrityError


def test_source_has_no_hash_beyond_the_tree() -> None:
    tree = MemoryTree([os.urandom(32) for _ in range(5)])

    for level, index in [(0, 5), (1, 2), (2, 1), (3, 0), (-1, 0), (0, -1)]:
        with pytest.raises(IntegrityError):
            tree.hash_at(level, index)


def test_proofs_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidProof):
        prove_inclusion(MemoryTree(), 0, 0)
    with pytest.raises(InvalidProof):
        prove_consistency(MemoryTree(), 2, 1)


def test_states_at_every_size_are_consistent_with_every_later_one() -> None:
    tree, states = MemoryTree(), [TreeState()]
    hashes = [os.urandom(32) for _ in range(40)]
    for hash_ in hashes:
        tree.append(hash_)
        states.append(states[-1].extended([hash_]))

    assert EMPTY_ROOT == states[0].root
    assert 40 == tree.size == states[-1].size
    for old in states:
        for new in states[old.size :]:
            proof = prove_consistency(tree, old.size, new.size)
            verify_consistency(old.size, new.size, proof, old.root, new.root)
    for index, hash_ in enumerate(hashes):
        proof = prove_inclusion(tree, index, 40)
        verify_inclusion(hash_, index, 40, proof, states[-1].root)


@pytest.mark.parametrize(
    "size", [1 << 14, pytest.param(1 << 20, marks=pytest.mark.long)], ids=["2^14", "2^20"]
)
def test_proofs_in_large_trees_verify_at_random_sizes(size: int) -> None:
    rng = random.Random(size)
    sizes = sorted({rng.randrange(1, size + 1) for _ in range(60)} | {size})
    tree = MemoryTree(i.to_bytes(32, "big") for i in range(size))
    roots: dict[int, bytes] = {}
    state = TreeState()
    for at in sizes:
        state = state.extended(i.to_bytes(32, "big") for i in range(state.size, at))
        roots[at] = state.root

    for new in sizes:
        index, old = rng.randrange(new), rng.choice([s for s in sizes if s <= new])
        proof = prove_inclusion(tree, index, new)
        verify_inclusion(index.to_bytes(32, "big"), index, new, proof, roots[new])
        proof = prove_consistency(tree, old, new)
        verify_consistency(old, new, proof, roots[old], roots[new])
