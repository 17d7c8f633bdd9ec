"""Files of a log are named and filled as C2SP tlog-tiles says."""

import random
from itertools import count

import pytest

from gateway.crypto.merkle import inclusion_proof, leaf_hash, tree_root, verify_inclusion
from gateway.crypto.tiles import (
    InvalidTile,
    Tile,
    TileHashes,
    decode_bundle,
    encode_bundle,
    tile_for,
    tiles_of,
)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/000/",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/x000",
        "tile/0/x01/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/..",
        "tile/0/../checkpoint",
        "tile/0/0００",
        "tile/entry/000",
        "tile/entries/000\n",
        "tile/0/x001/x002/x003/x004/x005/x006/x007/008",
    ],
    ids=count(),
)
def test_path_in_another_spelling_is_refused(path: str) -> None:
    with pytest.raises(InvalidTile):
        Tile.parse(path)


def test_path_of_the_specification_is_this() -> None:
    assert "tile/0/x001/x234/067" == Tile(0, 1234067).path()
    assert "tile/entries/273.p/112" == Tile(None, 273, 112).path()
    assert "tile/63/000.p/1" == Tile(63, 0, 1).path()


def test_path_and_parse_are_inverse() -> None:
    rng = random.Random(3)
    for _ in range(300):
        tile = Tile(rng.choice([None, 0, 1, 7, 63]), rng.randrange(10**12), rng.randrange(1, 257))

        assert tile == Tile.parse(tile.path())


def test_tiles_of_the_specifications_example_have_these_widths() -> None:
    tiles = tiles_of(70_000)

    assert 273 == sum(t.level == 0 and t.width == 256 for t in tiles)
    assert [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)] == [t for t in tiles if t.width < 256]
    assert (Tile(0, 0), Tile(1, 0, 1)) == tiles_of(256)
    assert () == tiles_of(0)


def test_tile_beyond_the_tree_is_refused() -> None:
    Tile(0, 273, 112).check_within(70_000)
    Tile(None, 273, 1).check_within(70_000)
    for tile in (
        Tile(0, 273, 113),
        Tile(0, 274, 1),
        Tile(1, 1, 18),
        Tile(3, 0, 1),
        Tile(None, 273),
    ):
        with pytest.raises(InvalidTile):
            tile.check_within(70_000)


def test_tile_for_a_node_that_is_not_there_is_refused() -> None:
    for level, index in [(0, 300), (1, 150), (9, 0), (-1, 0), (0, -1)]:
        with pytest.raises(InvalidTile):
            tile_for(level, index, 300)


def test_proofs_from_tiles_verify() -> None:
    size = 70_000
    hashes = [leaf_hash(i.to_bytes(4, "big")) for i in range(size)]
    levels = [hashes]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        full = len(below) // 256
        levels.append([tree_root(below[i * 256 : i * 256 + 256]) for i in range(full)])
    read: list[Tile] = []

    def read_tile(tile: Tile) -> bytes:
        read.append(tile)
        assert tile.level is not None
        start = tile.index * 256
        return b"".join(levels[tile.level][start : start + tile.width])

    root, source = tree_root(hashes), TileHashes(size, read_tile)
    for index in (0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        proof = inclusion_proof(index, size, source.hash_at)
        verify_inclusion(hashes[index], index, size, proof, root)
    assert len(set(read)) == len(read)


def test_tile_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidTile):
        TileHashes(256, lambda _: bytes(8191)).hash_at(0, 0)


@pytest.mark.parametrize(
    ("data", "width"),
    [(b"\0", 1), (b"\0\x02a", 1), (b"\0\1a", 2), (b"\0\1a\0", 1), (b"", 1), (b"\0\1a\0\1b", 1)],
    ids=count(),
)
def test_bundle_that_is_cut_off_or_of_another_width_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(InvalidTile):
        decode_bundle(data, width)


def test_bundle_with_an_entry_too_long_is_refused() -> None:
    with pytest.raises(InvalidTile):
        encode_bundle([bytes(65_536)])


def test_bundle_gives_back_its_entries() -> None:
    entries = [b"", b"a", bytes(65_535), b"xyz" * 100]

    assert entries == list(decode_bundle(encode_bundle(entries), 4))
    assert [] == list(decode_bundle(b"", 0))
