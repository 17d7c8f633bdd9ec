"""Compiling a change: mistakes of the calling code are found before the writer sees them."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.ids import PersonId
from gateway.domain.log import EntryType, InsertRow, LoggedChange, MergePersons, MoveRow, PutFact
from gateway.domain.records import WORK_TABLES
from gateway.storage.schema import MAX_LEAF_BYTES
from gateway.storage.statements import POSTGRES, SQLITE, insert_row, move_row
from gateway.storage.steps import compile_change
from tests.simulators.clock import NOON
from tests.simulators.kept_log import change, entry, row


def check_mistake(mistake: LoggedChange, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        compile_change(mistake, NOON)


def test_change_without_an_entry_is_a_mistake() -> None:
    check_mistake(change(row("notice", "n-1"), entries=[]), "needs an entry")


def test_entry_whose_hash_is_of_another_leaf_is_a_mistake() -> None:
    check_mistake(change(entries=[replace(entry(), leaf=entry().leaf)]), "another hash")


def test_entry_whose_leaf_is_too_long_is_a_mistake() -> None:
    leaf = bytes(MAX_LEAF_BYTES + 1)
    check_mistake(change(entries=[replace(entry(EntryType.PAD), leaf=leaf)]), "too long")


@pytest.mark.parametrize("column", [n for n, k in WORK_TABLES["task"].items() if k[-1] != "?"])
def test_row_without_a_column_is_a_mistake_that_names_it(column: str) -> None:
    values = dict(row("task", "t-1").values)
    del values[column]
    check_mistake(change(InsertRow("task", values)), f"task needs {column}")


def test_row_without_an_id_is_a_mistake() -> None:
    values = dict(row("task", "t-1").values)
    del values["id"]
    check_mistake(change(InsertRow("task", values)), "task needs id")


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"state": 1}, "state takes another type"),
        ({"state": None}, "state takes another type"),
        ({"due_at": "1"}, "due_at takes another type"),
        ({"due_at": True}, "due_at takes another type"),
        ({"proof": b"x"}, "proof takes another type"),
        ({"tenant_id": "midori"}, "no column tenant_id"),
        ({"id = id; --": "x"}, "no column"),
    ],
)
def test_value_of_another_type_or_column_is_a_mistake(values: Any, match: str) -> None:
    check_mistake(change(row("task", "t-1", **values)), match)
    check_mistake(change(MoveRow("task", "t-1", "open", "done", values)), match)


def test_person_merged_with_itself_is_a_mistake() -> None:
    same = PersonId("p-sato")
    check_mistake(change(MergePersons(same, same)), "with itself")


@pytest.mark.parametrize("table", sorted(WORK_TABLES))
def test_statement_of_a_name_that_is_no_column_is_a_mistake(table: str) -> None:
    for make in (insert_row, move_row):
        with pytest.raises(ValueError, match="no column"):
            make(table, ("id", "state) --"))


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES])
def test_change_that_relied_on_nothing_checks_nothing(dialect: Any) -> None:
    compiled = compile_change(change(row("notice", "n-1")), NOON)
    assert list(compiled.checks(dialect)) == []
    assert not compiled.reads_first


def test_merge_alone_has_to_read_first() -> None:
    merge = MergePersons(PersonId("p-sato"), PersonId("p-suzuki"))
    put = PutFact("consent", "c-1", 0, {}, ())
    assert not compile_change(change(put), NOON).reads_first
    assert compile_change(change(put, merge), NOON).reads_first
