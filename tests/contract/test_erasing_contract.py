"""Erasure, holds and new keys on both databases."""

from pathlib import Path

import pytest

from gateway.domain.errors import Conflict
from gateway.services.erasure import Confirmed
from gateway.services.wrapping import Wrapping
from gateway.storage.fsck import check_database
from gateway.storage.key_ring import KeyRing
from tests.simulators.erasing import YEAR, Erasing
from tests.simulators.house import LOG, TENANT, House


def test_erasure_hold_and_rotation_leave_a_log_that_verifies(
    database_url: str, tmp_path: Path
) -> None:
    house = House(database_url, tmp_path)
    desk = Erasing(house)
    desk.lapse()
    hold = desk.holds.place(desk.acting(), "lawsuit", subject=desk.subject)
    with pytest.raises(Conflict, match="LEGAL_HOLD"):
        desk.erasures.erase([desk.decision], "court_order", desk.confirmed())
    desk.holds.lift(desk.acting(), hold.id, "over")
    desk.erasures.erase([desk.decision], "court_order", desk.confirmed())
    units = house.context.registers.rows(TENANT, "unit", {})
    rotated = Wrapping(house.context, KeyRing(tmp_path / "keys")).rotate("console.test")
    house.clock.advance(5 * YEAR)
    due = desk.erasures.erase_due(Confirmed("console.test"))

    report = check_database(
        house.database.engine,
        LOG,
        house.trusted,
        kek_of=lambda kek_id: house.context.keys.kek(kek_id)[1],
    )
    house.close()

    assert [] == list(units)
    assert rotated.rewrapped > 0
    assert due.erased > 0
    assert {} == report.counts
    assert due.erased + 1 == report.tombstones
