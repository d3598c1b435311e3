"""Migrations run once, save what was there before, and leave a newer schema to the newer version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from rockpool.control import events, migrate
from rockpool.control.store import FILE, Store
from rockpool.control.tables import Base
from rockpool.errors import Damaged


def _set_revision(state: Path, revision: str) -> None:
    with closing(sqlite3.connect(state / FILE)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_the_migrations_make_what_the_tables_say(state: Path) -> None:
    engine = create_engine(f"sqlite:///{state / FILE}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_a_second_migration_changes_nothing(state: Path) -> None:
    before = (state / FILE).read_bytes()
    assert migrate.migrate(state) == ""
    assert (state / FILE).read_bytes() == before


def test_a_newer_schema_works_with_this_version_and_stays(store: Store, state: Path) -> None:
    with closing(sqlite3.connect(state / FILE)) as connection, connection:
        connection.execute("ALTER TABLE events ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")
    _set_revision(state, "9999")
    assert migrate.migrate(state) == ""
    with store.writing() as session:
        events.add(session, "note", "by the older version")


def test_an_unknown_older_revision_is_damage(state: Path) -> None:
    _set_revision(state, "0000")
    with pytest.raises(Damaged, match="cannot migrate"):
        migrate.migrate(state)
