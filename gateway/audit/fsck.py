"""
Checking a folder of log files, byte for byte, against the log's key.

* Every tile and the root are derived again from the entry bundles and compared.
* The head's signature, every proof and the names of the keys are checked.
* Every file is in the manifest, and a file that does not belong there is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.folder import (
    CHECKPOINT,
    KEYS,
    MANIFEST,
    FileDigest,
    FolderRefused,
    digest_of,
    entry_id_of,
    keys_text,
    list_files,
    manifest_text,
    read_file,
)
from gateway.audit.proof_file import ProofFile
from gateway.audit.tile_builder import TileBuilder
from gateway.audit.verify import verify_entry_proof
from gateway.crypto.commitment import Leaf
from gateway.crypto.tiles import TILE_WIDTH, Tile, decode_bundle
from gateway.domain.errors import GatewayError
from gateway.ports.log import Checkpoint

__all__ = ["FsckReport", "fsck"]


@dataclass(frozen=True, slots=True)
class FsckReport:
    """
    A folder that was found complete and unchanged.

    Attributes:
        head: The signed head that everything leads to.
        files: Number of files checked.
        proofs: Number of proofs among them.
    """

    head: Checkpoint
    files: int
    proofs: int


def fsck(
    folder: Path, log: TrustedLog, *, progress: Callable[[int, int], None] | None = None
) -> FsckReport:
    """
    Check that a folder holds one whole log, and nothing else.

    Args:
        folder: As :func:`gateway.audit.export.export_log` wrote it.
        log: The log's origin and keys, known from elsewhere than the folder.
        progress: Called with entries done and entries in all, about every 256.

    Raises:
        FolderRefused: A file is missing, changed or too many; it says which.
    """
    check = _Check(folder, log)
    check.keys()
    check.tree(progress)
    check.proofs()
    check.manifest()
    return FsckReport(check.head, len(check.seen) + 1, check.proof_count)


class _Check:
    """One run; ``seen`` has every file that was read and found right."""

    def __init__(self, folder: Path, log: TrustedLog) -> None:
        self._folder = folder
        self._log = log
        self._paths = list_files(folder)
        self.seen: dict[str, FileDigest] = {}
        self.proof_count = 0
        self.head = self._head()

    def keys(self) -> None:
        if self._read(KEYS) != keys_text(self._log.keys).encode():
            raise FolderRefused(KEYS, "other keys than those known")

    def tree(self, progress: Callable[[int, int], None] | None) -> None:
        builder, size = TileBuilder(), self.head.size
        for start in range(0, size, TILE_WIDTH):
            tile = Tile(None, start // TILE_WIDTH, min(TILE_WIDTH, size - start))
            hashes = [sha256(b"\x00" + leaf).digest() for leaf in self._leaves(tile)]
            for derived, data in builder.add(hashes):
                self._compare(derived, data)
            if progress:
                progress(start + tile.width, size)
        for derived, data in builder.finish():
            self._compare(derived, data)
        if builder.root() != self.head.root:
            raise FolderRefused(CHECKPOINT, "the entries do not lead to this head")

    def proofs(self) -> None:
        for path in sorted(self._paths):
            entry_id = entry_id_of(path)
            if entry_id is not None:
                self._proof(path, entry_id)
                self.proof_count += 1

    def manifest(self) -> None:
        for path in sorted(self._paths - self.seen.keys() - {MANIFEST}):
            raise FolderRefused(path, "does not belong here")
        if read_file(self._folder, MANIFEST) != manifest_text(self.seen).encode():
            raise FolderRefused(MANIFEST, "does not list these files")

    def _head(self) -> Checkpoint:
        fault = "not a head of this log"
        try:
            return self._log.open(self._read(CHECKPOINT).decode())
        except (GatewayError, UnicodeDecodeError) as error:
            raise FolderRefused(CHECKPOINT, fault) from error

    def _leaves(self, tile: Tile) -> tuple[bytes, ...]:
        try:
            return tuple(decode_bundle(self._read(tile.path()), tile.width))
        except GatewayError as error:
            raise FolderRefused(tile.path(), "not a bundle of this width") from error

    def _compare(self, tile: Tile, data: bytes) -> None:
        if self._read(tile.path()) != data:
            raise FolderRefused(tile.path(), "the entries lead to other hashes")

    def _proof(self, path: str, entry_id: str) -> None:
        try:
            proof = ProofFile.parse(self._read(path).decode())
            start = proof.index - proof.index % TILE_WIDTH
            width = min(TILE_WIDTH, self.head.size - start)
            leaf = self._leaves(Tile(None, start // TILE_WIDTH, width))[proof.index - start]
            verify_entry_proof(leaf, proof, self._log)
            right = Leaf.parse(leaf).entry_id == entry_id and proof.note == self.head.note
        except (GatewayError, UnicodeDecodeError, IndexError) as error:
            raise FolderRefused(path, "does not prove this entry") from error
        if not right:
            raise FolderRefused(path, "does not prove this entry")

    def _read(self, path: str) -> bytes:
        data = read_file(self._folder, path)
        self.seen[path] = digest_of(data)
        return data
