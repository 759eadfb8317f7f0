"""Runs the migrations on the connection and in the transaction that `Database.migrate` hands over."""

from alembic import context

from ingest.store.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can, once the driver leaves BEGIN to us
)
context.run_migrations()
