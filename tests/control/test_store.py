"""An acknowledged write is on the disk; one that cannot be is refused in our words, and nothing is lost."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rockpool.control import events
from rockpool.control.store import Store
from rockpool.errors import Busy, Damaged, HostNotReady


def _note(store: Store, text: str = "hello") -> None:
    with store.writing() as session:
        events.add(session, "note", text)


def _texts(store: Store) -> list[str]:
    with store.reading() as session:
        return [event.text for event in events.after(session, 0)]


def test_what_is_written_is_read_by_another_connection(store: Store, state: Path) -> None:
    _note(store)
    assert _texts(Store(state)) == ["hello"]


def test_a_block_that_fails_writes_nothing(store: Store) -> None:
    def fail() -> None:
        with store.writing() as session:
            events.add(session, "note", "never")
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _texts(store) == []


def test_every_connection_is_durable(store: Store) -> None:
    with store.reading() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_writers_take_turns_and_lose_nothing(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reads the newest id and writes the next: a lost update or a refused writer would show.

    SQLite has no patience here: those of one process never meet in it, where some would never have their turn.
    """
    monkeypatch.setattr("rockpool.control.store._LOCKED_SECONDS", 0)
    store = Store(state)

    def write() -> None:
        for _ in range(5):
            with store.writing() as session:
                newest = events.last(session)
                events.add(session, "note", str(newest + 1))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _texts(store) == [str(number) for number in range(1, 41)]
    store.close()


def test_who_waits_too_long_for_a_turn_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rockpool.control.store._TURN_SECONDS", 0)
    with store.writing(), pytest.raises(Busy, match="busy"):
        _note(store)
    _note(store)
    assert _texts(store) == ["hello"]


def test_a_full_database_is_refused_and_keeps_what_was_acknowledged(store: Store) -> None:
    with store.reading() as session:  # the pool hands out the same connection again
        connection = session.connection()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    acknowledged: list[str] = []

    def fill() -> None:
        for number in range(100):
            text = str(number) * 2000
            _note(store, text)
            acknowledged.append(text[:2000])

    with pytest.raises(HostNotReady, match="cannot grow"):
        fill()
    assert _texts(Store(store.path.parent)) == acknowledged


def test_a_read_only_database_is_refused(store: Store) -> None:
    with store.reading() as session:
        session.connection().exec_driver_sql("PRAGMA query_only=1")
    with pytest.raises(HostNotReady, match="does not answer"):
        _note(store)


def test_a_damaged_database_is_told_as_that(state: Path) -> None:
    store = Store(state)
    store.path.write_bytes(b"nothing that SQLite knows" * 1000)
    with pytest.raises(Damaged):
        _texts(store)


def test_an_absent_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostNotReady):
        _texts(Store(tmp_path / "absent"))


def test_a_killed_writer_leaves_nothing(store: Store, state: Path) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO events (at, kind, text) VALUES (1, 'note', 'half')")
    _note(store, "whole")
    assert _texts(store) == ["whole"]
