"""The first tables: the log, the registers, the work tables, and their guards."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.storage.migrations.guards import postgres_guards, sqlite_guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A frozen copy: what schema.py says later must not change what this revision did.
_METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_TYPES: dict[str, Any] = {
    "text": sa.Text(collation="C").with_variant(sa.Text(), "sqlite"),
    "int": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "blob": sa.LargeBinary(),
}


def _table(name: str, columns: str, key: str, *rest: Any, rowid: bool = True) -> None:
    """Declare a table; ``columns`` is ``name kind`` pairs, a trailing ``?`` allows null."""
    sa.Table(
        name,
        _METADATA,
        *(
            sa.Column(column, _TYPES[kind.removesuffix("?")], nullable=kind.endswith("?"))
            for column, kind in (pair.split() for pair in columns.split(","))
        ),
        sa.PrimaryKeyConstraint(*key.split()),
        *rest,
        sqlite_strict=True,
        sqlite_with_rowid=rowid,
    )


_table(
    "delivery",
    "tenant_id text, id text, decision_id text, disclosure_id text, sender_agency text, "
    "recipient_agency text, person_id text, state text, envelope blob?, "
    "envelope_digest text, entry_id text, released_at int, expires_at int, "
    "opened_at int?, acknowledged_at int?, opened_entry_id text?",
    "tenant_id id",
    sa.UniqueConstraint("tenant_id", "decision_id"),
    sa.Index(None, "tenant_id", "disclosure_id"),
    sa.Index(None, "tenant_id", "person_id", "state"),
    sa.Index(None, "tenant_id", "recipient_agency", "state", "id"),
    sa.Index(None, "tenant_id", "state", "expires_at"),
)
_table(
    "disclosure",
    "tenant_id text, id text, direction text, sender_agency text, sender_actor text, "
    "sender_system text, purpose text, request_digest text, requested_at int, "
    "occurred_at int?, answers_request text?",
    "tenant_id id",
    sa.Index(None, "tenant_id", "answers_request"),
    sa.Index(None, "tenant_id", "sender_agency", "id"),
)
_table(
    "idempotency",
    "tenant_id text, id text, request_digest text, kind text, resource_id text, created_at int",
    "tenant_id id",
    sa.Index(None, "tenant_id", "created_at"),
)
_table(
    "log_body",
    "log_id text, entry_id text, seq int, retention text, kek_id text?, "
    "wrapped_key blob?, nonce blob?, ciphertext blob?",
    "log_id entry_id",
    sa.UniqueConstraint("log_id", "seq"),
)
_table(
    "log_checkpoint",
    "log_id text, size int, note text",
    "log_id size",
)
_table(
    "log_entry",
    "log_id text, seq int, leaf blob, leaf_hash blob",
    "log_id seq",
    sa.CheckConstraint("length(leaf_hash) = 32", name="leaf_hash_length"),
    sa.CheckConstraint("length(leaf) <= 1024", name="leaf_length"),
    sa.CheckConstraint("seq >= 0", name="seq"),
    rowid=False,
)
_table(
    "log_head",
    "log_id text, size int, prev_size int?, root blob, frontier blob, n int, committed_at int",
    "log_id size",
    sa.CheckConstraint(
        "(prev_size IS NULL AND size = 0 AND n = 0) OR (n > 0 AND size = prev_size + n)",
        name="extends",
    ),
    sa.CheckConstraint("length(root) = 32", name="root_length"),
    sa.ForeignKeyConstraint(["log_id", "prev_size"], ["log_head.log_id", "log_head.size"]),
    sa.UniqueConstraint("log_id", "prev_size"),
)
_table(
    "log_subject_ix",
    "log_id text, pseudonym text, entry_id text",
    "log_id pseudonym entry_id",
    sa.Index(None, "log_id", "entry_id"),
    rowid=False,
)
_table(
    "log_tile",
    "log_id text, level int, n int, hashes blob",
    "log_id level n",
    sa.CheckConstraint("length(hashes) = 8192", name="hashes_length"),
)
_table(
    "notice",
    "tenant_id text, id text, recipient_agency text, kind text, decision_id text?, "
    "state text, created_at int",
    "tenant_id id",
    sa.Index(None, "tenant_id", "recipient_agency", "state", "id"),
)
_table(
    "policy_revision",
    "tenant_id text, digest text, bundle blob, first_used_at int",
    "tenant_id digest",
)
_table(
    "register_epoch",
    "tenant_id text, key text, epoch int, closed int",
    "tenant_id key",
    rowid=False,
)
_table(
    "register_fact",
    "tenant_id text, kind text, id text, version int, fact text, changed_at int",
    "tenant_id kind id",
)
_table(
    "register_fact_history",
    "tenant_id text, kind text, id text, version int, fact text, changed_at int",
    "tenant_id kind id version",
)
_table(
    "register_key",
    "tenant_id text, key text, kind text, id text",
    "tenant_id key kind id",
    sa.Index(None, "tenant_id", "kind", "id"),
    rowid=False,
)
_table(
    "replay",
    "tenant_id text, id text, expires_at int",
    "tenant_id id",
    sa.Index(None, "expires_at"),
    rowid=False,
)
_table(
    "request",
    "tenant_id text, id text, asker_agency text, asker_actor text, "
    "controller_agency text, purpose text, profile text, question text, "
    "sealed_subject blob?, state text, requested_at int, due_at int?",
    "tenant_id id",
    sa.Index(None, "tenant_id", "asker_agency", "id"),
    sa.Index(None, "tenant_id", "controller_agency", "state", "id"),
)
_table(
    "subject",
    "tenant_id text, id text, agency_id text, ref_digest text, person_id text, created_at int",
    "tenant_id id",
    sa.UniqueConstraint("tenant_id", "agency_id", "ref_digest"),
    sa.Index(None, "tenant_id", "person_id"),
)
_table(
    "task",
    "tenant_id text, id text, decision_id text, disclosure_id text, code text, "
    "bearer text, agency_id text, params text, due_at int?, state text, done_at int?, "
    "proof text?",
    "tenant_id id",
    sa.Index(None, "tenant_id", "agency_id", "state", "id"),
    sa.Index(None, "tenant_id", "decision_id"),
    sa.Index(None, "tenant_id", "disclosure_id"),
    sa.Index(None, "tenant_id", "state", "due_at"),
)
_table(
    "unit",
    "tenant_id text, id text, disclosure_id text, position int, sender_agency text, "
    "recipient_agency text, recipient_actor text?, subject_id text, person_id text, "
    "state text, label text, basis text, ad_hoc int, question text, decision text, "
    "relied_on text, entry_id text, leaf_hash text, seal_kid text?, decided_at int, "
    "expires_at int?",
    "tenant_id id",
    sa.UniqueConstraint("tenant_id", "disclosure_id", "position"),
    sa.Index(None, "tenant_id", "person_id", "state"),
    sa.Index(
        None,
        "tenant_id",
        "sender_agency",
        "recipient_agency",
        "person_id",
        "ad_hoc",
        "decided_at",
    ),
    sa.Index(None, "tenant_id", "state", "expires_at"),
)
_table(
    "log_tip",
    "log_id text, size int, root blob, frontier blob",
    "log_id",
    sa.CheckConstraint("length(root) = 32", name="root_length"),
    sa.ForeignKeyConstraint(["log_id", "size"], ["log_head.log_id", "log_head.size"]),
)


def upgrade() -> None:
    connection = op.get_bind()
    # A table of this name that is there already is somebody else's.
    _METADATA.create_all(connection, checkfirst=False)
    guards = sqlite_guards() if connection.dialect.name == "sqlite" else postgres_guards()
    for statement in guards:
        op.execute(statement)
