"""A cursor goes on where its agency's list stopped, and nowhere else."""

import pytest

from gateway.api.cursors import Cursors
from gateway.domain.disclosure import Caller
from gateway.domain.errors import MalformedRequest
from gateway.domain.ids import AgencyId, SystemId, TenantId

CITY = Caller(TenantId("aoba"), AgencyId("aoba-city"), SystemId("city-desk"))
NPO = Caller(TenantId("aoba"), AgencyId("npo-hidamari"), SystemId("npo-desk"))
CURSORS = Cursors(bytes(32))


@pytest.mark.parametrize("cursor", ["x", "AAAA", "架", "=" * 40, "A" * 22, "A" * 60])
def test_cursor_of_somebodys_own_making_is_refused(cursor: str) -> None:
    with pytest.raises(MalformedRequest):
        CURSORS.read(CITY, "inbox", cursor)


def test_cursor_that_was_changed_is_refused() -> None:
    cursor = CURSORS.write(CITY, "inbox", "id-1")
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

    with pytest.raises(MalformedRequest):
        CURSORS.read(CITY, "inbox", changed)


@pytest.mark.parametrize(
    ("reader", "name", "cursors"),
    [
        (NPO, "inbox", CURSORS),
        (CITY, "obligations-open", CURSORS),
        (CITY, "inbox", Cursors(bytes([1] * 32))),
    ],
    ids=["other-agency", "other-list", "other-gateway"],
)
def test_cursor_is_refused_elsewhere(reader: Caller, name: str, cursors: Cursors) -> None:
    cursor = CURSORS.write(CITY, "inbox", "id-1")

    with pytest.raises(MalformedRequest):
        cursors.read(reader, name, cursor)


def test_cursor_goes_on_after_its_id() -> None:
    assert "id-1" == CURSORS.read(CITY, "inbox", CURSORS.write(CITY, "inbox", "id-1"))


def test_end_and_beginning_are_empty() -> None:
    assert "" == CURSORS.write(CITY, "inbox", "")
    assert "" == CURSORS.read(CITY, "inbox", "")
