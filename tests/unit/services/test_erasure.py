"""Erasure: what may not be erased, what is gone afterwards, and what says so."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from gateway.domain.errors import Conflict, NotAuthorized, NotFound, SchemaViolation
from gateway.domain.ids import EntryId
from gateway.domain.log import EntryDraft, EntryType
from gateway.policy.serving import CurrentPolicy
from gateway.services.erasure import Confirmed, Erasures
from gateway.services.recording import Change
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import sqlite_path
from gateway.storage.fsck import DatabaseReport, check_database
from tests.simulators.erasing import YEAR, Erasing, entry_of
from tests.simulators.house import LOG, TENANT, House
from tests.simulators.policy_inputs import POLICIES, T0

NOBODY = Confirmed("console.test")
KILLED = """
import os, pathlib, signal, sys
from gateway.services.erasure import Confirmed, Erasures
from tests.simulators.house import House
from tests.simulators.policy_inputs import T0

house = House(sys.argv[1], pathlib.Path(sys.argv[2]))
house.clock.set(T0 + 6 * 31_557_600_000)
Erasures(house.context).erase_due(
    Confirmed("console.test"), lambda at, size: os.kill(os.getpid(), signal.SIGKILL)
)
"""


@pytest.fixture
def desk(house: House) -> Erasing:
    return Erasing(house)


def checked(house: House) -> DatabaseReport:
    return check_database(
        house.database.engine,
        LOG,
        house.trusted,
        kek_of=lambda kek_id: house.context.keys.kek(kek_id)[1],
    )


def refused(desk: Erasing, reason: str, ground: str, confirmed: Confirmed) -> None:
    """Check that the decision is not erased, for this reason."""
    before = desk.house.context.log.checkpoint(LOG).size
    with pytest.raises(Conflict) as caught:
        desk.erasures.erase([desk.decision], ground, confirmed)
    assert reason == caught.value.reason
    assert desk.has_body(desk.decision)
    assert before == desk.house.context.log.checkpoint(LOG).size


# --- refusals ----------------------------------------------------------------------------


def test_erasure_on_a_ground_that_the_pack_has_not_is_refused(desk: Erasing) -> None:
    refused(desk, "GROUND_UNKNOWN", "because", desk.confirmed())


def test_erasure_while_retention_runs_is_refused(desk: Erasing) -> None:
    desk.lapse()
    refused(desk, "RETENTION_RUNNING", "retention_over", desk.confirmed())
    desk.house.clock.advance(5 * YEAR - 3_600_001)
    refused(desk, "RETENTION_RUNNING", "retention_over", NOBODY)


def test_erasure_that_nobody_confirms_is_refused(desk: Erasing) -> None:
    desk.lapse()
    refused(desk, "OFFICER_NEEDED", "person_request", NOBODY)


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("", "SECOND_PERSON_NEEDED"),
        ("officer-1", "SECOND_PERSON_SAME"),
        ("former", "SECOND_PERSON_NOT_IN_OFFICE"),
    ],
)
def test_erasure_without_a_second_person_is_refused(
    desk: Erasing, second: str, reason: str
) -> None:
    desk.hire("former", ["privacy_officer"], term_to=desk.house.clock.now())
    desk.lapse()
    refused(desk, reason, "person_request", desk.confirmed(second))


def test_erasure_by_somebody_who_is_no_officer_is_refused(desk: Erasing) -> None:
    desk.lapse()
    confirmed = Confirmed("console.test", desk.acting("clerk"), "officer-2")
    with pytest.raises(NotAuthorized):
        desk.erasures.erase([desk.decision], "person_request", confirmed)
    assert desk.has_body(desk.decision)


def test_erasure_of_an_entry_that_is_not_there_is_refused(desk: Erasing) -> None:
    desk.lapse()
    with pytest.raises(NotFound):
        desk.erasures.erase([desk.decision, EntryId("A" * 22)], "court_order", desk.confirmed())
    assert desk.has_body(desk.decision)
    with pytest.raises(NotFound):
        desk.erasures.about("s-nobody")


def test_erasure_of_a_permit_that_can_be_used_is_refused(desk: Erasing) -> None:
    refused(desk, "DELIVERY_WAITING", "person_request", desk.confirmed())


def test_erasure_of_what_waits_to_be_opened_is_refused(desk: Erasing) -> None:
    unit = desk.disclosed.units[0]
    upload = desk.house.sealed(desk.disclosed, unit, desk.agency)
    released = desk.house.release(upload, desk.question)
    desk.lapse()
    refused(desk, "DELIVERY_WAITING", "person_request", desk.confirmed())
    with pytest.raises(Conflict, match="DELIVERY_WAITING"):
        desk.erasures.erase([entry_of(released.evidence)], "person_request", desk.confirmed())


def test_erasure_of_what_says_that_something_was_erased_is_refused(desk: Erasing) -> None:
    desk.lapse()
    done = desk.erasures.erase([desk.decision], "person_request", desk.confirmed())
    context = desk.house.context
    (entry,) = context.log.stored(LOG, done.indices[0], done.indices[0] + 1)
    with pytest.raises(Conflict, match="ERASE_ENTRY_KEPT"):
        desk.erasures.erase([entry.entry_id], "person_request", desk.confirmed())


# --- legal holds -------------------------------------------------------------------------


def test_erasure_of_an_entry_that_is_held_is_refused_until_it_is_lifted(desk: Erasing) -> None:
    desk.lapse()
    hold = desk.holds.place(desk.acting(), "lawsuit", entry_id=desk.decision)
    refused(desk, "LEGAL_HOLD", "court_order", desk.confirmed())

    desk.holds.lift(desk.acting("officer-2"), hold.id, "lawsuit_over")
    done = desk.erasures.erase([desk.decision], "court_order", desk.confirmed())

    assert (desk.decision,) == done.entries
    said = [b["change"] for _, b in desk.house.entries(kinds=["register"]) if "change" in b]
    assert ["placed", "lifted"] == said[-2:]
    with pytest.raises(Conflict, match="HOLD_LIFTED"):
        desk.holds.lift(desk.acting(), hold.id, "again")


def test_hold_on_a_person_holds_whatever_concerns_the_person(desk: Erasing) -> None:
    hold = desk.holds.place(desk.acting(), "lawsuit", subject=desk.subject)
    desk.lapse()
    refused(desk, "LEGAL_HOLD", "court_order", desk.confirmed())
    desk.house.clock.advance(20 * YEAR)

    due = desk.erasures.erase_due(NOBODY)

    assert desk.has_body(desk.decision)
    assert due.held >= 2  # the decision and the hold's own entry
    assert [hold] == list(desk.holds.active())


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("", {"subject": "s"}),
        ("Not a code", {"subject": "s"}),
        ("lawsuit", {}),
        ("lawsuit", {"subject": "s", "entry_id": "A" * 22}),
    ],
)
def test_hold_that_is_not_well_said_is_refused(
    desk: Erasing, code: str, names: dict[str, str]
) -> None:
    with pytest.raises(SchemaViolation):
        desk.holds.place(desk.acting(), code, **names)  # type: ignore[arg-type]
    assert () == desk.holds.active()


def test_hold_on_what_is_not_there_or_by_no_officer_is_refused(desk: Erasing) -> None:
    for names in ({"subject": "s-nobody"}, {"entry_id": EntryId("A" * 22)}):
        with pytest.raises(NotFound):
            desk.holds.place(desk.acting(), "lawsuit", **names)  # type: ignore[arg-type]
    with pytest.raises(NotAuthorized):
        desk.holds.place(desk.acting("clerk"), "lawsuit", entry_id=desk.decision)
    with pytest.raises(NotFound):
        desk.holds.lift(desk.acting(), "nothing", "over")


# --- what is gone, and what says so ------------------------------------------------------


def test_erased_entry_says_nothing_any_more_and_another_one_says_why(desk: Erasing) -> None:
    desk.lapse()
    done = desk.erasures.erase([desk.decision], "person_request", desk.confirmed())

    context = desk.house.context
    with pytest.raises(NotFound):
        desk.house.recorder.body_of(desk.decision)
    ((_, said),) = [e for e in _readable(desk.house) if e[0] == "erase"]
    assert [desk.decision] == said["entry_ids"]
    assert ("person_request", "disclosure", 1) == (said["code"], said["retention"], said["count"])
    assert ("officer-1", "officer-2") == (said["actor"], said["second_actor"])
    assert desk.subject not in str(said)
    assert [] == list(context.registers.rows(TENANT, "unit", {}))
    assert desk.decision not in desk.erasures.about(desk.subject)
    assert {} == checked(desk.house).counts
    assert 1 == checked(desk.house).tombstones
    again = desk.erasures.erase([desk.decision], "person_request", desk.confirmed())
    assert ((), (desk.decision,), ()) == (again.entries, again.already, again.indices)
    assert done.indices


def test_everything_about_a_person_is_found_and_erased(desk: Erasing) -> None:
    other = desk.house.disclose(desk.question)
    desk.lapse()
    found = desk.erasures.about(desk.subject)

    done = desk.erasures.erase(found, "person_request", desk.confirmed())

    assert {desk.decision, entry_of(other.units[0].evidence)} <= set(done.entries)
    assert () == desk.erasures.about(desk.subject)
    assert {} == checked(desk.house).counts


def test_due_run_erases_what_has_ended_and_nothing_else(desk: Erasing) -> None:
    desk.lapse()
    assert 0 == desk.erasures.erase_due(NOBODY).erased
    desk.house.clock.advance(5 * YEAR)
    young = desk.house.disclose(desk.question)
    seen: list[tuple[int, int]] = []

    done = desk.erasures.erase_due(NOBODY, lambda at, size: seen.append((at, size)))

    assert not desk.has_body(desk.decision)
    assert desk.has_body(entry_of(young.units[0].evidence))
    assert done.erased > 0
    assert seen[-1][0] == seen[-1][1]
    assert 0 == desk.erasures.erase_due(NOBODY).erased
    assert {} == checked(desk.house).counts


def test_class_without_a_period_is_counted_and_kept(
    desk: Erasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = desk.house.current.bundle.pack("default")
    assert pack is not None
    monkeypatch.delitem(pack["thresholds"]["log_retention"], "disclosure")
    desk.house.clock.advance(50 * YEAR)

    done = desk.erasures.erase_due(NOBODY)

    assert desk.has_body(desk.decision)
    assert done.unruled["disclosure"] > 0


def test_due_run_that_was_killed_left_nothing_half_done_and_is_finished(
    sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy
) -> None:
    house = House(sqlite_url, tmp_path, policy=current_policy)
    desk = Erasing(house)
    pads = [
        EntryDraft(house.context.ids.entry(), EntryType.PAD, house.clock.now(), {})
        for _ in range(600)
    ]
    house.recorder.record(Change(tuple(map(house.recorder.prepare, pads))))
    house.close()

    killed = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", KILLED, sqlite_url, str(tmp_path)],
        check=False,
        cwd=POLICIES.parent,
        capture_output=True,
    )
    house = House(sqlite_url, tmp_path, policy=current_policy)
    half = checked(house)
    house.clock.set(T0 + 6 * YEAR)
    done = Erasures(house.context).erase_due(NOBODY)
    whole = checked(house)
    house.close()

    assert -signal.SIGKILL == killed.returncode, killed.stderr
    assert {} == half.counts == whole.counts
    assert 0 < half.tombstones < whole.tombstones
    assert done.erased == whole.tombstones - half.tombstones
    assert desk.decision


# --- the disk ----------------------------------------------------------------------------


def test_what_was_erased_is_not_in_the_file_any_more(
    sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy
) -> None:
    house = House(sqlite_url, tmp_path, policy=current_policy)
    desk = Erasing(house)
    desk.lapse()
    stored = house.context.log.find(LOG, desk.decision)
    assert stored is not None
    assert stored.body is not None
    body = stored.body
    desk.erasures.erase([desk.decision], "person_request", desk.confirmed())
    house.close()

    path = sqlite_path(parsed(sqlite_url))
    files = [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]

    assert files
    for secret in (body.wrapped_key, body.nonce, body.ciphertext[:32], body.ciphertext[-32:]):
        assert not any(secret in content for content in files)
    with sqlite.connect(str(path)) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()


def _readable(house: House) -> Iterator[tuple[str, dict[str, object]]]:
    context = house.context
    size = context.log.checkpoint(LOG).size
    for stored in context.log.stored(LOG, 0, size):
        if stored.body is not None:
            kind = stored.leaf.split(b'"ty":"')[1].split(b'"')[0].decode()
            yield kind, house.recorder.body_of(stored.entry_id)
