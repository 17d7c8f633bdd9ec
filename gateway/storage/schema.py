"""
Every table, once: the log, the registers and the work tables of the door.

* Each key of a log table starts with ``log_id``, each key of any other table with
  ``tenant_id``.
* A table is append-only, erasable, or plain; :data:`APPEND_ONLY` and :data:`ERASABLE` say
  which, and the database guards it (``migrations/guards.py``).
* Times are epoch milliseconds. Facts are JSON text. Nothing here holds case content.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from gateway.domain.records import WORK_TABLES

__all__ = ["APPEND_ONLY", "ERASABLE", "MAX_LEAF_BYTES", "METADATA", "table"]

MAX_LEAF_BYTES: Final = 1024
HASH_BYTES: Final = 32

# Rows of these are inserted and never touched again.
APPEND_ONLY: Final = (
    "log_entry",
    "log_head",
    "log_checkpoint",
    "log_cosignature",
    "log_tile",
    "register_fact_history",
)
# Rows of these may lose their content, and nothing else about them may change.
ERASABLE: Final = ("log_body", "log_subject_ix")

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str) -> Table:
    """Return a table by name; a name that is not there is a programming error."""
    return METADATA.tables[name]


def _text() -> TypeEngine[str]:
    # Byte order in both databases, so that key order is the same everywhere.
    return Text(collation="C").with_variant(Text(), "sqlite")


def _int() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


def _column(name: str, kind: str) -> Column[Any]:
    types: dict[str, TypeEngine[Any]] = {"text": _text(), "int": _int(), "blob": LargeBinary()}
    return Column(name, types[kind.removesuffix("?")], nullable=kind.endswith("?"))


def _table(name: str, columns: dict[str, str], *rest: Any, rowid: bool = True) -> Table:
    return Table(
        name,
        METADATA,
        *(_column(column, kind) for column, kind in columns.items()),
        *rest,
        sqlite_strict=True,
        sqlite_with_rowid=rowid,
    )


def _bytes_long(column: str, length: int) -> CheckConstraint:
    return CheckConstraint(f"length({column}) = {length}", name=f"{column}_length")


# --- the log -----------------------------------------------------------------------------

_table(
    "log_head",
    {
        "log_id": "text",
        "size": "int",
        "prev_size": "int?",
        "root": "blob",
        "frontier": "blob",
        "n": "int",
        "committed_at": "int",
    },
    PrimaryKeyConstraint("log_id", "size"),
    # A compare-and-swap in SQL: two writers that extend the same head collide here. The
    # first head has no predecessor; with 0 it would take the place of its own successor.
    UniqueConstraint("log_id", "prev_size"),
    ForeignKeyConstraint(["log_id", "prev_size"], ["log_head.log_id", "log_head.size"]),
    CheckConstraint(
        "(prev_size IS NULL AND size = 0 AND n = 0) OR (n > 0 AND size = prev_size + n)",
        name="extends",
    ),
    _bytes_long("root", HASH_BYTES),
)

_table(
    "log_tip",
    {"log_id": "text", "size": "int", "root": "blob", "frontier": "blob"},
    PrimaryKeyConstraint("log_id"),
    ForeignKeyConstraint(["log_id", "size"], ["log_head.log_id", "log_head.size"]),
    _bytes_long("root", HASH_BYTES),
)

_table(
    "log_entry",
    {"log_id": "text", "seq": "int", "leaf": "blob", "leaf_hash": "blob"},
    PrimaryKeyConstraint("log_id", "seq"),
    CheckConstraint("seq >= 0", name="seq"),
    CheckConstraint(f"length(leaf) <= {MAX_LEAF_BYTES}", name="leaf_length"),
    _bytes_long("leaf_hash", HASH_BYTES),
    rowid=False,
)

_table(
    "log_tile",
    {"log_id": "text", "level": "int", "n": "int", "hashes": "blob"},
    PrimaryKeyConstraint("log_id", "level", "n"),
    _bytes_long("hashes", 256 * HASH_BYTES),
)

_table(
    "log_checkpoint",
    {"log_id": "text", "size": "int", "note": "text"},
    PrimaryKeyConstraint("log_id", "size"),
)

# What witnesses said, and of which head: enough to publish it again without asking anybody.
_table(
    "log_cosignature",
    {
        "log_id": "text",
        "size": "int",
        "witness": "text",
        "cosigned_at": "int",
        "note": "text",
        "line": "text",
    },
    PrimaryKeyConstraint("log_id", "size", "witness"),
)

_table(
    "log_body",
    {
        "log_id": "text",
        "entry_id": "text",
        "seq": "int",
        "retention": "text",
        "kek_id": "text?",
        "wrapped_key": "blob?",
        "nonce": "blob?",
        "ciphertext": "blob?",
    },
    PrimaryKeyConstraint("log_id", "entry_id"),
    UniqueConstraint("log_id", "seq"),
)

_table(
    "log_subject_ix",
    {"log_id": "text", "pseudonym": "text", "entry_id": "text"},
    PrimaryKeyConstraint("log_id", "pseudonym", "entry_id"),
    Index(None, "log_id", "entry_id"),
    rowid=False,
)

# --- the registers -----------------------------------------------------------------------

_FACT = {
    "tenant_id": "text",
    "kind": "text",
    "id": "text",
    "version": "int",
    "fact": "text",
    "changed_at": "int",
}

_table("register_fact", _FACT, PrimaryKeyConstraint("tenant_id", "kind", "id"))
_table("register_fact_history", _FACT, PrimaryKeyConstraint("tenant_id", "kind", "id", "version"))
_table(
    "register_key",
    {"tenant_id": "text", "key": "text", "kind": "text", "id": "text"},
    PrimaryKeyConstraint("tenant_id", "key", "kind", "id"),
    Index(None, "tenant_id", "kind", "id"),
    rowid=False,
)
# How often anything under a key has changed. A key whose person became another person is
# closed: nothing may be put under it any more.
_table(
    "register_epoch",
    {"tenant_id": "text", "key": "text", "epoch": "int", "closed": "int"},
    PrimaryKeyConstraint("tenant_id", "key"),
    rowid=False,
)

_table(
    "policy_revision",
    {"tenant_id": "text", "digest": "text", "bundle": "blob", "first_used_at": "int"},
    PrimaryKeyConstraint("tenant_id", "digest"),
)

# Single-use identifiers of assertions and proofs, by who presented them.
_table(
    "replay",
    {"tenant_id": "text", "id": "text", "expires_at": "int"},
    PrimaryKeyConstraint("tenant_id", "id"),
    Index(None, "expires_at"),
    rowid=False,
)

# --- the work tables ---------------------------------------------------------------------

_UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "subject": (("tenant_id", "agency_id", "ref_digest"),),
    "unit": (("tenant_id", "disclosure_id", "position"),),
    "delivery": (("tenant_id", "decision_id"),),
}
_INDICES: dict[str, tuple[tuple[str, ...], ...]] = {
    "subject": (("tenant_id", "person_id"),),
    "disclosure": (("tenant_id", "sender_agency", "id"), ("tenant_id", "answers_request")),
    "unit": (
        ("tenant_id", "sender_agency", "recipient_agency", "person_id", "ad_hoc", "decided_at"),
        ("tenant_id", "person_id", "state"),
        ("tenant_id", "state", "expires_at"),
        ("tenant_id", "asking_actor", "decided_at"),
    ),
    "delivery": (
        ("tenant_id", "recipient_agency", "state", "id"),
        ("tenant_id", "disclosure_id"),
        ("tenant_id", "person_id", "state"),
        ("tenant_id", "state", "expires_at"),
    ),
    "task": (
        ("tenant_id", "agency_id", "state", "id"),
        ("tenant_id", "disclosure_id"),
        ("tenant_id", "decision_id"),
        ("tenant_id", "state", "due_at"),
    ),
    "request": (
        ("tenant_id", "controller_agency", "state", "id"),
        ("tenant_id", "asker_agency", "id"),
    ),
    "idempotency": (("tenant_id", "created_at"),),
    "notice": (("tenant_id", "recipient_agency", "state", "id"),),
}

for _name, _columns in WORK_TABLES.items():
    _table(
        _name,
        {"tenant_id": "text", "id": "text", **_columns},
        PrimaryKeyConstraint("tenant_id", "id"),
        *(UniqueConstraint(*columns) for columns in _UNIQUE.get(_name, ())),
        *(Index(None, *columns) for columns in _INDICES.get(_name, ())),
    )
