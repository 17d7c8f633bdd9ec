"""A body is emptied whole or not at all, and only an emptied one loses its index of persons."""

from alembic import op

from gateway.storage.migrations.guards import postgres_erasure_guards, sqlite_erasure_guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in sqlite_erasure_guards() if sqlite else postgres_erasure_guards():
        op.execute(statement)
