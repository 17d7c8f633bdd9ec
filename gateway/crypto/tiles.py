"""
The files of a log (C2SP tlog-tiles): names, widths and entry bundles.

A tile is up to 256 hashes of one level; level ``L`` of tiles is level ``8 L`` of the tree.
A partial tile is the beginning of the full tile that will follow it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.crypto.merkle import HASH_BYTES, node_hash
from gateway.domain.errors import IntegrityError

__all__ = [
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "InvalidTile",
    "Tile",
    "TileHashes",
    "decode_bundle",
    "encode_bundle",
    "tile_for",
    "tiles_of",
]

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT

_MAX_LEVEL: Final = 63
_MAX_ENTRY_BYTES: Final = 65535
_PREFIX_BYTES: Final = 2
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)


class InvalidTile(IntegrityError):
    """A tile, a bundle or its name is malformed, or does not fit the tree."""


@dataclass(frozen=True, slots=True)
class Tile:
    """
    The name of one file.

    Attributes:
        level: Level of tiles, 0 to 63; ``None`` names an entry bundle.
        index: Its place within the level.
        width: Hashes or entries in it, 1 to 256.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Return the relative path, for example ``tile/0/x001/x234/067.p/12``."""
        level = "entries" if self.level is None else str(self.level)
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        groups = f"{self.index:03,d}".split(",")
        parts = [f"x{int(group):03d}" for group in groups[:-1]] + [f"{int(groups[-1]):03d}"]
        return f"tile/{level}/{'/'.join(parts)}{suffix}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """
        Read a relative path, accepting only the one spelling of each name.

        Raises:
            InvalidTile: It is not a tile's path.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise InvalidTile("not a tile")
        level = None if found[1] == "entries" else int(found[1])
        tile = cls(
            level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or TILE_WIDTH)
        )
        if tile.path() != path or (level or 0) > _MAX_LEVEL or tile.width > TILE_WIDTH:
            raise InvalidTile("not a tile")
        return tile

    def check_within(self, size: int) -> None:
        """
        Check that a tree of this size has this tile, in full or as one of its beginnings.

        Raises:
            InvalidTile: It has not.
        """
        hashes = size >> (TILE_HEIGHT * (self.level or 0))
        if self.index * TILE_WIDTH + self.width > hashes:
            raise InvalidTile("beyond the tree")


def tiles_of(size: int) -> tuple[Tile, ...]:
    """Return every tile of hashes that a tree of ``size`` leaves has, level by level."""
    tiles: list[Tile] = []
    level, hashes = 0, size
    while hashes:
        full, width = divmod(hashes, TILE_WIDTH)
        tiles.extend(Tile(level, index) for index in range(full))
        if width:
            tiles.append(Tile(level, full, width))
        level, hashes = level + 1, full
    return tuple(tiles)


def tile_for(level: int, index: int, size: int) -> Tile:
    """
    Return the tile of a tree of ``size`` leaves from which a node's hash is computed.

    Args:
        level: Level of the node in the tree, 0 for leaves.
        index: Index of the node within its level.
        size: Size of the tree.

    Raises:
        InvalidTile: The tree has no such node.
    """
    if level < 0 or index < 0 or (index + 1) << level > size:
        raise InvalidTile("beyond the tree")
    tile_level, inner = divmod(level, TILE_HEIGHT)
    tile_index = index >> (TILE_HEIGHT - inner)
    hashes = size >> (TILE_HEIGHT * tile_level)
    return Tile(tile_level, tile_index, min(TILE_WIDTH, hashes - tile_index * TILE_WIDTH))


class TileHashes:
    """
    Gives the hash of any complete subtree from tiles, each read once.

    Args:
        size: Size of the tree.
        read: Returns the bytes of a tile; 32 for each hash.
    """

    __slots__ = ("_read", "_seen", "_size")

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._read = read
        self._seen: dict[Tile, bytes] = {}

    def hash_at(self, level: int, index: int) -> bytes:
        """
        Return the hash of a node.

        Raises:
            InvalidTile: The tree has no such node, or a tile has another length.
        """
        tile = tile_for(level, index, self._size)
        data = self._seen.get(tile)
        if data is None:
            data = self._seen[tile] = self._read(tile)
        if len(data) != tile.width * HASH_BYTES:
            raise InvalidTile("a tile has another length")
        inner = level % TILE_HEIGHT
        first = (index << inner) - tile.index * TILE_WIDTH
        hashes = [
            data[at * HASH_BYTES : (at + 1) * HASH_BYTES]
            for at in range(first, first + (1 << inner))
        ]
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
        return hashes[0]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """
    Return the bytes of an entry bundle: each entry after its length in two bytes.

    Raises:
        InvalidTile: An entry is longer than 65535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > _MAX_ENTRY_BYTES:
            raise InvalidTile("an entry is too long")
        parts += (len(entry).to_bytes(_PREFIX_BYTES, "big"), entry)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> Sequence[bytes]:
    """
    Return the entries of a bundle.

    Args:
        data: The bundle.
        width: How many entries it must hold.

    Raises:
        InvalidTile: It is cut off, or holds another number of entries.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    # This loop is a good part of verifying a log, hence no call for the length.
    while at + 1 < end:
        start = at + _PREFIX_BYTES
        at = start + (data[at] << 8 | data[at + 1])
        entries.append(data[start:at])
    if at != end or len(entries) != width:
        raise InvalidTile("not a bundle of this width")
    return entries
