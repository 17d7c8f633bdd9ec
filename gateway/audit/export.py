"""
Writing a whole log to a folder, for archives, auditors and mirrors.

The head is signed beforehand, by the log's signer; nothing is written that does not lead to
it, and :func:`gateway.audit.fsck.fsck` accepts exactly what is written here.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.folder import (
    CHECKPOINT,
    KEYS,
    MANIFEST,
    FileDigest,
    FolderRefused,
    digest_of,
    keys_text,
    manifest_text,
    proof_path,
    read_file,
)
from gateway.audit.proof_file import ProofFile
from gateway.audit.tile_builder import TileBuilder
from gateway.crypto.commitment import Leaf
from gateway.crypto.merkle import inclusion_proof, leaf_hash
from gateway.crypto.tiles import TILE_WIDTH, Tile, TileHashes, decode_bundle, encode_bundle
from gateway.ports.log import Checkpoint

__all__ = ["Progress", "export_log"]

Progress = Callable[[int, int], None]


def export_log(
    folder: Path,
    *,
    log: TrustedLog,
    checkpoint: str,
    leaves: Iterable[bytes],
    proofs: Iterable[int] = (),
    progress: Progress | None = None,
) -> Checkpoint:
    """
    Write a log to a new folder.

    Args:
        folder: Does not exist yet, or is empty.
        log: The log's origin and keys.
        checkpoint: The signed head to export.
        leaves: Leaf bytes from the first on; those beyond the head are left alone.
        proofs: Indices of the entries that get a proof file.
        progress: Called with entries done and entries in all, about every 256.

    Returns:
        The head that was exported.

    Raises:
        FolderRefused: The folder is not empty, or the leaves do not lead to the head.
        IntegrityError: The head is not one of this log.
    """
    head = log.open(checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderRefused(".", "not empty")
    writer = _Writer(folder)
    writer.write(CHECKPOINT, checkpoint.encode())
    writer.write(KEYS, keys_text(log.keys).encode())
    _write_tree(writer, head, leaves, progress)
    for index in proofs:
        _write_proof(writer, head, index)
    writer.write(MANIFEST, manifest_text(writer.files).encode())
    return head


class _Writer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, FileDigest] = {}

    def write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self.files[path] = digest_of(data)


def _write_tree(
    writer: _Writer, head: Checkpoint, leaves: Iterable[bytes], progress: Progress | None
) -> None:
    builder = TileBuilder()
    remaining = islice(leaves, head.size)
    index = 0
    while run := list(islice(remaining, TILE_WIDTH)):
        writer.write(Tile(None, index, len(run)).path(), encode_bundle(run))
        for tile, data in builder.add([leaf_hash(leaf) for leaf in run]):
            writer.write(tile.path(), data)
        index += 1
        if progress:
            progress(min(index * TILE_WIDTH, head.size), head.size)
    for tile, data in builder.finish():
        writer.write(tile.path(), data)
    if builder.size != head.size or builder.root() != head.root:
        raise FolderRefused(CHECKPOINT, "the leaves do not lead to this head")


def _write_proof(writer: _Writer, head: Checkpoint, index: int) -> None:
    def read(tile: Tile) -> bytes:
        return read_file(writer.folder, tile.path())

    hashes = inclusion_proof(index, head.size, TileHashes(head.size, read).hash_at)
    leaf = _leaf_at(writer.folder, index, head.size)
    text = ProofFile(index, hashes, head.note).to_text()
    writer.write(proof_path(Leaf.parse(leaf).entry_id), text.encode())


def _leaf_at(folder: Path, index: int, size: int) -> bytes:
    bundle, place = divmod(index, TILE_WIDTH)
    tile = Tile(None, bundle, min(TILE_WIDTH, size - bundle * TILE_WIDTH))
    entries: Sequence[bytes] = decode_bundle(read_file(folder, tile.path()), tile.width)
    return entries[place]
