"""Units say who asked, so that what one person asks about within a time can be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Null in every earlier row: who asked then is not counted any more.
    text = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
    op.add_column("unit", sa.Column("asking_actor", text, nullable=True))
    columns = ["tenant_id", "asking_actor", "decided_at"]
    op.create_index("ix_unit_tenant_id_asking_actor_decided_at", "unit", columns)
