"""Whoever signs heads never signs two that contradict each other, whatever it is told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.checkpoint import TrustedLog
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import EMPTY_ROOT, leaf_hash, tree_root
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import IntegrityError, LogUnavailable
from gateway.ports.log import Checkpoint, Signer
from gateway.signer.local import LocalSigner
from tests.simulators.signer import HonestSigner

ORIGIN = "gw.example/audit/2027a"
LEAVES = [f"leaf {n}".encode() for n in range(300)]


def _root(size: int, leaves: list[bytes] = LEAVES) -> bytes:
    return tree_root(leaf_hash(leaf) for leaf in leaves[:size])


@pytest.fixture
def key() -> NoteSigner:
    return NoteSigner(ORIGIN, generate_log_key())


@pytest.fixture(params=["local", "simulator"])
def signer(request: pytest.FixtureRequest, tmp_path: Path, key: NoteSigner) -> Signer:
    if request.param == "simulator":
        return HonestSigner(ORIGIN)
    return LocalSigner(ORIGIN, key, tmp_path / "signer.json")


def _sign(signer: Signer, size: int) -> Checkpoint:
    last = signer.last()
    return signer.sign(size, _root(size), LEAVES[last.size if last else 0 : size])


def test_sign_smaller_size_is_refused(signer: Signer) -> None:
    _sign(signer, 7)

    with pytest.raises(IntegrityError):
        signer.sign(6, _root(6), ())


def test_sign_empty_tree_after_entries_is_refused(signer: Signer) -> None:
    _sign(signer, 1)

    with pytest.raises(IntegrityError):
        signer.sign(0, EMPTY_ROOT, ())


def test_sign_same_size_with_another_root_is_refused(signer: Signer) -> None:
    _sign(signer, 7)

    with pytest.raises(IntegrityError):
        signer.sign(7, _root(7, [*LEAVES[:6], b"forged"]), ())


def test_sign_same_size_with_another_root_and_its_leaves_is_refused(signer: Signer) -> None:
    _sign(signer, 7)
    forged = [*LEAVES[:6], b"forged"]

    with pytest.raises(IntegrityError):
        signer.sign(7, _root(7, forged), forged)


def test_sign_larger_size_that_changes_the_past_is_refused(signer: Signer) -> None:
    _sign(signer, 7)
    forged = [b"forged", *LEAVES[1:9]]

    with pytest.raises(IntegrityError):
        signer.sign(9, _root(9, forged), forged[7:9])


@pytest.mark.parametrize(
    "leaves",
    [[], LEAVES[7:8], LEAVES[7:10], LEAVES[8:10], [LEAVES[8], LEAVES[7]], LEAVES[:9]],
    ids=["none", "one-missing", "one-more", "shifted", "swapped", "from-the-start"],
)
def test_sign_with_leaves_that_do_not_lead_to_the_root_is_refused(
    signer: Signer, leaves: list[bytes]
) -> None:
    _sign(signer, 7)

    with pytest.raises(IntegrityError):
        signer.sign(9, _root(9), leaves)


def test_sign_another_size_than_the_leaves_lead_to_is_refused(signer: Signer) -> None:
    _sign(signer, 7)

    for size in (8, 9, 11):
        with pytest.raises(IntegrityError):
            signer.sign(size, _root(10), LEAVES[7:10])


def test_sign_refused_leaves_the_last_head_in_place(signer: Signer) -> None:
    signed = _sign(signer, 7)

    with pytest.raises(IntegrityError):
        signer.sign(9, _root(9), LEAVES[:2])

    assert signed == signer.last()
    assert 9 == _sign(signer, 9).size


def test_sign_first_head_over_an_empty_tree_with_another_root_is_refused(signer: Signer) -> None:
    with pytest.raises(IntegrityError):
        signer.sign(0, bytes(32), ())

    assert signer.last() is None


def test_new_signer_has_signed_nothing(signer: Signer) -> None:
    assert signer.last() is None


def test_sign_grows_from_the_empty_tree_and_every_head_verifies(
    signer: Signer, key: NoteSigner
) -> None:
    trusted = signer.trusted if isinstance(signer, HonestSigner) else TrustedLog(ORIGIN, (key.key,))
    heads = [_sign(signer, size) for size in (0, 1, 2, 3, 8, 9, 255, 256, 257, 300)]

    for head in heads:
        assert head == trusted.open(head.note)
        assert _root(head.size) == head.root
    assert heads[-1] == signer.last()


def test_sign_same_head_again_answers_the_same(signer: Signer) -> None:
    signed = _sign(signer, 5)

    assert signed == signer.sign(5, _root(5), ())


# --- the state file -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"\n",
        lambda content: b" " + content,
        lambda content: content.replace(b"\\n5\\n", b"\\n4\\n"),
        lambda content: content.replace(b'"frontier":"', b'"frontier":"AAAA'),
        lambda content: content.replace(b'"version":1', b'"version":2'),
        lambda _: b"[]",
        lambda _: b'{"frontier":1,"note":2,"version":1}\n',
        lambda _: b'{"version":1}\n',
        lambda content: b"\x00" * len(content),
    ],
    ids=lambda _: "damage",
)
def test_state_that_is_damaged_is_refused(
    tmp_path: Path, key: NoteSigner, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "signer.json"
    _sign(LocalSigner(ORIGIN, key, path), 5)
    content = path.read_bytes()
    assert damage(content) != content
    path.write_bytes(damage(content))

    with pytest.raises(IntegrityError):
        LocalSigner(ORIGIN, key, path)


def test_state_with_a_frontier_of_another_tree_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    path, other = tmp_path / "signer.json", tmp_path / "other.json"
    _sign(LocalSigner(ORIGIN, key, path), 4)
    forged = [b"forged", *LEAVES[1:4]]
    LocalSigner(ORIGIN, key, other).sign(4, _root(4, forged), forged)
    frontier = [p.read_bytes().split(b'"')[3] for p in (path, other)]
    path.write_bytes(path.read_bytes().replace(*frontier))

    with pytest.raises(IntegrityError):
        LocalSigner(ORIGIN, key, path)


def test_state_signed_by_another_key_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    path = tmp_path / "signer.json"
    _sign(LocalSigner(ORIGIN, key, path), 5)

    with pytest.raises(IntegrityError):
        LocalSigner(ORIGIN, NoteSigner(ORIGIN, generate_log_key()), path)


def test_state_of_another_log_is_refused(tmp_path: Path) -> None:
    path, private = tmp_path / "signer.json", generate_log_key()
    _sign(LocalSigner(ORIGIN, NoteSigner(ORIGIN, private), path), 5)

    with pytest.raises(IntegrityError):
        LocalSigner("gw.example/other", NoteSigner("gw.example/other", private), path)


def test_signer_with_a_key_of_another_log_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    with pytest.raises(IntegrityError):
        LocalSigner("gw.example/other", key, tmp_path / "signer.json")


def test_state_missing_although_it_must_exist_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    with pytest.raises(IntegrityError):
        LocalSigner(ORIGIN, key, tmp_path / "signer.json", must_exist=True)


def test_state_that_vanishes_while_signing_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    path = tmp_path / "signer.json"
    signer = LocalSigner(ORIGIN, key, path)
    _sign(signer, 5)
    path.unlink()

    with pytest.raises(IntegrityError):
        signer.sign(6, _root(6), LEAVES[5:6])
    assert not path.exists()


def test_state_put_back_from_a_backup_while_signing_is_refused(
    tmp_path: Path, key: NoteSigner
) -> None:
    path = tmp_path / "signer.json"
    signer = LocalSigner(ORIGIN, key, path)
    _sign(signer, 5)
    backup = path.read_bytes()
    _sign(signer, 6)
    path.write_bytes(backup)
    forged = [*LEAVES[:5], b"forged", b"forged too"]

    with pytest.raises(IntegrityError):
        signer.sign(7, _root(7), LEAVES[6:7])
    with pytest.raises(IntegrityError):
        signer.sign(7, _root(7, forged), forged[5:])


def test_second_signer_on_one_state_cannot_sign_another_history(
    tmp_path: Path, key: NoteSigner
) -> None:
    first = LocalSigner(ORIGIN, key, tmp_path / "signer.json")
    _sign(first, 5)
    second = LocalSigner(ORIGIN, key, tmp_path / "signer.json", must_exist=True)
    _sign(first, 8)
    forged = [*LEAVES[:5], b"forged"]

    with pytest.raises(IntegrityError):
        second.sign(6, _root(6, forged), forged[5:])
    assert first.last() == second.last()


def test_state_is_on_disk_before_the_signature_is_handed_out(
    tmp_path: Path, key: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "signer.json"
    synchronised: list[str] = []
    fsync = os.fsync

    def spy(descriptor: int) -> None:
        synchronised.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    signed = _sign(LocalSigner(ORIGIN, key, path), 5)

    assert ["signer.json.new", tmp_path.name] == synchronised
    assert signed == LocalSigner(ORIGIN, key, path, must_exist=True).last()


def test_state_that_cannot_be_written_leaves_nothing_signed(
    tmp_path: Path, key: NoteSigner
) -> None:
    """A directory stands in the way of the temporary file."""
    signer = LocalSigner(ORIGIN, key, tmp_path / "signer.json")
    signed = _sign(signer, 5)
    (tmp_path / "signer.json.new").mkdir()

    with pytest.raises(LogUnavailable):
        signer.sign(6, _root(6), LEAVES[5:6])

    assert signed == signer.last()
    (tmp_path / "signer.json.new").rmdir()
    assert 6 == _sign(signer, 6).size


def test_state_that_cannot_be_read_is_unavailable(tmp_path: Path, key: NoteSigner) -> None:
    (tmp_path / "signer.json").mkdir()

    with pytest.raises(LogUnavailable):
        LocalSigner(ORIGIN, key, tmp_path / "signer.json")


def test_signer_in_a_directory_that_is_not_there_is_unavailable(
    tmp_path: Path, key: NoteSigner
) -> None:
    with pytest.raises(LogUnavailable):
        LocalSigner(ORIGIN, key, tmp_path / "missing" / "signer.json")


def test_signer_continues_from_its_state_after_a_restart(tmp_path: Path, key: NoteSigner) -> None:
    path = tmp_path / "signer.json"
    signed = _sign(LocalSigner(ORIGIN, key, path), 200)

    again = LocalSigner(ORIGIN, key, path, must_exist=True)

    assert signed == again.last()
    assert 300 == _sign(again, 300).size
    assert 0o600 == path.stat().st_mode & 0o777
    assert ["signer.json"] == [p.name for p in tmp_path.iterdir()]
