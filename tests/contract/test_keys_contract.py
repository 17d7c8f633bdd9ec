"""Secret keys are private, complete, never written over, and gone when destroyed."""

import re
from pathlib import Path

import pytest

from gateway.crypto.key_files import public_pem
from gateway.crypto.keys import Algorithm
from gateway.domain.errors import Conflict, IntegrityError
from gateway.domain.ids import Millis
from gateway.ports.keys import Keys
from gateway.storage.key_ring import (
    KeyRing,
    create_key_ring,
    kek_id_at,
    load_gateway_key,
    load_log_key,
    load_log_signer,
    load_policy_key,
    load_token_key,
)
from tests.simulators.clock import NOON

ORIGIN = "gw.example/audit/2027a"
CURRENT = "kek-2026q2"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    create_key_ring(tmp_path / "keys", now=NOON)
    return tmp_path / "keys"


@pytest.fixture
def ring(directory: Path) -> KeyRing:
    return KeyRing(directory)


def test_kek_that_never_existed_is_refused(ring: Keys) -> None:
    with pytest.raises(IntegrityError):
        ring.kek("kek-2020q1")


@pytest.mark.parametrize("kek_id", ["", "index", "../keys/kek-2026q2", "kek-2026q2.key", "kek"])
def test_kek_by_a_name_that_is_no_id_is_refused(ring: Keys, kek_id: str) -> None:
    with pytest.raises(IntegrityError):
        ring.kek(kek_id)


def test_kek_destroyed_is_gone_for_every_ring_on_the_directory(
    ring: KeyRing, directory: Path
) -> None:
    other = KeyRing(directory)
    other.kek(CURRENT)
    ring.add_kek("kek-2026q3")

    ring.destroy_kek(CURRENT)

    for each in (ring, other, KeyRing(directory)):
        with pytest.raises(IntegrityError):
            each.kek(CURRENT)
        assert "kek-2026q3" == each.kek()[0]


def test_kek_that_is_current_is_not_destroyed(ring: KeyRing) -> None:
    with pytest.raises(Conflict):
        ring.destroy_kek(CURRENT)

    assert CURRENT == ring.kek()[0]


def test_kek_that_never_existed_is_not_destroyed(ring: KeyRing) -> None:
    with pytest.raises(IntegrityError):
        ring.destroy_kek("kek-2020q1")


@pytest.mark.parametrize(
    "kek_id", [CURRENT, "kek-2026q1", "kek-2026q5", "kek-next", "KEK-2027Q1", "../kek-2027q1"]
)
def test_kek_that_would_not_be_the_newest_is_not_added(ring: KeyRing, kek_id: str) -> None:
    with pytest.raises(Conflict):
        ring.add_kek(kek_id)


def test_kek_open_to_others_is_refused(directory: Path) -> None:
    (directory / f"{CURRENT}.key").chmod(0o644)

    with pytest.raises(IntegrityError):
        KeyRing(directory)


@pytest.mark.parametrize("name", [f"{CURRENT}.key", "index.key", "reference.key"])
def test_ring_with_a_missing_key_is_refused(directory: Path, name: str) -> None:
    (directory / name).unlink()

    with pytest.raises(IntegrityError):
        KeyRing(directory)
    assert not (directory / name).exists()


@pytest.mark.parametrize("name", [f"{CURRENT}.key", "index.key", "reference.key"])
def test_ring_with_a_damaged_key_is_refused(directory: Path, name: str) -> None:
    (directory / name).write_text("AAAA\n")

    with pytest.raises(IntegrityError):
        KeyRing(directory)


def test_ring_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError):
        KeyRing(tmp_path / "keys")


def test_ring_is_never_made_over_another(directory: Path) -> None:
    before = {p.name: p.read_bytes() for p in directory.iterdir()}

    with pytest.raises(IntegrityError):
        create_key_ring(directory, now=NOON)

    assert before == {p.name: p.read_bytes() for p in directory.iterdir()}
    assert [directory] == list(directory.parent.iterdir())


def test_ring_is_never_made_beside_a_single_file(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log.pem").write_text("someone's")

    with pytest.raises(IntegrityError):
        create_key_ring(tmp_path / "keys", now=NOON)

    assert ["log.pem"] == [p.name for p in (tmp_path / "keys").iterdir()]


@pytest.mark.parametrize("load", [load_token_key, load_gateway_key, load_policy_key])
def test_signing_key_of_another_kind_is_refused(directory: Path, load: object) -> None:
    for name in ("token.pem", "gateway.pem", "policy.pem"):
        (directory / name).unlink()
        (directory / name).write_bytes((directory / "log.pem").read_bytes())
        (directory / name).chmod(0o600)

    assert callable(load)
    with pytest.raises(IntegrityError):
        load(directory)


def test_log_key_of_another_kind_is_refused(directory: Path) -> None:
    (directory / "log.pem").write_bytes((directory / "token.pem").read_bytes())

    with pytest.raises(IntegrityError):
        load_log_signer(directory, ORIGIN)


@pytest.mark.parametrize("other", ["log.pem", "token.pem", "index.key", None])
def test_public_log_key_that_is_none_is_refused(directory: Path, other: str | None) -> None:
    """A private key in its place is none either."""
    public = directory / "log.pub.pem"
    public.unlink()
    if other:
        public.write_bytes((directory / other).read_bytes())

    with pytest.raises(IntegrityError, match=r"log\.pub\.pem"):
        load_log_key(directory, ORIGIN)


def test_public_log_key_of_another_algorithm_is_refused(directory: Path) -> None:
    other = load_token_key(directory).public().public
    (directory / "log.pub.pem").write_text(public_pem(other))

    with pytest.raises(IntegrityError):
        load_log_key(directory, ORIGIN)


def test_public_log_key_is_the_signers_and_needs_no_private_one(directory: Path) -> None:
    key = load_log_signer(directory, ORIGIN).key
    (directory / "log.pem").unlink()

    assert key == load_log_key(directory, ORIGIN)


def test_ring_as_made_is_private_and_complete(directory: Path, ring: KeyRing) -> None:
    names = {p.name for p in directory.iterdir()}
    secrets = [ring.kek()[1], ring.index_key(), ring.reference_key()]

    assert 0o700 == directory.stat().st_mode & 0o777
    assert {0o600} == {p.stat().st_mode & 0o777 for p in directory.iterdir()}
    assert {
        "log.pem",
        "log.pub.pem",
        "token.pem",
        "gateway.pem",
        "policy.pem",
        "index.key",
        "reference.key",
        "kek-2026q2.key",
    } == names
    assert {32} == {len(s) for s in secrets}
    assert 3 == len(set(secrets))


def test_ring_is_made_in_an_empty_directory_and_below_missing_ones(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir(mode=0o755)

    create_key_ring(tmp_path / "empty", now=NOON)
    create_key_ring(tmp_path / "a" / "b" / "keys", now=NOON)

    assert KeyRing(tmp_path / "empty").index_key() != KeyRing(tmp_path / "a/b/keys").index_key()
    assert 0o700 == (tmp_path / "empty").stat().st_mode & 0o777


def test_ring_read_again_holds_the_same_keys(directory: Path, ring: KeyRing) -> None:
    again = KeyRing(directory)

    assert ring.kek() == again.kek()
    assert ring.index_key() == again.index_key()
    assert ring.reference_key() == again.reference_key()
    assert load_token_key(directory).kid == load_token_key(directory).kid
    loaded = [f(directory) for f in (load_token_key, load_gateway_key, load_policy_key)]
    assert 3 == len({key.kid for key in loaded})
    assert Algorithm.ES256 is load_token_key(directory).alg


def test_log_signer_is_named_like_its_log_and_stays_the_same(directory: Path) -> None:
    first, second = (load_log_signer(directory, ORIGIN) for _ in range(2))

    assert ORIGIN == first.key.name
    assert first.key == second.key


def test_kek_added_serves_at_once_and_older_ones_stay(ring: KeyRing, directory: Path) -> None:
    other = KeyRing(directory)
    _, first = ring.kek()

    ring.add_kek("kek-2026q3")
    ring.add_kek("kek-2026q3b")

    assert ("kek-2026q2", "kek-2026q3", "kek-2026q3b") == other.kek_ids()
    assert "kek-2026q3b" == other.kek()[0]
    assert (CURRENT, first) == other.kek(CURRENT)
    assert first != other.kek()[1]


@pytest.mark.parametrize(
    ("now", "kek_id"),
    [
        (1_774_969_199_999, "kek-2026q1"),  # 2026-03-31 23:59:59.999 +09:00
        (1_774_969_200_000, "kek-2026q2"),
        (1_798_729_199_999, "kek-2026q4"),  # 2026-12-31 23:59:59.999 +09:00
        (1_798_729_200_000, "kek-2027q1"),
    ],
)
def test_kek_id_changes_with_the_quarter_in_japan(now: int, kek_id: str) -> None:
    assert kek_id == kek_id_at(Millis(now))
    assert re.fullmatch(r"kek-\d{4}q[1-4]", kek_id)
