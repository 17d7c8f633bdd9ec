"""Trees and proofs against the recursive definition of RFC 6962, and against liars."""

import json
import random
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from gateway.crypto.merkle import (
    EMPTY_ROOT,
    Frontier,
    InvalidProof,
    consistency_plan,
    consistency_proof,
    inclusion_plan,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

N = 130
LEAVES = [sha256(i.to_bytes(4, "big")).digest() for i in range(N)]
VECTORS = Path(__file__).parents[2] / "vectors" / "merkle_roots.json"


def _split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


_ROOTS: dict[tuple[int, int], bytes] = {}


def _mth(start: int, end: int) -> bytes:
    """RFC 6962 2.1, word by word."""
    if (start, end) not in _ROOTS:
        if end == start:
            return sha256(b"").digest()
        if end - start == 1:
            return LEAVES[start]
        k = start + _split(end - start)
        _ROOTS[start, end] = sha256(b"\x01" + _mth(start, k) + _mth(k, end)).digest()
    return _ROOTS[start, end]


def _path(m: int, start: int, end: int) -> list[bytes]:
    """RFC 6962 2.1.1."""
    if end - start == 1:
        return []
    k = start + _split(end - start)
    if m < k - start:
        return [*_path(m, start, k), _mth(k, end)]
    return [*_path(m - (k - start), k, end), _mth(start, k)]


def _subproof(m: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    """RFC 6962 2.1.2."""
    if m == end - start:
        return [] if whole else [_mth(start, end)]
    k = start + _split(end - start)
    if m <= k - start:
        return [*_subproof(m, start, k, whole=whole), _mth(k, end)]
    return [*_subproof(m - (k - start), k, end, whole=False), _mth(start, k)]


def _hash_at(level: int, index: int) -> bytes:
    return _mth(index << level, (index + 1) << level)


def test_tree_root_of_the_known_leaves_is_the_known_root() -> None:
    vectors = json.loads(VECTORS.read_text())
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in vectors["leaves_hex"]]

    for size, root in enumerate(vectors["roots_hex"]):
        assert root == tree_root(hashes[:size]).hex()


def test_frontier_at_every_size_gives_the_recursive_root() -> None:
    frontier = Frontier()

    for size in range(N + 1):
        assert _mth(0, size) == frontier.root()
        assert frontier == Frontier.from_bytes(size, frontier.to_bytes())
        if size < N:
            frontier = frontier.extended([LEAVES[size]])


def test_frontier_extended_at_once_equals_one_by_one() -> None:
    for start in range(0, N, 7):
        whole = Frontier().extended(LEAVES[:start]).extended(LEAVES[start:])

        assert Frontier().extended(LEAVES) == whole


@pytest.mark.parametrize(
    ("size", "data"), [(3, b"0" * 32), (0, b"0"), (-1, b""), (1, b"0" * 31)], ids=count()
)
def test_frontier_of_another_length_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(InvalidProof):
        Frontier.from_bytes(size, data)


def test_inclusion_of_every_leaf_of_every_tree_is_the_recursive_proof() -> None:
    for size in range(1, N + 1):
        root = _mth(0, size)
        for index in range(size):
            proof = inclusion_proof(index, size, _hash_at)
            assert tuple(_path(index, 0, size)) == proof
            verify_inclusion(LEAVES[index], index, size, proof, root)


def test_consistency_of_every_pair_of_trees_is_the_recursive_proof() -> None:
    for new in range(1, N + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, _hash_at)
            assert tuple(_subproof(old, 0, new, whole=True)) == proof
            verify_consistency(old, new, proof, _mth(0, old), _mth(0, new))


def test_plans_of_large_trees_are_short() -> None:
    rng = random.Random(6962)
    for _ in range(500):
        new = rng.randrange(1, 2**40)
        old = rng.randrange(1, new + 1)

        assert 40 >= len(inclusion_plan(old - 1, new))
        assert 41 >= len(consistency_plan(old, new))


def _mutations(proof: tuple[bytes, ...], rng: random.Random) -> list[tuple[bytes, ...]]:
    other = sha256(b"other").digest()
    changed = [(other, *proof), (*proof, other), (*proof, *proof, other)]
    for place in range(len(proof)):
        bit = 1 << rng.randrange(8)
        flipped = bytes([proof[place][0] ^ bit]) + proof[place][1:]
        changed += [
            (*proof[:place], flipped, *proof[place + 1 :]),
            (*proof[:place], *proof[place + 1 :]),
            (*proof[: place + 1], *proof[place:]),
            (*proof[:place], proof[place][:31], *proof[place + 1 :]),
        ]
    if len(set(proof)) > 1:
        changed.append(proof[::-1])
    return [m for m in changed if m != proof]


def test_inclusion_of_a_changed_claim_is_refused() -> None:
    """Bit, node, index, size, leaf or root: nothing may differ."""
    rng = random.Random(1)
    for _ in range(120):
        size = rng.randrange(1, N + 1)
        index = rng.randrange(size)
        proof = inclusion_proof(index, size, _hash_at)
        root, leaf = _mth(0, size), LEAVES[index]
        lies = [(leaf, index, size, m, root) for m in _mutations(proof, rng)]
        lies += [(LEAVES[(index + 1) % N], index, size, proof, root)]
        lies += [(leaf, other, size, proof, root) for other in range(size) if other != index][:9]
        lies += [(leaf, index, size, proof, leaf_hash(root))]
        lies += [(leaf, size, size, proof, root), (leaf, -1, size, proof, root)]
        for lie in lies:
            with pytest.raises(InvalidProof):
                verify_inclusion(*lie)


def test_inclusion_in_a_tree_of_another_shape_is_refused() -> None:
    for size in range(1, 40):
        for claimed in range(1, 80):
            proof = inclusion_proof(0, size, _hash_at)
            if len(inclusion_plan(0, claimed)) != len(proof):
                with pytest.raises(InvalidProof):
                    verify_inclusion(LEAVES[0], 0, claimed, proof, _mth(0, size))


def test_consistency_of_a_changed_claim_is_refused() -> None:
    rng = random.Random(2)
    for _ in range(120):
        new = rng.randrange(2, N + 1)
        old = rng.randrange(1, new)
        proof = consistency_proof(old, new, _hash_at)
        first, second = _mth(0, old), _mth(0, new)
        lies = [(old, new, m, first, second) for m in _mutations(proof, rng)]
        lies += [(old, new, proof, second, first), (old, new, proof, first, first)]
        lies += [(new, old, proof, first, second), (old, new, (), first, second)]
        lies += [(old, new, proof, leaf_hash(first), second)]
        for lie in lies:
            with pytest.raises(InvalidProof):
                verify_consistency(*lie)


@pytest.mark.parametrize(
    ("old", "new", "proof", "old_root", "new_root"),
    [
        (0, 0, (EMPTY_ROOT,), EMPTY_ROOT, EMPTY_ROOT),
        (0, 0, (), LEAVES[0], LEAVES[0]),
        (0, 1, (), LEAVES[0], LEAVES[0]),
        (0, 1, (LEAVES[0],), EMPTY_ROOT, LEAVES[0]),
        (1, 1, (), LEAVES[0], LEAVES[1]),
        (1, 1, (LEAVES[0],), LEAVES[0], LEAVES[0]),
        (-1, 1, (), EMPTY_ROOT, LEAVES[0]),
        (1, 1, (), LEAVES[0][:31], LEAVES[0][:31]),
    ],
    ids=count(),
)
def test_consistency_in_the_corners_is_refused(
    old: int, new: int, proof: tuple[bytes, ...], old_root: bytes, new_root: bytes
) -> None:
    with pytest.raises(InvalidProof):
        verify_consistency(old, new, proof, old_root, new_root)


def test_consistency_with_the_empty_tree_and_with_itself_is_accepted() -> None:
    verify_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    verify_consistency(0, 5, (), EMPTY_ROOT, _mth(0, 5))
    verify_consistency(5, 5, (), _mth(0, 5), _mth(0, 5))


def test_proofs_beyond_the_tree_cannot_be_made() -> None:
    for index, size in [(0, 0), (1, 1), (-1, 3)]:
        with pytest.raises(InvalidProof):
            inclusion_plan(index, size)
    for old, new in [(2, 1), (-1, 1)]:
        with pytest.raises(InvalidProof):
            consistency_plan(old, new)


def test_leaf_and_node_hashes_never_meet() -> None:
    """RFC 6962 2.1: the prefixes keep an inner node from passing for a leaf."""
    left, right = LEAVES[:2]

    assert leaf_hash(left + right) != node_hash(left, right)
