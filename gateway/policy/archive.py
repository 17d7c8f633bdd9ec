"""The gzip'd tar that carries a revision: the same files give the same bytes."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping

from gateway.policy.rejection import RevisionRejected

__all__ = ["DATA", "MANIFEST", "SIGNATURES", "pack", "unpack"]

MANIFEST = "/.manifest"
DATA = "/data.json"
SIGNATURES = "/.signatures.json"


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of files by their names, which begin with a slash."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            info.mode = 0o444
            tar.addfile(info, io.BytesIO(files[name]))
    return gzip.compress(plain.getvalue(), mtime=0)


def unpack(archive: bytes) -> dict[str, bytes]:
    """
    Return the files of an archive by their names.

    Raises:
        RevisionRejected: It is no such archive, or holds two files of one name, of which every
            reader could take another.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
            members = tar.getmembers()
            files = {m.name: _content(tar, m) for m in members}
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise RevisionRejected(["the archive is not a policy bundle"]) from error
    if len(files) != len(members):
        raise RevisionRejected(["the archive holds two files of one name"])
    return files


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(member)
    return b"" if content is None else content.read()
