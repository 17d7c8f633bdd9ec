"""
From leaf hashes, in order, to every tile of the log and its root, in constant memory.

Export writes what comes out; verification compares it with what is there.
"""

from collections.abc import Sequence
from hashlib import sha256

from gateway.crypto.merkle import HASH_BYTES, Frontier
from gateway.crypto.tiles import TILE_WIDTH, Tile
from gateway.domain.errors import IntegrityError

__all__ = ["TileBuilder"]

_PAIR_BYTES = 2 * HASH_BYTES


class TileBuilder:
    """
    Builds the tiles of a log while its leaf hashes pass by, 256 at a time.

    Full tiles come out as soon as they are full, partial ones from :meth:`finish`.
    """

    __slots__ = ("_finished", "_full", "_pending")

    def __init__(self) -> None:
        self._pending: list[list[bytes]] = []
        self._full: list[int] = []
        self._finished = False

    @property
    def size(self) -> int:
        """Leaves seen so far."""
        return sum(len(hashes) * TILE_WIDTH**level for level, hashes in enumerate(self._pending))

    def add(self, leaf_hashes: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """
        Take the next 256 leaf hashes, or fewer for the last time, and return full tiles.

        Raises:
            IntegrityError: There are more than 256, or a shorter run came before.
        """
        if len(leaf_hashes) > TILE_WIDTH or self._finished:
            raise IntegrityError("leaves do not come in runs of 256")
        tiles: list[tuple[Tile, bytes]] = []
        hashes: Sequence[bytes] = leaf_hashes
        level = 0
        self._finished = len(hashes) < TILE_WIDTH
        while hashes:
            if level == len(self._pending):
                self._pending.append([])
                self._full.append(0)
            pending = self._pending[level]
            pending.extend(hashes)
            if len(pending) < TILE_WIDTH:
                break
            data = b"".join(pending)
            tiles.append((Tile(level, self._full[level]), data))
            pending.clear()
            self._full[level] += 1
            hashes = [_full_tile_root(data)]
            level += 1
        return tiles

    def finish(self) -> list[tuple[Tile, bytes]]:
        """Return the partial tiles, level by level."""
        return [
            (Tile(level, self._full[level], len(hashes)), b"".join(hashes))
            for level, hashes in enumerate(self._pending)
            if hashes
        ]

    def root(self) -> bytes:
        """Return the root over the leaves seen so far."""
        frontier: list[bytes] = []
        for hashes in reversed(self._pending):
            frontier += Frontier().extended(hashes).hashes
        return Frontier(self.size, tuple(frontier)).root()


def _full_tile_root(data: bytes) -> bytes:
    while len(data) > HASH_BYTES:
        pairs = range(0, len(data), _PAIR_BYTES)
        data = b"".join([sha256(b"\x01" + data[at : at + _PAIR_BYTES]).digest() for at in pairs])
    return data
