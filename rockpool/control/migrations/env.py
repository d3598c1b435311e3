"""How Alembic runs a migration here: each in one transaction, so that a killed one leaves nothing behind."""

from __future__ import annotations

import sqlite3

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, event

from rockpool.control.tables import Base


def _connected(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # else Python would commit before each CREATE


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def run() -> None:
    """Bring the database at the configured URL to the wished revision."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()


run()
