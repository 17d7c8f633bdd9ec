"""Whoever signs heads never signs two that contradict each other, whatever it is told."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import TrustedLog
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import EMPTY_ROOT, leaf_hash, tree_root
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import IntegrityError, LogUnavailable
from gateway.ports.log import Checkpoint, Signer
from gateway.signer.local import LocalSigner
from tests.simulators.clock import NOON, FixedClock
from tests.simulators.signer import HonestSigner, SignerOpener

ORIGIN = "gw.example/audit/2027a"
CLOCK = FixedClock()
LEAVES = [f"leaf {n}".encode() for n in range(300)]


def _root(size: int, leaves: list[bytes] = LEAVES) -> bytes:
    return tree_root(leaf_hash(leaf) for leaf in leaves[:size])


@pytest.fixture
def private() -> Ed25519PrivateKey:
    return generate_log_key()


@pytest.fixture
def key(private: Ed25519PrivateKey) -> NoteSigner:
    return NoteSigner(ORIGIN, private)


@pytest.fixture(params=["local", "socket"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SignerOpener]:
    """Opens signers on state files: directly, and behind a socket each."""
    with SignerOpener.of(request.param, ORIGIN) as opened:
        yield opened


@pytest.fixture(params=["local", "process", "simulator"])
def signer(
    request: pytest.FixtureRequest, tmp_path: Path, private: Ed25519PrivateKey
) -> Iterator[Signer]:
    if request.param == "simulator":
        yield HonestSigner(ORIGIN)
        return
    with SignerOpener.of(request.param, ORIGIN) as opened:
        yield opened.open(private, tmp_path / "signer.json")


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
        lambda content: content.replace(b'"version":2', b'"version":1'),
        lambda content: content.replace(b'"version":2', b'"version":3'),
        lambda content: content.replace(b'"at":1', b'"at":-1'),
        lambda content: content.replace(b'"at":', b'"at":null,"x":'),
        lambda _: b"[]",
        lambda _: b'{"frontier":1,"note":2,"version":1}\n',
        lambda _: b'{"version":1}\n',
        lambda content: b"\x00" * len(content),
    ],
    ids=lambda _: "damage",
)
def test_state_that_is_damaged_is_refused(
    tmp_path: Path,
    opener: SignerOpener,
    private: Ed25519PrivateKey,
    damage: Callable[[bytes], bytes],
) -> None:
    path = tmp_path / "signer.json"
    _sign(opener.open(private, path), 5)
    content = path.read_bytes()
    assert damage(content) != content
    path.write_bytes(damage(content))

    with pytest.raises(IntegrityError):
        opener.open(private, path)


def test_state_with_a_frontier_of_another_tree_is_refused(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    path, other = tmp_path / "signer.json", tmp_path / "other.json"
    _sign(opener.open(private, path), 4)
    forged = [b"forged", *LEAVES[1:4]]
    opener.open(private, other).sign(4, _root(4, forged), forged)
    frontier = [json.loads(p.read_bytes())["frontier"].encode() for p in (path, other)]
    path.write_bytes(path.read_bytes().replace(*frontier))

    with pytest.raises(IntegrityError):
        opener.open(private, path)


def test_state_signed_by_another_key_is_refused(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    path = tmp_path / "signer.json"
    _sign(opener.open(private, path), 5)

    with pytest.raises(IntegrityError):
        opener.open(generate_log_key(), path)


def test_state_of_another_log_is_refused(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    path = tmp_path / "signer.json"
    _sign(opener.open(private, path), 5)

    with pytest.raises(IntegrityError):
        opener.open(private, path, origin="gw.example/other")


def test_signer_with_a_key_of_another_log_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    with pytest.raises(IntegrityError):
        LocalSigner("gw.example/other", key, tmp_path / "signer.json", CLOCK)


def test_state_missing_although_it_must_exist_is_refused(tmp_path: Path, key: NoteSigner) -> None:
    with pytest.raises(IntegrityError):
        LocalSigner(ORIGIN, key, tmp_path / "signer.json", CLOCK, must_exist=True)


def test_state_that_vanishes_while_signing_is_refused(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    path = tmp_path / "signer.json"
    signer = opener.open(private, path)
    _sign(signer, 5)
    path.unlink()

    with pytest.raises(IntegrityError):
        signer.sign(6, _root(6), LEAVES[5:6])
    assert not path.exists()


def test_state_put_back_from_a_backup_while_signing_is_refused(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    path = tmp_path / "signer.json"
    signer = opener.open(private, path)
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
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    first = opener.open(private, tmp_path / "signer.json")
    _sign(first, 5)
    second = opener.open(private, tmp_path / "signer.json")
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
    signed = _sign(LocalSigner(ORIGIN, key, path, CLOCK), 5)

    assert ["signer.json.new", tmp_path.name] == synchronised
    assert signed == LocalSigner(ORIGIN, key, path, CLOCK, must_exist=True).last()


def test_state_that_cannot_be_written_leaves_nothing_signed(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    """A directory stands in the way of the temporary file."""
    signer = opener.open(private, tmp_path / "signer.json")
    signed = _sign(signer, 5)
    (tmp_path / "signer.json.new").mkdir()

    with pytest.raises(LogUnavailable):
        signer.sign(6, _root(6), LEAVES[5:6])

    assert signed == signer.last()
    (tmp_path / "signer.json.new").rmdir()
    assert 6 == _sign(signer, 6).size


def test_state_that_cannot_be_read_is_unavailable(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    (tmp_path / "signer.json").mkdir()

    with pytest.raises(LogUnavailable):
        opener.open(private, tmp_path / "signer.json")


def test_signer_in_a_directory_that_is_not_there_is_unavailable(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    with pytest.raises(LogUnavailable):
        opener.open(private, tmp_path / "missing" / "signer.json")


def test_signer_continues_from_its_state_after_a_restart(
    tmp_path: Path, opener: SignerOpener, private: Ed25519PrivateKey
) -> None:
    path = tmp_path / "signer.json"
    signed = _sign(opener.open(private, path), 200)

    again = opener.open(private, path)

    assert signed == again.last()
    assert 300 == _sign(again, 300).size
    assert 0o600 == path.stat().st_mode & 0o777
    assert ["signer.json"] == [p.name for p in tmp_path.iterdir()]


# --- the clock ------------------------------------------------------------------------------


def test_signer_whose_clock_is_behind_its_last_signature_waits(
    tmp_path: Path, key: NoteSigner
) -> None:
    """Also after a restart; what was signed is answered again meanwhile."""
    path = tmp_path / "signer.json"
    clock = FixedClock()
    signed = _sign(LocalSigner(ORIGIN, key, path, clock), 5)
    clock.set(NOON - 1)
    signer = LocalSigner(ORIGIN, key, path, clock)

    with pytest.raises(LogUnavailable):
        _sign(signer, 6)
    assert signed == signer.last() == _sign(signer, 5)
    clock.set(NOON)
    assert 6 == _sign(signer, 6).size


def test_state_of_the_first_form_is_continued_and_then_says_when(
    tmp_path: Path, key: NoteSigner
) -> None:
    path = tmp_path / "signer.json"
    signed = _sign(LocalSigner(ORIGIN, key, path, CLOCK), 5)
    content = path.read_bytes().replace(b'"at":%d,' % NOON, b"")
    path.write_bytes(content.replace(b'"version":2', b'"version":1'))

    signer = LocalSigner(ORIGIN, key, path, CLOCK)

    assert signed == signer.last()
    assert 6 == _sign(signer, 6).size
    assert b'"at":%d' % NOON in path.read_bytes()


def test_disk_that_may_have_lost_the_state_is_not_asked_again(
    tmp_path: Path, key: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = LocalSigner(ORIGIN, key, tmp_path / "signer.json", CLOCK)
    fsync = os.fsync

    def fail_for_directories(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink() == tmp_path:
            raise OSError(5, "the disk")
        fsync(descriptor)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", fail_for_directories)
        with pytest.raises(IntegrityError):
            _sign(signer, 5)

    for ask in (signer.last, lambda: signer.sign(5, _root(5), LEAVES[:5])):
        with pytest.raises(IntegrityError):
            ask()
