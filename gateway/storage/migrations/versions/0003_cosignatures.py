"""Cosignatures of witnesses, each beside the head it is for; append-only like the log."""

import sqlalchemy as sa
from alembic import op

from gateway.storage.migrations.guards import append_only_guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
    integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "log_cosignature",
        sa.Column("log_id", text, nullable=False),
        sa.Column("size", integer, nullable=False),
        sa.Column("witness", text, nullable=False),
        sa.Column("cosigned_at", integer, nullable=False),
        sa.Column("note", text, nullable=False),
        sa.Column("line", text, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "size", "witness", name="pk_log_cosignature"),
        sqlite_strict=True,
    )
    key = ("log_id", "size", "witness")
    for statement in append_only_guards("log_cosignature", key, op.get_bind().dialect.name):
        op.execute(statement)
