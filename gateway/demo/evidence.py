"""
The log as anybody may check it: fetched, verified, tampered with, and found out.

The key comes from the operator, on paper as it were, and not from the folder; so
even whoever derives a whole log anew and signs it is found out.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.audit.export import export_log
from gateway.audit.folder import CHECKPOINT, KEYS, MANIFEST, FolderRefused, list_files
from gateway.audit.fsck import fsck
from gateway.audit.tile_builder import TileBuilder
from gateway.client import GatewayUnreachable
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.signed_note import NoteSigner
from gateway.crypto.tiles import TILE_WIDTH, Tile, decode_bundle

__all__ = ["Attempt", "CheckedLog", "check_log", "fetch_log", "tamper"]

_ENTRIES, _PROOFS = "tile/entries/", "proofs/"


@dataclass(frozen=True, slots=True)
class CheckedLog:
    """
    A log that was fetched and checked.

    Attributes:
        pack: The policy pack of its gateway.
        folder: Where it lies.
        origin: Its name.
        vkey: Its key.
        size: Number of entries.
        root: Root hash, in hexadecimal digits.
        files: Number of files checked.
        proofs: Number of proofs among them: one for each entry.
        fault: What is wrong with it; empty when every byte and every proof was found right.
    """

    pack: str
    folder: Path
    origin: str
    vkey: str
    size: int = 0
    root: str = ""
    files: int = 0
    proofs: int = 0
    fault: str = ""

    @property
    def verified(self) -> bool:
        """Whether every byte and every proof was found right."""
        return not self.fault


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One way of tampering with a copy.

    Attributes:
        what_ja: What was done, in Japanese.
        what_en: The same in English.
        path: The file that was changed.
        fault: What the check said; empty when it noticed nothing.
    """

    what_ja: str
    what_en: str
    path: str
    fault: str


def fetch_log(origin: str, vkey: str, folder: Path) -> None:
    """
    Write the log of a running gateway to a new folder, from what it shows to everybody.

    Args:
        origin: Where the gateway listens.
        vkey: The log's key, from the operator.
        folder: Does not exist yet, or is empty.

    Raises:
        FolderRefused: What it shows does not belong together.
        IntegrityError: The head is not one of this log.
        GatewayUnreachable: No answer arrived.
    """
    log = TrustedLog.of((vkey,))
    try:
        with httpx2.Client(base_url=f"{origin}/audit", trust_env=False) as client:
            note = _fetched(client, "checkpoint").decode()
            size = log.open(note).size
            bundles = [(t, _fetched(client, t.path())) for t in _bundles(size)]
    except httpx2.HTTPError as error:
        raise GatewayUnreachable("the log cannot be fetched") from error
    leaves = (leaf for tile, data in bundles for leaf in decode_bundle(data, tile.width))
    export_log(folder, log=log, checkpoint=note, leaves=leaves, proofs=range(size))


def check_log(
    pack: str, folder: Path, vkey: str, *, progress: Callable[[int, int], None] | None = None
) -> CheckedLog:
    """
    Check a log in a folder, byte for byte, and every proof in it.

    Args:
        pack: The policy pack of its gateway.
        folder: Where it was written to.
        vkey: The log's key, from the operator.
        progress: Called with entries done and entries in all.
    """
    log = TrustedLog.of((vkey,))
    try:
        report = fsck(folder, log, progress=progress)
    except FolderRefused as refused:
        return CheckedLog(pack, folder, log.origin, vkey, fault=str(refused))
    head = report.head
    return CheckedLog(
        pack,
        folder,
        log.origin,
        vkey,
        size=head.size,
        root=head.root.hex(),
        files=report.files,
        proofs=report.proofs,
        fault="" if report.proofs == head.size else "an entry has no proof",
    )


def tamper(checked: CheckedLog, copy: Path) -> list[Attempt]:
    """
    Tamper with copies of a log in several ways and say whether each was noticed.

    Args:
        checked: A log that was found right.
        copy: A new folder; the last copy, with one byte flipped, stays there.
    """
    log = TrustedLog.of((checked.vkey,))
    attempts = [_signed_anew(checked, copy, log), _taken_away(checked, copy, log)]
    attempts.extend(_flipped(checked, copy, log))
    return attempts


def _flipped(checked: CheckedLog, copy: Path, log: TrustedLog) -> Iterator[Attempt]:
    paths = sorted(list_files(checked.folder))
    for what_ja, what_en, path in (
        ("鍵の一覧の1バイトを変えた", "a byte of the list of keys", KEYS),
        ("ファイル一覧の1バイトを変えた", "a byte of the list of files", MANIFEST),
        ("署名された先頭の1バイトを変えた", "a byte of the signed head", CHECKPOINT),
        ("証明の1バイトを変えた", "a byte of a proof", _first(paths, _PROOFS)),
        ("ハッシュの1バイトを変えた", "a byte of the hashes", _first(paths, "tile/0/")),
        ("記録の1バイトを変えた", "a byte of an entry", _first(paths, _ENTRIES)),
    ):
        _copied(checked.folder, copy)
        file = copy / path
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        yield Attempt(what_ja, what_en, path, _fault(copy, log))


def _taken_away(checked: CheckedLog, copy: Path, log: TrustedLog) -> Attempt:
    _copied(checked.folder, copy)
    path = _first(sorted(list_files(copy)), _PROOFS)
    (copy / path).unlink()
    return Attempt("証明を1つ取り除いた", "a proof was taken away", path, _fault(copy, log))


def _signed_anew(checked: CheckedLog, copy: Path, log: TrustedLog) -> Attempt:
    """Leave out the last entry, derive everything anew, and sign it with a key of one's own."""
    leaves = _leaves(checked)[:-1]
    builder = TileBuilder()
    for start in range(0, len(leaves), TILE_WIDTH):
        list(builder.add([leaf_hash(leaf) for leaf in leaves[start : start + TILE_WIDTH]]))
    list(builder.finish())
    stranger = NoteSigner(checked.origin, Ed25519PrivateKey.generate())
    head = sign_checkpoint(checked.origin, builder.size, builder.root(), stranger)
    _removed(copy)
    export_log(
        copy,
        log=TrustedLog(checked.origin, (stranger.key,)),
        checkpoint=head.note,
        leaves=leaves,
        proofs=range(len(leaves)),
    )
    return Attempt(
        "最後の記録を除いて全体を作り直し、別の鍵で署名した",
        "the last entry left out, all derived anew, signed with another key",
        CHECKPOINT,
        _fault(copy, log),
    )


def _leaves(checked: CheckedLog) -> list[bytes]:
    bundles = ((t, (checked.folder / t.path()).read_bytes()) for t in _bundles(checked.size))
    return [leaf for tile, data in bundles for leaf in decode_bundle(data, tile.width)]


def _bundles(size: int) -> Iterator[Tile]:
    for start in range(0, size, TILE_WIDTH):
        yield Tile(None, start // TILE_WIDTH, min(TILE_WIDTH, size - start))


def _fetched(client: httpx2.Client, path: str) -> bytes:
    return client.get(f"/{path}").raise_for_status().content


def _fault(folder: Path, log: TrustedLog) -> str:
    try:
        fsck(folder, log)
    except FolderRefused as refused:
        return str(refused)
    return ""


def _first(paths: Sequence[str], start: str) -> str:
    return next(path for path in paths if path.startswith(start))


def _copied(folder: Path, copy: Path) -> None:
    _removed(copy)
    shutil.copytree(folder, copy)


def _removed(copy: Path) -> None:
    if copy.exists():
        shutil.rmtree(copy)
