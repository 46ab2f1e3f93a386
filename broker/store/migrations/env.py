"""Alembic's entry: the connection and its transaction are the caller's."""

from alembic import context

from broker.store.tables import metadata

# DDL is transactional on both databases here: SQLite's BEGIN is not left to its driver.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
