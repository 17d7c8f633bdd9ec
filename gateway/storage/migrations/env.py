"""Alembic's entry: runs the revisions on the connection that ``migrate.py`` hands over."""

from alembic import context

from gateway.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
