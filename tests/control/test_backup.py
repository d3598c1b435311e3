"""A backup is whole, or it is not there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rockpool.control import events
from rockpool.control.backup import backup
from rockpool.control.sqlite import FILE
from rockpool.control.store import Store
from rockpool.errors import HostNotReady


def test_a_backup_is_whole_and_holds_what_is_only_in_the_log_yet(store: Store, tmp_path: Path) -> None:
    with store.writing() as session:
        events.add(session, "note", "newest")
    copy = backup(store.path, tmp_path / "backups" / FILE)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT text FROM events").fetchall() == [("newest",)]


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 500)
    with pytest.raises(HostNotReady, match="cannot back up"):
        backup(tmp_path / FILE, tmp_path / "backups" / "copy.db")
    assert list((tmp_path / "backups").iterdir()) == []
