"""
A logged change as steps: statements with their values and what each must achieve.

Steps are made in the caller's thread and run in the writer's. A step that does not achieve
what it must names the refusal; the writer then drops this change and no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import orjson

from gateway.crypto.merkle import leaf_hash
from gateway.domain.errors import Conflict, StaleFacts
from gateway.domain.ids import LogId, Millis, TenantId
from gateway.domain.log import (
    AddKeys,
    DropRow,
    EraseBody,
    FactVersion,
    InsertRow,
    JSONValue,
    LoggedChange,
    MergePersons,
    MoveRow,
    PreparedEntry,
    PutFact,
    RewrapBody,
    RowChange,
)
from gateway.domain.records import WORK_TABLES
from gateway.storage import statements as sql
from gateway.storage.schema import MAX_LEAF_BYTES

__all__ = [
    "STALE",
    "CompiledChange",
    "Refusal",
    "Step",
    "Value",
    "compile_change",
    "entry_steps",
    "fact_text",
    "next_version",
]

Value: TypeAlias = str | int | bytes | None


class Refusal(NamedTuple):
    """Which refusal a change ends in, and its stable code."""

    error: type[Conflict]
    reason: str

    def as_error(self) -> Conflict:
        """Return the refusal as the error a caller gets."""
        return self.error(self.reason)


class Step(NamedTuple):
    """
    One statement.

    Attributes:
        statement: SQL with ``?`` placeholders.
        values: One for each placeholder.
        wants: How many rows it must yield or touch; ``None`` when any number will do.
        refusal: What the change ends in otherwise; ``None`` when that would mean that
            somebody else writes to the log.
    """

    statement: str
    values: Sequence[Value]
    wants: int | None = None
    refusal: Refusal | None = None


STALE = Refusal(StaleFacts, "STALE_FACTS")
ROW_EXISTS = Refusal(Conflict, "ROW_EXISTS")
ROW_NOT_IN_STATE = Refusal(Conflict, "ROW_NOT_IN_STATE")
ENTRY_EXISTS = Refusal(Conflict, "ENTRY_EXISTS")
NO_SUCH_ENTRY = Refusal(Conflict, "NO_SUCH_ENTRY")
_TYPES = {"text": str, "int": int, "blob": bytes}


@dataclass(frozen=True, slots=True)
class CompiledChange:
    """
    A change as steps. A :class:`MergePersons` stays itself, because it has to read first.

    ``stale_facts`` and ``stale_keys`` are the values of the dialect's two checks.
    """

    tenant_id: TenantId
    log_id: LogId
    entries: tuple[PreparedEntry, ...]
    changed_at: Millis
    stale_facts: str | None
    stale_keys: str | None
    parts: tuple["Step | MergePersons", ...]

    @property
    def reads_first(self) -> bool:
        """Whether the steps are known only once the writer has read something."""
        return any(isinstance(part, MergePersons) for part in self.parts)

    def checks(self, dialect: sql.Dialect) -> Iterator[Step]:
        """Yield the steps that make sure that what was relied on still holds."""
        if self.stale_facts is not None:
            yield Step(dialect.stale_facts, (self.tenant_id, self.stale_facts), 0, STALE)
        if self.stale_keys is not None:
            yield Step(dialect.stale_keys, (self.tenant_id, self.stale_keys), 0, STALE)


def compile_change(change: LoggedChange, now: Millis) -> CompiledChange:
    """
    Return the change as steps.

    Raises:
        ValueError: It names a table, column or type that is not there, or has no entry:
            a mistake of the calling code.
    """
    if not change.entries:
        raise ValueError("a logged change needs an entry")
    for entry in change.entries:
        if len(entry.leaf) > MAX_LEAF_BYTES or leaf_hash(entry.leaf) != entry.leaf_hash:
            raise ValueError("an entry's leaf is too long or has another hash")
    facts = [[f.version, f.kind, f.id] for f in change.relied_on]
    keys = [[k.epoch, k.key] for k in change.relied_on_keys]
    parts: list[Step | MergePersons] = []
    for row_change in change.changes:
        parts += _parts(change, row_change, now)
    return CompiledChange(
        tenant_id=change.tenant_id,
        log_id=change.log_id,
        entries=change.entries,
        changed_at=now,
        stale_facts=orjson.dumps(facts).decode() if facts else None,
        stale_keys=orjson.dumps(keys).decode() if keys else None,
        parts=tuple(parts),
    )


def entry_steps(log_id: LogId, entry: PreparedEntry, seq: int) -> Iterator[Step]:
    """Yield the steps that append one entry at ``seq``."""
    body = entry.body
    yield Step(
        sql.INSERT_BODY,
        (
            log_id,
            entry.entry_id,
            seq,
            body.retention,
            body.kek_id,
            body.wrapped_key,
            body.nonce,
            body.ciphertext,
        ),
        1,
        ENTRY_EXISTS,
    )
    yield Step(sql.INSERT_ENTRY, (log_id, seq, entry.leaf, entry.leaf_hash), 1)
    for pseudonym in dict.fromkeys(entry.pseudonyms):
        yield Step(sql.INSERT_SUBJECT_IX, (log_id, pseudonym, entry.entry_id), 1)


def _parts(change: LoggedChange, row: RowChange, now: Millis) -> Iterator[Step | MergePersons]:
    tenant = change.tenant_id
    match row:
        case PutFact():
            yield from _put_fact(tenant, row, now)
        case AddKeys():
            yield from _add_keys(tenant, row.kind, row.id, row.keys)
        case MergePersons():
            if row.absorbed == row.kept:
                raise ValueError("a person cannot be merged with itself")
            yield row
        case InsertRow():
            yield _insert_row(tenant, row)
        case MoveRow():
            yield _move_row(tenant, row)
        case DropRow():
            statement = sql.drop_row(row.table)
            yield Step(statement, (tenant, row.id, row.state), 1, ROW_NOT_IN_STATE)
        case RewrapBody():
            values = (row.kek_id, row.wrapped_key, change.log_id, row.entry_id, row.old_key)
            yield Step(sql.REWRAP_BODY, values, 1, NO_SUCH_ENTRY)
        case EraseBody():
            yield Step(sql.EMPTY_BODY, (change.log_id, row.entry_id), 1, NO_SUCH_ENTRY)
            yield Step(sql.DELETE_SUBJECT_IX, (change.log_id, row.entry_id))


def fact_text(fact: Mapping[str, JSONValue]) -> str:
    """Return a fact as the JSON text that is stored."""
    return orjson.dumps(fact, default=dict).decode()


def next_version(tenant: TenantId, old: FactVersion, text: str, now: Millis) -> Iterator[Step]:
    """Yield the steps that replace a version of a fact and tell every key it is under."""
    kind, id_, new = old.kind, old.id, old.version + 1
    yield Step(sql.CHANGE_FACT, (new, text, now, tenant, kind, id_, old.version), 1, STALE)
    yield Step(sql.INSERT_HISTORY, (tenant, kind, id_, new, text, now), 1, STALE)
    yield Step(sql.RAISE_EPOCHS_OF_FACT, (tenant, kind, id_))


def _put_fact(tenant: TenantId, row: PutFact, now: Millis) -> Iterator[Step]:
    text = fact_text(row.fact)
    if row.expected_version == 0:
        first = (tenant, row.kind, row.id, 1, text, now)
        yield Step(sql.INSERT_FACT, first, 1, STALE)
        yield Step(sql.INSERT_HISTORY, first, 1, STALE)
    else:
        old = FactVersion(row.kind, row.id, row.expected_version)
        yield from next_version(tenant, old, text, now)
        yield Step(sql.DROP_KEYS, (tenant, row.kind, row.id))
    yield from _add_keys(tenant, row.kind, row.id, row.keys)


def _add_keys(tenant: TenantId, kind: str, id_: str, keys: Sequence[str]) -> Iterator[Step]:
    for key in dict.fromkeys(keys):
        # A closed key belongs to a person who has become another person: look again.
        yield Step(sql.RAISE_EPOCH, (tenant, key), 1, STALE)
        yield Step(sql.INSERT_KEY, (tenant, key, kind, id_))


def _insert_row(tenant: TenantId, row: InsertRow) -> Step:
    columns = {"id": "text", **WORK_TABLES[row.table]}
    _check_values(row.table, row.values)
    missing = {c for c, kind in columns.items() if not kind.endswith("?")} - set(row.values)
    if missing:
        raise ValueError(f"{row.table} needs {min(missing)}")
    statement = sql.insert_row(row.table, tuple(row.values))
    return Step(statement, (tenant, *row.values.values()), 1, ROW_EXISTS)


def _move_row(tenant: TenantId, row: MoveRow) -> Step:
    _check_values(row.table, row.values)
    statement = sql.move_row(row.table, tuple(row.values))
    values = (row.to_state, *row.values.values(), tenant, row.id, row.from_state)
    return Step(statement, values, 1, ROW_NOT_IN_STATE)


def _check_values(table: str, values: Mapping[str, Value]) -> None:
    columns = {"id": "text", **WORK_TABLES[table]}
    for name, value in values.items():
        kind = columns.get(name)
        if kind is None:
            raise ValueError(f"{table} has no column {name}")
        if value is None and kind.endswith("?"):
            continue
        if type(value) is not _TYPES[kind.removesuffix("?")]:
            raise ValueError(f"{table}.{name} takes another type")
