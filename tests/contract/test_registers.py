"""The contract of the registers: ordinary reads, each of one tenant alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.crypto.pseudonym import subject_pseudonym
from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import AgencyId, PersonId, SubjectId, TenantId
from gateway.domain.log import InsertRow, PutFact
from gateway.ports.registers import SubjectRow
from gateway.storage.registers import MAX_ROWS
from tests.simulators.kept_log import INDEX_KEY, LOG, OTHER_TENANT, TENANT, KeptLog, entry, raw, row

CITY = AgencyId("aoba-city")


def fact(kind: str, id_: str, *keys: str) -> PutFact:
    return PutFact(kind, id_, 0, {"id": id_, "terms": ["福祉", 1, None, True]}, keys)


def task(id_: str, **values: str | int | None) -> InsertRow:
    return row("task", id_, **{"state": "open", "agency_id": CITY, **values})


@pytest.fixture
def log(database_url: str) -> Iterator[KeptLog]:
    with KeptLog.open(database_url) as log:
        log.append(
            fact("consent", "c-1", "person:p-sato"),
            fact("approval", "a-1", "person:p-sato", "approval:a-1"),
            row("subject", "s-1", agency_id=CITY, ref_digest="r-1", person_id="p-sato"),
            *(task(f"t-{n}", due_at=n or None) for n in range(5)),
            task("t-9", state="done"),
        )
        yield log


# --- what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("log_body", {}),
        ("tasks", {}),
        ("task", {"tenant_id": "midori"}),
        ("task", {"state": "open", "1=1 --": "x"}),
    ],
)
def test_rows_of_names_that_are_not_there_are_a_mistake(
    log: KeptLog, table: str, where: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="no"):
        log.registers.rows(TENANT, table, where)


@pytest.mark.parametrize("limit", [-1, 0, MAX_ROWS + 1])
def test_rows_beyond_the_limit_are_a_mistake(log: KeptLog, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        log.registers.rows(TENANT, "task", {}, limit=limit)


def test_reads_of_another_tenant_find_nothing(log: KeptLog) -> None:
    registers = log.registers
    assert registers.fact(OTHER_TENANT, "consent", "c-1") is None
    assert registers.facts_by_key(OTHER_TENANT, "person:p-sato") == []
    assert registers.history(OTHER_TENANT, "consent", "c-1") == []
    assert registers.subject(OTHER_TENANT, SubjectId("s-1")) is None
    assert registers.subject_by_ref(OTHER_TENANT, CITY, "r-1") is None
    assert registers.row(OTHER_TENANT, "task", "t-1") is None
    assert registers.rows(OTHER_TENANT, "task", {}) == []


def test_reads_of_what_is_not_there_find_nothing(log: KeptLog) -> None:
    registers = log.registers
    assert registers.fact(TENANT, "approval", "c-1") is None
    assert registers.facts_by_key(TENANT, "person:p-sat") == []
    assert registers.subject(TENANT, SubjectId("s-2")) is None
    assert registers.subject_by_ref(TENANT, AgencyId("aoba-shakyo"), "r-1") is None
    assert registers.row(TENANT, "task", "t-10") is None


def test_reads_of_a_silent_database_are_unavailable(log: KeptLog) -> None:
    for name in ("register_fact", "task"):
        raw(log.url, f"ALTER TABLE {name} RENAME TO {name}_away")
    with pytest.raises(StorageUnavailable):
        log.registers.fact(TENANT, "consent", "c-1")
    with pytest.raises(StorageUnavailable):
        log.registers.rows(TENANT, "task", {})


# --- what is found -----------------------------------------------------------------------


def test_facts_come_back_as_they_were_put(log: KeptLog) -> None:
    found = log.registers.fact(TENANT, "consent", "c-1")
    assert found is not None
    assert (found.kind, found.id, found.version) == ("consent", "c-1", 1)
    assert found.fact == {"id": "c-1", "terms": ["福祉", 1, None, True]}
    under = log.registers.facts_by_key(TENANT, "person:p-sato")
    assert [(f.kind, f.id) for f in under] == [("approval", "a-1"), ("consent", "c-1")]


def test_subject_is_found_by_handle_and_by_reference(log: KeptLog) -> None:
    expected = SubjectRow(SubjectId("s-1"), CITY, PersonId("p-sato"))
    assert log.registers.subject(TENANT, SubjectId("s-1")) == expected
    assert log.registers.subject_by_ref(TENANT, CITY, "r-1") == expected


def test_row_comes_back_as_it_was_inserted(log: KeptLog) -> None:
    inserted = row("delivery", "d-1", envelope=b"\x00\xff", opened_at=None)
    log.append(inserted)
    found = log.registers.row(TENANT, "delivery", "d-1")
    assert found is not None
    assert dict(inserted.values) == {name: found[name] for name in inserted.values}
    nulls = {name for name, value in found.items() if value is None}
    assert nulls == set(found) - set(inserted.values) | {"opened_at"}
    assert "tenant_id" not in found


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["t-0", "t-1", "t-2", "t-3", "t-4", "t-9"]),
        ({"state": "open", "agency_id": CITY}, ["t-0", "t-1", "t-2", "t-3", "t-4"]),
        ({"state": "open", "due_at": None}, ["t-0"]),
        ({"due_at": 3}, ["t-3"]),
        ({"state": "cancelled"}, []),
        ({"id": "t-9"}, ["t-9"]),
    ],
)
def test_rows_are_those_whose_columns_are_equal(
    log: KeptLog, where: dict[str, Any], expected: list[str]
) -> None:
    assert [found["id"] for found in log.registers.rows(TENANT, "task", where)] == expected


def test_rows_are_read_page_by_page_in_key_order(log: KeptLog) -> None:
    pages, after = [], ""
    while page := log.registers.rows(TENANT, "task", {}, after=after, limit=4):
        pages.append([str(found["id"]) for found in page])
        after = pages[-1][-1]
    assert pages == [["t-0", "t-1", "t-2", "t-3"], ["t-4", "t-9"]]


def test_deliveries_that_wait_about_a_person_are_found_through_the_subject_index(
    log: KeptLog,
) -> None:
    pseudonym = {p: subject_pseudonym(INDEX_KEY, LOG, p) for p in ("p-sato", "p-son", "p-none")}
    both, one = entry(persons=("p-sato", "p-son")), entry(persons=("p-sato",))

    def delivery(id_: str, of: str, state: str = "waiting") -> InsertRow:
        own = {"decision_id": id_, "entry_id": of, "state": state, "person_id": "p-sato"}
        return row("delivery", id_, **own)

    log.append(
        delivery("d-2", both.entry_id),
        delivery("d-1", both.entry_id),
        delivery("d-one", one.entry_id),
        delivery("d-opened", both.entry_id, "opened"),
        entries=(both, one),
    )

    def about(person: str, tenant: TenantId = TENANT, **page: Any) -> list[str]:
        found = log.registers.waiting_about(tenant, LOG, pseudonym[person], **page)
        return [str(r["id"]) for r in found]

    assert about("p-sato") == ["d-1", "d-2", "d-one"]
    assert about("p-son") == ["d-1", "d-2"]
    assert about("p-son", after="d-1", limit=1) == ["d-2"]
    assert about("p-none") == about("p-son", OTHER_TENANT) == []
    with pytest.raises(ValueError, match="limit"):
        about("p-son", limit=MAX_ROWS + 1)


def test_rows_are_ordered_by_bytes_whatever_the_language(log: KeptLog) -> None:
    ids = ["A", "Z", "a", "z", "é", "ア", "あ", "龍", "-", "_"]
    log.append(*(row("notice", id_) for id_ in ids))
    found = [str(r["id"]) for r in log.registers.rows(TENANT, "notice", {})]
    assert found == sorted(ids, key=str.encode)
