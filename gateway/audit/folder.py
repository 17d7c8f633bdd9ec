"""
A log as a folder of files that others can check: names, manifest, safe reading.

::

    checkpoint                        the signed head
    keys                              the log's vkeys, one a line
    tile/<L>/<N>[.p/<W>]              hashes
    tile/entries/<N>[.p/<W>]          leaves
    proofs/<entry id>.tlog-proof      proofs of single entries
    MANIFEST                          SHA-256, size and name of every other file

Everything but ``MANIFEST`` and cosignatures is proven by the log's key, known from
elsewhere; the manifest makes every remaining byte count, so that no accident stays hidden.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.crypto.signed_note import NoteKey
from gateway.domain.errors import IntegrityError

__all__ = [
    "CHECKPOINT",
    "KEYS",
    "MANIFEST",
    "FileDigest",
    "FolderRefused",
    "digest_of",
    "entry_id_of",
    "keys_text",
    "list_files",
    "manifest_text",
    "proof_path",
    "read_file",
]

CHECKPOINT: Final = "checkpoint"
KEYS: Final = "keys"
MANIFEST: Final = "MANIFEST"

_MANIFEST_FIRST: Final = "tasuki-log-manifest@v1"
_MAX_FILE_BYTES: Final = 1 << 25
_PROOF: Final = re.compile(r"proofs/([A-Za-z0-9_-]{22})\.tlog-proof", re.ASCII)


class FolderRefused(IntegrityError):
    """A folder is not a complete, unchanged log; ``path`` is the file, ``fault`` says why."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"{path}: {fault}")
        self.path = path
        self.fault = fault


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What the manifest says of one file."""

    sha256: str
    size: int


def digest_of(data: bytes) -> FileDigest:
    """Return what the manifest says of a file with these bytes."""
    return FileDigest(hashlib.sha256(data).hexdigest(), len(data))


def manifest_text(files: Mapping[str, FileDigest]) -> str:
    """Return the manifest of these files, by relative path."""
    rows = (f"{files[path].sha256} {files[path].size} {path}" for path in sorted(files))
    return "\n".join([_MANIFEST_FIRST, *rows]) + "\n"


def keys_text(keys: tuple[NoteKey, ...]) -> str:
    """Return the text of the ``keys`` file."""
    return "".join(f"{vkey}\n" for vkey in sorted(key.to_text() for key in keys))


def proof_path(entry_id: str) -> str:
    """Return the relative path of an entry's proof."""
    return f"proofs/{entry_id}.tlog-proof"


def entry_id_of(path: str) -> str | None:
    """Return the entry id in a proof's path; ``None`` if it is another file."""
    found = _PROOF.fullmatch(path)
    return found[1] if found else None


def list_files(folder: Path) -> frozenset[str]:
    """
    Return the relative paths of all files.

    Raises:
        FolderRefused: The folder is missing, or holds something that is not a plain file.
    """
    if not folder.is_dir():
        raise FolderRefused(".", "not a folder")
    return frozenset(_walk(str(folder), ""))


def read_file(folder: Path, path: str) -> bytes:
    """
    Return the bytes of one file.

    Raises:
        FolderRefused: It is missing, unreadable or larger than any file of a log.
    """
    data: bytes | None = None
    too_large = False
    try:
        with folder.joinpath(path).open("rb", buffering=0) as file:
            too_large = os.fstat(file.fileno()).st_size > _MAX_FILE_BYTES
            data = None if too_large else file.readall()
    except OSError:
        data = None
    if data is None:
        raise FolderRefused(path, "too large" if too_large else "missing")
    return data


def _walk(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as children:
        for child in children:
            path = f"{prefix}{child.name}"
            if child.is_dir(follow_symlinks=False):
                yield from _walk(child.path, f"{path}/")
            elif child.is_file(follow_symlinks=False):
                yield path
            else:
                raise FolderRefused(path, "not a plain file")
