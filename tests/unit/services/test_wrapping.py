"""Key-encryption keys: everything under a new one, also after a kill, and the old one gone."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.crypto.envelope import BodyUnreadable, decrypt_body
from gateway.domain.errors import Conflict, IntegrityError, NotFound
from gateway.domain.ids import EntryId, Millis
from gateway.domain.log import EntryDraft, EntryType
from gateway.policy.serving import CurrentPolicy
from gateway.services.recording import Change
from gateway.services.wrapping import Wrapping
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import sqlite_path
from gateway.storage.database import Database
from gateway.storage.fsck import check_database
from gateway.storage.key_ring import KeyRing, create_key_ring
from tests.simulators.house import LOG, House
from tests.simulators.kept_log import write_proof
from tests.simulators.policy_inputs import POLICIES, T0
from tests.simulators.tampering import tamper

FIRST, SECOND, THIRD = "kek-2026q2", "kek-2026q2a", "kek-2026q2b"
SIZE = 600
KILLED = """
import os, pathlib, signal, sys
from gateway.services.wrapping import Wrapping
from gateway.storage.key_ring import KeyRing
from tests.simulators.house import House

house = House(sys.argv[1], pathlib.Path(sys.argv[2]))
ring = KeyRing(pathlib.Path(sys.argv[2]) / "keys")
Wrapping(house.context, ring).rotate(
    "console.test", progress=lambda at, size: os.kill(os.getpid(), signal.SIGKILL)
)
"""


@pytest.fixture
def ring(house: House, tmp_path: Path) -> KeyRing:
    """The ring of a house whose log has 600 entries."""
    filled(house)
    return KeyRing(tmp_path / "keys")


def filled(house: House) -> None:
    drafts = [
        EntryDraft(house.context.ids.entry(), EntryType.PAD, house.clock.now(), {"note": "あ"})
        for _ in range(SIZE)
    ]
    house.recorder.record(Change(tuple(map(house.recorder.prepare, drafts))))


def wrapping(house: House, ring: KeyRing) -> Wrapping:
    return Wrapping(house.context, ring)


def under(house: House) -> dict[str, int]:
    ids = house.context.keys.kek_ids()
    return {kek_id: house.context.log.wrapped_by(kek_id) for kek_id in ids}


def check(house: House) -> None:
    def kek_of(kek_id: str) -> bytes:
        return house.context.keys.kek(kek_id)[1]

    report = check_database(house.database.engine, LOG, house.trusted, kek_of=kek_of)
    assert {} == report.counts
    assert report.size == report.opened


# --- refusals ----------------------------------------------------------------------------


def test_key_that_is_needed_is_not_destroyed(house: House, ring: KeyRing) -> None:
    ring.add_kek(SECOND)
    with pytest.raises(Conflict, match="KEK_IN_USE"):
        wrapping(house, ring).destroy(FIRST, "console.test")
    with pytest.raises(Conflict, match="KEK_IS_CURRENT"):
        wrapping(house, ring).destroy(SECOND, "console.test")
    with pytest.raises(NotFound):
        wrapping(house, ring).destroy("kek-2020q1", "console.test")
    assert (FIRST, SECOND) == ring.kek_ids()


def test_rotation_of_a_body_that_does_not_unwrap_stops(
    house: House, ring: KeyRing, sqlite_url: str
) -> None:
    tamper(sqlite_url, "UPDATE log_body SET wrapped_key = x'00' WHERE seq = 300")
    with pytest.raises(IntegrityError):
        wrapping(house, ring).rotate("console.test")
    assert FIRST in ring.kek_ids()
    assert under(house)[FIRST] > 0
    with pytest.raises(Conflict, match="ROTATION_RUNNING"):
        wrapping(house, ring).destroy(FIRST, "console.test")


@pytest.mark.parametrize(
    ("present", "following"),
    [
        ("kek-2026q1", "kek-2026q2"),
        ("kek-2026q2", "kek-2026q2a"),
        ("kek-2026q2y", "kek-2026q2z"),
    ],
)
def test_next_key_is_the_quarters_or_has_the_next_letter(
    tmp_path: Path, present: str, following: str
) -> None:
    ring = one_key(tmp_path / "ring", present)
    assert following == ring.next_kek_id(Millis(T0))
    ring.add_kek(following)
    assert following == ring.kek()[0]


@pytest.mark.parametrize("present", ["kek-2026q2z", "kek-2026q3", "kek-2099q1"])
def test_next_key_that_would_not_be_the_newest_is_refused(tmp_path: Path, present: str) -> None:
    with pytest.raises(Conflict, match="KEK_NOT_NEWEST"):
        one_key(tmp_path / "ring", present).next_kek_id(Millis(T0))


def one_key(directory: Path, kek_id: str) -> KeyRing:
    """Return a ring whose only key-encryption key has this id."""
    create_key_ring(directory, now=Millis(T0))
    (made,) = directory.glob("kek-*.key")
    made.rename(directory / f"{kek_id}.key")
    return KeyRing(directory)


# --- rotation ----------------------------------------------------------------------------


def test_rotation_leaves_every_body_readable_under_the_new_key_alone(
    house: House, ring: KeyRing
) -> None:
    seen: list[int] = []

    done = wrapping(house, ring).rotate("console.test", progress=lambda at, _: seen.append(at))

    assert (SECOND, SIZE + 1, False) == (done.kek_id, done.rewrapped, done.resumed)
    assert 0 == under(house)[FIRST]
    assert sorted(seen) == seen
    check(house)
    changes = [b["change"] for _, b in house.entries(kinds=["key"])]
    assert ["rotation_begun", *["rewrapped"] * 3, "rotation_done"] == changes


def test_rotation_to_a_key_that_others_have_made_makes_none(house: House, ring: KeyRing) -> None:
    ring.add_kek("kek-2026q3")
    done = wrapping(house, ring).rotate("console.test", make=False)
    assert ("kek-2026q3", 0) == (done.kek_id, under(house)[FIRST])
    assert (FIRST, "kek-2026q3") == ring.kek_ids()


@pytest.mark.long
def test_rotation_that_was_killed_goes_on_with_the_same_key(
    sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy
) -> None:
    house = House(sqlite_url, tmp_path, policy=current_policy)
    filled(house)
    house.close()

    killed = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", KILLED, sqlite_url, str(tmp_path)],
        check=False,
        cwd=POLICIES.parent,
        capture_output=True,
    )
    house = House(sqlite_url, tmp_path, policy=current_policy)
    before = under(house)
    done = Wrapping(house.context, KeyRing(tmp_path / "keys")).rotate("console.test")
    after = under(house)
    check(house)
    house.close()

    assert -signal.SIGKILL == killed.returncode, killed.stderr
    assert before[FIRST] > 0
    assert before[SECOND] > 0
    assert (SECOND, True) == (done.kek_id, done.resumed)
    assert {FIRST, SECOND} == set(after)
    assert 0 == after[FIRST]


# --- destruction -------------------------------------------------------------------------


def test_copy_from_before_cannot_be_read_once_the_key_is_destroyed(
    sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy
) -> None:
    house = House(sqlite_url, tmp_path, policy=current_policy)
    filled(house)
    house.close()
    copy = tmp_path / "copy.db"
    shutil.copy(sqlite_path(parsed(sqlite_url)), copy)
    house = House(sqlite_url, tmp_path, policy=current_policy)
    ring = KeyRing(tmp_path / "keys")
    Wrapping(house.context, ring).rotate("console.test")

    readable = bodies_of(copy, house, ring)
    Wrapping(house.context, ring).destroy(FIRST, "console.test")
    unreadable = bodies_of(copy, house, ring)
    check(house)
    ((_, said),) = house.entries(kinds=["erase"])
    house.close()

    assert (SIZE, 0) == (readable, unreadable)
    assert (FIRST, "key_destroyed") == (said["kek_id"], said["code"])
    assert (SECOND,) == ring.kek_ids()


def test_destruction_that_was_recorded_only_is_finished(
    house: House, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapping(house, ring).rotate("console.test")

    def fails(_: str) -> None:
        raise IntegrityError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(ring, "destroy_kek", fails)
        with pytest.raises(IntegrityError):
            wrapping(house, ring).destroy(FIRST, "console.test")
    assert (FIRST, SECOND) == ring.kek_ids()

    assert (FIRST,) == wrapping(house, ring).finish()
    assert (SECOND,) == ring.kek_ids()
    assert () == wrapping(house, ring).finish()
    assert 1 == len(house.entries(kinds=["erase"]))


def bodies_of(path: Path, house: House, ring: KeyRing) -> int:
    """Return how many bodies of a copy anybody with the ring can read, trying every key."""
    database = Database.open(f"sqlite:///{path}")
    reader = database.log_reader(read_checkpoint=house.trusted.open, write_proof=write_proof)
    keks = [ring.kek(kek_id)[1] for kek_id in ring.kek_ids()]
    count = 0
    for start in range(0, SIZE, 256):
        for stored in reader.stored(LOG, start, min(start + 256, SIZE)):
            assert stored.body is not None
            count += any(_opens(stored.entry_id, stored.body, kek) for kek in keks)
    database.close()
    return count


def _opens(entry_id: EntryId, body: object, kek: bytes) -> bool:
    try:
        decrypt_body(body, log_id=LOG, entry_id=entry_id, kek=kek)  # type: ignore[arg-type]
    except BodyUnreadable:
        return False
    return True
