"""An exported log is checked byte for byte; one changed bit anywhere is noticed."""

import os
import random
import shutil
import time
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.audit.export import export_log
from gateway.audit.folder import FolderRefused, digest_of, list_files, manifest_text
from gateway.audit.fsck import fsck
from gateway.audit.proof_file import ProofFile
from gateway.audit.tile_builder import TileBuilder
from gateway.crypto.commitment import Leaf
from gateway.crypto.encoding import b64u
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import EMPTY_ROOT, leaf_hash, tree_root
from gateway.crypto.signed_note import InvalidNote, NoteSigner
from gateway.crypto.tiles import Tile, encode_bundle, tiles_of
from gateway.domain.errors import IntegrityError

ORIGIN = "gw.example/audit/2027a"
SIGNER = NoteSigner(ORIGIN, generate_log_key())
WITNESS = NoteSigner("w.example/npo", generate_log_key())
LOG = TrustedLog(ORIGIN, (SIGNER.key,))
TYPES = ("decision", "release", "opened", "acknowledged", "pad", "audit-read")


def _leaves(size: int) -> list[bytes]:
    return [
        Leaf(os.urandom(32), b64u(os.urandom(16)), 1_795_459_525_123 + i, TYPES[i % 6]).to_bytes()
        for i in range(size)
    ]


def _export(folder: Path, leaves: list[bytes], proofs: tuple[int, ...] = ()) -> None:
    root = tree_root(leaf_hash(leaf) for leaf in leaves)
    head = sign_checkpoint(ORIGIN, len(leaves), root, SIGNER)
    text = head.note.split("\n\n")[0] + "\n"
    note = head.note + WITNESS.cosign(text, 1_795_459_600)
    export_log(folder, log=LOG, checkpoint=note, leaves=iter(leaves), proofs=proofs)


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    """700 leaves: two full tiles and a partial one, and a level above."""
    return _leaves(700)


@pytest.fixture(scope="module")
def exported(leaves: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that nobody changes."""
    folder = tmp_path_factory.mktemp("log") / "export"
    _export(folder, leaves, (0, 255, 256, 511, 512, 699))
    return folder


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def test_one_bit_changed_in_any_file_is_refused(copy: Path) -> None:
    """Every file, the manifest included, at several places; the fault names no other file."""
    rng = random.Random(20261124)
    for path in sorted(list_files(copy)):
        file = copy / path
        data = file.read_bytes()
        places = {0, len(data) - 1, *(rng.randrange(len(data)) for _ in range(6))}
        for place in places:
            flipped = bytes([data[place] ^ (1 << rng.randrange(8))])
            file.write_bytes(data[:place] + flipped + data[place + 1 :])
            with pytest.raises(FolderRefused):
                fsck(copy, LOG)
        file.write_bytes(data)
    fsck(copy, LOG)


def test_any_file_missing_cut_or_longer_is_refused(copy: Path) -> None:
    for path in sorted(list_files(copy)):
        file = copy / path
        data = file.read_bytes()
        for other in (data[:-1], data + b"\n", b""):
            file.write_bytes(other)
            with pytest.raises(FolderRefused):
                fsck(copy, LOG)
        file.unlink()
        with pytest.raises(FolderRefused):
            fsck(copy, LOG)
        file.write_bytes(data)
    fsck(copy, LOG)


@pytest.mark.parametrize(
    "path",
    [
        "extra",
        "tile/0/000.p/12",
        "tile/0/003",
        "tile/3/000",
        "tile/entries/002.p/1",
        "proofs/readme",
        "proofs/AAAAAAAAAAAAAAAAAAAAAA.tlog-proof",
        ".hidden",
        "checkpoint.bak",
    ],
)
def test_file_that_does_not_belong_there_is_refused(copy: Path, path: str) -> None:
    (copy / path).parent.mkdir(parents=True, exist_ok=True)
    (copy / path).write_bytes(b"x")

    with pytest.raises(FolderRefused) as refused:
        fsck(copy, LOG)

    assert path == refused.value.path


def test_link_in_the_folder_is_refused(copy: Path, exported: Path) -> None:
    (copy / "keys").unlink()
    (copy / "keys").symlink_to(exported / "keys")

    with pytest.raises(FolderRefused):
        fsck(copy, LOG)


def _rewrite_manifest(folder: Path) -> None:
    files = list_files(folder) - {"MANIFEST"}
    digests = {path: digest_of((folder / path).read_bytes()) for path in files}
    (folder / "MANIFEST").write_text(manifest_text(digests))


def _edit_entry(folder: Path, leaves: list[bytes]) -> None:
    changed = [leaves[0].replace(b"decision", b"incident"), *leaves[1:256]]
    (folder / "tile/entries/000").write_bytes(encode_bundle(changed))


def _edit_entry_and_tile(folder: Path, leaves: list[bytes]) -> None:
    changed = [leaves[0].replace(b"decision", b"incident"), *leaves[1:256]]
    (folder / "tile/entries/000").write_bytes(encode_bundle(changed))
    tile = b"".join(leaf_hash(leaf) for leaf in changed)
    (folder / "tile/0/000").write_bytes(tile)


def _edit_everything_but_the_head(folder: Path, leaves: list[bytes]) -> None:
    changed = [leaves[0].replace(b"decision", b"incident"), *leaves[1:]]
    note = (folder / "checkpoint").read_text()
    shutil.rmtree(folder)
    _export(folder, changed)
    (folder / "checkpoint").write_text(note)


def _swap_entries(folder: Path, leaves: list[bytes]) -> None:
    swapped = [leaves[1], leaves[0], *leaves[2:256]]
    (folder / "tile/entries/000").write_bytes(encode_bundle(swapped))


def _rename_proof(folder: Path, leaves: list[bytes]) -> None:
    first, second = (Leaf.parse(leaves[i]).entry_id for i in (0, 1))
    source = folder / f"proofs/{first}.tlog-proof"
    source.rename(folder / f"proofs/{second}.tlog-proof")


def _older_proof(folder: Path, leaves: list[bytes]) -> None:
    root = tree_root([leaf_hash(leaves[0])])
    note = sign_checkpoint(ORIGIN, 1, root, SIGNER).note
    entry_id = Leaf.parse(leaves[0]).entry_id
    (folder / f"proofs/{entry_id}.tlog-proof").write_text(ProofFile(0, (), note).to_text())


def _other_key(folder: Path, leaves: list[bytes]) -> None:
    (folder / "keys").write_text(NoteSigner(ORIGIN, generate_log_key()).key.to_text() + "\n")


def _sign_anew(folder: Path, leaves: list[bytes]) -> None:
    other = NoteSigner(ORIGIN, generate_log_key())
    root = tree_root(leaf_hash(leaf) for leaf in leaves)
    (folder / "checkpoint").write_text(sign_checkpoint(ORIGIN, len(leaves), root, other).note)


def _cut_the_end(folder: Path, leaves: list[bytes]) -> None:
    (folder / "tile/entries/002.p/188").unlink()


@pytest.mark.parametrize(
    "lie",
    [
        _edit_entry,
        _edit_entry_and_tile,
        _edit_everything_but_the_head,
        _swap_entries,
        _rename_proof,
        _older_proof,
        _other_key,
        _sign_anew,
        _cut_the_end,
    ],
)
def test_change_with_a_manifest_made_to_fit_is_refused(
    copy: Path, leaves: list[bytes], lie: Callable[[Path, list[bytes]], None]
) -> None:
    """The manifest is for accidents; against a liar the log's key must suffice."""
    lie(copy, leaves)
    _rewrite_manifest(copy)

    with pytest.raises(FolderRefused) as refused:
        fsck(copy, LOG)

    assert "MANIFEST" != refused.value.path


def test_folder_of_another_log_is_refused(exported: Path) -> None:
    for other in (
        TrustedLog(ORIGIN, (NoteSigner(ORIGIN, generate_log_key()).key,)),
        TrustedLog.of([NoteSigner("gw.example/audit/2028a", generate_log_key()).key.to_text()]),
    ):
        with pytest.raises(FolderRefused):
            fsck(exported, other)


def test_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderRefused):
        fsck(tmp_path / "missing", LOG)


def test_export_of_leaves_that_do_not_lead_to_the_head_is_refused(
    tmp_path: Path, leaves: list[bytes]
) -> None:
    root = tree_root(leaf_hash(leaf) for leaf in leaves)
    note = sign_checkpoint(ORIGIN, len(leaves), root, SIGNER).note
    cases = (leaves[:-1], [*leaves[1:], leaves[0]], [])

    for number, other in enumerate(cases):
        with pytest.raises(FolderRefused):
            export_log(tmp_path / str(number), log=LOG, checkpoint=note, leaves=other)


def test_export_under_a_head_nobody_signed_is_refused(tmp_path: Path, leaves: list[bytes]) -> None:
    stranger = NoteSigner(ORIGIN, generate_log_key())
    note = sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, stranger).note

    with pytest.raises(InvalidNote):
        export_log(tmp_path / "new", log=LOG, checkpoint=note, leaves=leaves)


def test_export_into_a_folder_with_files_is_refused(exported: Path) -> None:
    note = sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, SIGNER).note

    with pytest.raises(FolderRefused):
        export_log(exported, log=LOG, checkpoint=note, leaves=())


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 513])
def test_export_of_any_size_is_accepted(tmp_path: Path, size: int) -> None:
    _export(tmp_path / "log", _leaves(size), tuple(range(0, size, 100)))
    steps: list[tuple[int, int]] = []

    report = fsck(tmp_path / "log", LOG, progress=lambda done, of: steps.append((done, of)))

    assert size == report.head.size
    assert len(list_files(tmp_path / "log")) == report.files
    assert len(range(0, size, 100)) == report.proofs
    assert steps == sorted(steps)
    assert not size or (size, size) == steps[-1]


def test_export_leaves_later_entries_alone(tmp_path: Path) -> None:
    leaves = _leaves(300)
    root = tree_root(leaf_hash(leaf) for leaf in leaves[:290])
    note = sign_checkpoint(ORIGIN, 290, root, SIGNER).note
    seen: list[int] = []

    export_log(
        tmp_path / "log",
        log=LOG,
        checkpoint=note,
        leaves=iter(leaves),
        progress=lambda done, _: seen.append(done),
    )

    assert 290 == fsck(tmp_path / "log", LOG).head.size
    assert [256, 290] == seen


def test_tiles_of_any_size_are_those_of_the_specification() -> None:
    for size in (0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000):
        hashes = [i.to_bytes(32, "big") for i in range(size)]
        builder = TileBuilder()
        tiles: list[Tile] = []
        for start in range(0, size, 256):
            tiles += [tile for tile, _ in builder.add(hashes[start : start + 256])]
        tiles += [tile for tile, _ in builder.finish()]

        assert set(tiles_of(size)) == set(tiles)
        assert len(set(tiles)) == len(tiles)
        assert tree_root(hashes) == builder.root()
        assert size == builder.size


@pytest.mark.parametrize("runs", [(257,), (255, 1), (0, 1)], ids=count())
def test_leaves_in_other_runs_are_refused(runs: tuple[int, ...]) -> None:
    builder = TileBuilder()

    def add() -> None:
        for length in runs:
            builder.add([bytes(32)] * length)

    with pytest.raises(IntegrityError):
        add()


def test_checking_costs_little_more_than_hashing(tmp_path: Path) -> None:
    """At least 60 % of a bare hashing loop's speed; the best of rounds, so noise weighs little."""
    leaves = _leaves(100_000)
    _export(tmp_path / "log", leaves)
    bare = full = 60.0
    for _ in range(10):
        began = time.perf_counter()
        hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
        while len(hashes) > 1:
            pairs = range(0, len(hashes) - 1, 2)
            last = hashes[-1:] if len(hashes) % 2 else []
            hashes = [sha256(b"\x01" + hashes[i] + hashes[i + 1]).digest() for i in pairs] + last
        bare = min(bare, time.perf_counter() - began)
        began = time.perf_counter()
        fsck(tmp_path / "log", LOG)
        full = min(full, time.perf_counter() - began)
        if bare / full >= 0.65:
            break

    assert 0.6 <= bare / full
