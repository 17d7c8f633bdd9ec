"""
Merkle trees as in RFC 6962 2.1, with the verification algorithms of RFC 9162 2.1.

How the corners are read, where implementations differ:

* a hash is 32 bytes, also inside a proof; anything else does not verify;
* an index is below the size, so nothing is included in the empty tree;
* equal sizes are consistent when the roots are equal and the proof is empty;
* an older size of 0 is consistent with every tree when the proof is empty and the older
  root is the hash of nothing.

Nodes are addressed as ``(level, index)``: the root of the complete subtree over leaves
``[index * 2^level, (index + 1) * 2^level)``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from gateway.domain.errors import IntegrityError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "HashAt",
    "InvalidProof",
    "Node",
    "ProofPlan",
    "consistency_plan",
    "consistency_proof",
    "inclusion_plan",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

Node: TypeAlias = tuple[int, int]
ProofPlan: TypeAlias = tuple[tuple[Node, ...], ...]
HashAt: TypeAlias = Callable[[int, int], bytes]


class InvalidProof(IntegrityError):
    """A Merkle proof does not lead from what is claimed to the root."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbouring subtrees (RFC 6962 2.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """
    The roots of the complete subtrees that a tree of ``size`` leaves is made of.

    Enough to extend the tree and to compute its root, whatever its size.

    Attributes:
        size: Number of leaves.
        hashes: One for each bit set in ``size``, largest subtree first.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise InvalidProof("frontier does not fit the size")

    def extended(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """Return the frontier after appending these leaf hashes."""
        size = self.size
        stack = list(self.hashes)
        for hash_ in leaf_hashes:
            stack.append(hash_)
            bits = size
            while bits & 1:
                right = stack.pop()
                stack[-1] = sha256(b"\x01" + stack[-1] + right).digest()
                bits >>= 1
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """Return the root of the tree."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Return the hashes one after another."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """
        Return the frontier of ``size`` leaves from its bytes.

        Raises:
            InvalidProof: The number of bytes does not fit the size.
        """
        if size < 0 or len(data) != size.bit_count() * HASH_BYTES:
            raise InvalidProof("frontier does not fit the size")
        hashes = (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
        return cls(size, tuple(hashes))


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    return Frontier().extended(leaf_hashes).root()


def inclusion_plan(index: int, size: int) -> ProofPlan:
    """
    Return which nodes each hash of an inclusion proof is folded from, leaf to root.

    Raises:
        InvalidProof: The index is not below the size.
    """
    if not 0 <= index < size:
        raise InvalidProof("index is not in the tree")
    plan: list[tuple[Node, ...]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            plan.append(_complete(middle, end))
            end = middle
        else:
            plan.append(_complete(start, middle))
            start = middle
    return tuple(reversed(plan))


def consistency_plan(old_size: int, new_size: int) -> ProofPlan:
    """
    Return which nodes each hash of a consistency proof is folded from (RFC 6962 2.1.2).

    Raises:
        InvalidProof: The old tree is larger than the new one.
    """
    if not 0 <= old_size <= new_size:
        raise InvalidProof("the old tree is larger")
    if old_size in {0, new_size}:
        return ()
    plan: list[tuple[Node, ...]] = []
    start, end = 0, new_size
    whole = True  # whether the old tree is a complete subtree that the verifier knows
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            plan.append(_complete(middle, end))
            end = middle
        else:
            plan.append(_complete(start, middle))
            start = middle
            whole = False
    if not whole:
        plan.append(_complete(start, end))
    return tuple(reversed(plan))


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """
    Return the inclusion proof of leaf ``index`` in the tree of ``size`` leaves.

    Args:
        index: Index of the leaf.
        size: Size of the tree.
        hash_at: Gives the hash of a complete subtree by level and index.

    Raises:
        InvalidProof: The index is not below the size.
    """
    return _resolved(inclusion_plan(index, size), hash_at)


def consistency_proof(old_size: int, new_size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """
    Return the proof that the old tree is the beginning of the new one.

    Raises:
        InvalidProof: The old tree is larger than the new one.
    """
    return _resolved(consistency_plan(old_size, new_size), hash_at)


def verify_inclusion(
    hash_: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """
    Check that the leaf with this hash is at ``index`` in the tree (RFC 9162 2.1.3.2).

    Raises:
        InvalidProof: It is not, or the proof has another form.
    """
    _check_hashes(hash_, root, *proof)
    if not 0 <= index < size:
        raise InvalidProof("index is not in the tree")
    position, last = index, size - 1
    result = hash_
    for sibling in proof:
        if last == 0:
            raise InvalidProof("proof is too long")
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        position >>= 1
        last >>= 1
    if last != 0 or result != root:
        raise InvalidProof("inclusion is not proven")


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """
    Check that the old tree is the beginning of the new one (RFC 9162 2.1.4.2).

    Raises:
        InvalidProof: It is not, or the proof has another form.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old_size <= new_size:
        raise InvalidProof("the old tree is larger")
    if old_size in {0, new_size}:
        expected = new_root if old_size == new_size else EMPTY_ROOT
        if proof or old_root != expected or (new_size == 0 and new_root != EMPTY_ROOT):
            raise InvalidProof("consistency is not proven")
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)  # a complete old tree is its own first hash
    if not path:
        raise InvalidProof("proof is too short")
    _verify_path(old_size, new_size, path, old_root, new_root)


def _verify_path(
    old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise InvalidProof("proof is too long")
        if position & 1 or position == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    if last != 0 or old != old_root or new != new_root:
        raise InvalidProof("consistency is not proven")


def _split(size: int) -> int:
    """Return the largest power of two below ``size``, where RFC 6962 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _complete(start: int, end: int) -> tuple[Node, ...]:
    """Return the complete subtrees that make up a range whose start fits its length."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return tuple(nodes)


def _fold(hashes: Sequence[bytes]) -> bytes:
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def _resolved(plan: ProofPlan, hash_at: HashAt) -> tuple[bytes, ...]:
    return tuple(_fold([hash_at(*node) for node in nodes]) for nodes in plan)


def _check_hashes(*hashes: bytes) -> None:
    for hash_ in hashes:
        if len(hash_) != HASH_BYTES:
            raise InvalidProof("a hash has another length")
