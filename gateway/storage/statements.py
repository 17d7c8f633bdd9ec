"""
The writer's SQL: every statement it ever prepares, in the form both databases read.

Placeholders are ``?``. Statements of the work tables are made from the names in
``WORK_TABLES`` alone, so their number is small and each is prepared once.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from gateway.domain.records import WORK_TABLES

__all__ = [
    "CHANGE_FACT",
    "CLOSE_KEY",
    "COUNT_ENTRIES",
    "DELETE_SUBJECT_IX",
    "DROP_KEYS",
    "DROP_PERSON",
    "EMPTY_BODY",
    "EXTEND_TIP",
    "INSERT_BODY",
    "INSERT_CHECKPOINT",
    "INSERT_ENTRY",
    "INSERT_FACT",
    "INSERT_HEAD",
    "INSERT_HISTORY",
    "INSERT_KEY",
    "INSERT_SUBJECT_IX",
    "INSERT_TILE",
    "INSERT_TIP",
    "POSTGRES",
    "RAISE_EPOCH",
    "RAISE_EPOCHS_OF_FACT",
    "REWRAP_BODY",
    "SELECT_ENTRIES",
    "SELECT_FACTS_NAMING",
    "SELECT_HEAD",
    "SELECT_INDEX",
    "SELECT_KEYS_OF_PERSON",
    "SELECT_LAST_CHECKPOINT",
    "SELECT_LAST_HEAD",
    "SELECT_NEXT_HEAD",
    "SELECT_TILE",
    "SELECT_TIP",
    "SQLITE",
    "Dialect",
    "drop_row",
    "insert_row",
    "merge_row_persons",
    "move_row",
]


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    What differs between the two databases.

    Attributes:
        begin: Opens a transaction that may write.
        lock_tip: Holds the tip of one log until commit; ``None`` where ``begin`` does.
        stale_facts: Yields a row for each fact that has another version than relied on;
            takes the tenant and a JSON list of ``[version, kind, id]``.
        stale_keys: The same for epochs; a JSON list of ``[epoch, key]``.
    """

    begin: str
    lock_tip: str | None
    stale_facts: str
    stale_keys: str


SQLITE: Final = Dialect(
    begin="BEGIN IMMEDIATE",
    lock_tip=None,
    # The CROSS JOIN order is SQLite's: first the list, then a seek for each of its members.
    stale_facts=(
        "SELECT 1 FROM (SELECT ? AS tenant_id) t, json_each(?) AS want"
        " LEFT JOIN register_fact f ON f.tenant_id = t.tenant_id"
        " AND f.kind = want.value ->> 1 AND f.id = want.value ->> 2"
        " WHERE coalesce(f.version, 0) <> want.value ->> 0 LIMIT 1"
    ),
    stale_keys=(
        "SELECT 1 FROM (SELECT ? AS tenant_id) t, json_each(?) AS want"
        " LEFT JOIN register_epoch e ON e.tenant_id = t.tenant_id AND e.key = want.value ->> 1"
        " WHERE coalesce(e.epoch, 0) <> want.value ->> 0 LIMIT 1"
    ),
)
POSTGRES: Final = Dialect(
    begin="BEGIN",
    lock_tip="SELECT size FROM log_tip WHERE log_id = ? FOR UPDATE",
    stale_facts=(
        "SELECT 1 FROM (SELECT ?::text AS tenant_id) t"
        " CROSS JOIN jsonb_array_elements(?::text::jsonb) AS want"
        " LEFT JOIN register_fact f ON f.tenant_id = t.tenant_id"
        " AND f.kind = want ->> 1 AND f.id = want ->> 2"
        " WHERE coalesce(f.version, 0) <> (want ->> 0)::bigint LIMIT 1"
    ),
    stale_keys=(
        "SELECT 1 FROM (SELECT ?::text AS tenant_id) t"
        " CROSS JOIN jsonb_array_elements(?::text::jsonb) AS want"
        " LEFT JOIN register_epoch e ON e.tenant_id = t.tenant_id AND e.key = want ->> 1"
        " WHERE coalesce(e.epoch, 0) <> (want ->> 0)::bigint LIMIT 1"
    ),
)

# --- the log -----------------------------------------------------------------------------

INSERT_ENTRY: Final = "INSERT INTO log_entry (log_id, seq, leaf, leaf_hash) VALUES (?, ?, ?, ?)"
INSERT_BODY: Final = (
    "INSERT INTO log_body (log_id, entry_id, seq, retention, kek_id, wrapped_key, nonce,"
    " ciphertext) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
INSERT_SUBJECT_IX: Final = (
    "INSERT INTO log_subject_ix (log_id, pseudonym, entry_id) VALUES (?, ?, ?)"
)
INSERT_TILE: Final = "INSERT INTO log_tile (log_id, level, n, hashes) VALUES (?, ?, ?, ?)"
INSERT_HEAD: Final = (
    "INSERT INTO log_head (log_id, size, prev_size, root, frontier, n, committed_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
INSERT_TIP: Final = "INSERT INTO log_tip (log_id, size, root, frontier) VALUES (?, ?, ?, ?)"
EXTEND_TIP: Final = (
    "UPDATE log_tip SET size = ?, root = ?, frontier = ? WHERE log_id = ? AND size = ?"
)
# A copy for readers of other processes: only what is newer than the newest stored.
INSERT_CHECKPOINT: Final = (
    "INSERT INTO log_checkpoint (log_id, size, note)"
    " SELECT CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT)"
    " WHERE NOT EXISTS (SELECT 1 FROM log_checkpoint WHERE log_id = ? AND size >= ?)"
)
SELECT_LAST_CHECKPOINT: Final = (
    "SELECT size, note FROM log_checkpoint WHERE log_id = ? ORDER BY size DESC LIMIT 1"
)
SELECT_TIP: Final = "SELECT size, root, frontier FROM log_tip WHERE log_id = ?"
SELECT_HEAD: Final = "SELECT root, frontier FROM log_head WHERE log_id = ? AND size = ?"
SELECT_LAST_HEAD: Final = (
    "SELECT size, root FROM log_head WHERE log_id = ? AND size > ? AND size <= ?"
    " ORDER BY size DESC LIMIT 1"
)
SELECT_NEXT_HEAD: Final = (
    "SELECT size, root FROM log_head WHERE log_id = ? AND size > ? ORDER BY size LIMIT 1"
)
COUNT_ENTRIES: Final = "SELECT coalesce(max(seq) + 1, 0) FROM log_entry WHERE log_id = ?"
SELECT_ENTRIES: Final = (
    "SELECT leaf, leaf_hash FROM log_entry WHERE log_id = ? AND seq >= ? AND seq < ? ORDER BY seq"
)
SELECT_TILE: Final = "SELECT hashes FROM log_tile WHERE log_id = ? AND level = ? AND n = ?"
SELECT_INDEX: Final = "SELECT seq FROM log_body WHERE log_id = ? AND entry_id = ?"
EMPTY_BODY: Final = (
    "UPDATE log_body SET wrapped_key = NULL, nonce = NULL, ciphertext = NULL"
    " WHERE log_id = ? AND entry_id = ?"
)
REWRAP_BODY: Final = (
    "UPDATE log_body SET kek_id = ?, wrapped_key = ?"
    " WHERE log_id = ? AND entry_id = ? AND wrapped_key = ?"
)
DELETE_SUBJECT_IX: Final = "DELETE FROM log_subject_ix WHERE log_id = ? AND entry_id = ?"

# --- the registers -----------------------------------------------------------------------

INSERT_FACT: Final = (
    "INSERT INTO register_fact (tenant_id, kind, id, version, fact, changed_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
CHANGE_FACT: Final = (
    "UPDATE register_fact SET version = ?, fact = ?, changed_at = ?"
    " WHERE tenant_id = ? AND kind = ? AND id = ? AND version = ?"
)
INSERT_HISTORY: Final = (
    "INSERT INTO register_fact_history (tenant_id, kind, id, version, fact, changed_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
# One more for every key a fact is found by, before the keys are replaced.
RAISE_EPOCHS_OF_FACT: Final = (
    "INSERT INTO register_epoch (tenant_id, key, epoch, closed)"
    " SELECT tenant_id, key, 1, 0 FROM register_key WHERE tenant_id = ? AND kind = ? AND id = ?"
    " ON CONFLICT (tenant_id, key) DO UPDATE SET epoch = register_epoch.epoch + 1"
)
RAISE_EPOCH: Final = (
    "INSERT INTO register_epoch (tenant_id, key, epoch, closed) VALUES (?, ?, 1, 0)"
    " ON CONFLICT (tenant_id, key) DO UPDATE SET epoch = register_epoch.epoch + 1"
    " WHERE register_epoch.closed = 0"
)
CLOSE_KEY: Final = (
    "INSERT INTO register_epoch (tenant_id, key, epoch, closed) VALUES (?, ?, 1, 1)"
    " ON CONFLICT (tenant_id, key) DO UPDATE SET epoch = register_epoch.epoch + 1, closed = 1"
    " WHERE register_epoch.closed = 0"
)
DROP_KEYS: Final = "DELETE FROM register_key WHERE tenant_id = ? AND kind = ? AND id = ?"
INSERT_KEY: Final = (
    "INSERT INTO register_key (tenant_id, key, kind, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
DROP_PERSON: Final = "DELETE FROM register_key WHERE tenant_id = ? AND key = ?"
SELECT_KEYS_OF_PERSON: Final = "SELECT kind, id FROM register_key WHERE tenant_id = ? AND key = ?"
# A merge is rare and must not miss a fact that names the person without being found by
# them, such as the counterpart of a protection flag: so it reads them all.
SELECT_FACTS_NAMING: Final = (
    "SELECT kind, id, version, fact FROM register_fact"
    " WHERE tenant_id = ? AND replace(fact, ?, '') <> fact"
)


@cache
def insert_row(table: str, columns: tuple[str, ...]) -> str:
    """Return the statement that inserts a row of a work table; a taken key inserts none."""
    _check_names(table, columns)
    marks = ", ".join("?" * (len(columns) + 1))
    return (
        f"INSERT INTO {table} (tenant_id, {', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        " ON CONFLICT DO NOTHING"
    )


@cache
def move_row(table: str, columns: tuple[str, ...]) -> str:
    """Return the statement that moves a row; takes state, columns, tenant, id, old state."""
    _check_names(table, ("state", *columns))
    setting = "".join(f", {column} = ?" for column in columns)
    return (
        f"UPDATE {table} SET state = ?{setting}"  # noqa: S608
        " WHERE tenant_id = ? AND id = ? AND state = ?"
    )


@cache
def drop_row(table: str) -> str:
    """Return the statement that removes a row; takes tenant, id and state."""
    _check_names(table, ("state",))
    return f"DELETE FROM {table} WHERE tenant_id = ? AND id = ? AND state = ?"  # noqa: S608


@cache
def merge_row_persons() -> tuple[str, ...]:
    """Return the statements that give rows of one person to another; tenant comes second."""
    return tuple(
        f"UPDATE {table} SET person_id = ? WHERE tenant_id = ? AND person_id = ?"  # noqa: S608
        for table, columns in WORK_TABLES.items()
        if "person_id" in columns
    )


def _check_names(table: str, columns: tuple[str, ...]) -> None:
    # Names come from code, never from a request; a wrong one is a mistake of the caller.
    unknown = set(columns) - {"id", *WORK_TABLES[table]}
    if unknown:
        raise ValueError(f"{table} has no column {min(unknown)}")
