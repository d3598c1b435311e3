"""Migrations run once, save what was there before, and leave a newer schema to the newer version."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from rockpool.control import events, migrate
from rockpool.control.sqlite import FILE
from rockpool.control.store import Store
from rockpool.control.tables import Base, EventRow
from rockpool.errors import Damaged, HostNotReady


def _set_revision(state: Path, revision: str) -> None:
    with closing(sqlite3.connect(state / FILE)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_the_migrations_make_what_the_tables_say(state: Path) -> None:
    engine = create_engine(f"sqlite:///{state / FILE}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_files_of_migrations_are_named_by_their_revisions() -> None:
    script = ScriptDirectory(str(migrate._SCRIPTS))
    assert migrate.revisions() == sorted(revision.revision for revision in script.walk_revisions())
    assert migrate.revisions()[-1] == script.get_current_head()


def test_nothing_to_migrate_loads_nothing_that_migrates(state: Path) -> None:
    script = (
        "import pathlib, sys; from rockpool.control import migrate; migrate.migrate(pathlib.Path(sys.argv[1]));"
        "assert not {'alembic', 'sqlalchemy'} & set(sys.modules)"
    )
    subprocess.run((sys.executable, "-c", script, str(state)), check=True)


def test_a_second_migration_changes_nothing(state: Path) -> None:
    before = (state / FILE).read_bytes()
    assert migrate.migrate(state) == ""
    assert (state / FILE).read_bytes() == before


def test_an_older_schema_is_saved_and_then_migrated(tmp_path: Path) -> None:
    migrate._upgrade(tmp_path / FILE, "0001")
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("INSERT INTO events (at, kind, text) VALUES (1, 'note', 'old')")
    saved = Path(migrate.migrate(tmp_path))
    for path, revision in ((saved, "0001"), (tmp_path / FILE, "0002")):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
            assert connection.execute("SELECT text FROM events").fetchone() == ("old",)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    migrate._upgrade(tmp_path / FILE, "0001")
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("CREATE TRIGGER events_recent AFTER INSERT ON events BEGIN SELECT 1; END")
    with pytest.raises(HostNotReady):
        migrate.migrate(tmp_path)
    assert migrate._revision(tmp_path / FILE) == "0001"


def test_the_oldest_events_go(store: Store) -> None:
    with store.writing() as session:
        for number in (1, 200_000, 200_001, 400_000):
            session.add(EventRow(id=number, at=1, kind="note", text="x"))
            session.flush()
        assert [event.id for event in events.after(session, 0)] == [200_001, 400_000]


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
