"""What is asked for often costs the same after years: counted in steps of SQLite's machine, which no load changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from rockpool.control import events, workspaces
from rockpool.control.sqlite import FILE
from rockpool.control.store import Store
from rockpool.control.tables import EventRow, WorkspaceRow

FEW, MANY = 100, 100_000


@pytest.fixture(scope="module")
def histories(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Store]:
    return {rows: _with_history(migrated, tmp_path_factory.mktemp("history"), rows) for rows in (FEW, MANY)}


def _with_history(migrated: Path, state: Path, rows: int) -> Store:
    shutil.copy(migrated / FILE, state / FILE)
    store = Store(state)
    spec = {"name": "demo", "image": "workspace", "repository": "", "ports": []}
    common = {"spec": spec, "desired": "running", "status": "running", "created_at": 1, "updated_at": 1}
    past = [
        {"at": 1, "workspace": f"demo{row % 50}", "generation": row, "kind": ("wish", "step")[row % 3 > 0], "text": "x"}
        for row in range(rows)
    ]
    with store.writing() as session:
        session.execute(insert(WorkspaceRow), [{"name": f"demo{number}", **common} for number in range(50)])
        session.execute(insert(EventRow), past)
    return store


def _steps(store: Store, ask: Callable[[Session], object]) -> int:
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with store.reading() as session:
        connection = session.connection().connection.driver_connection
        assert connection
        connection.set_progress_handler(count, 1)
        try:
            ask(session)
        finally:
            connection.set_progress_handler(None, 1)
    return taken


QUESTIONS: dict[str, Callable[[Session], object]] = {
    "first page": lambda session: workspaces.page(session, limit=25),
    "a workspace": lambda session: workspaces.get(session, "demo7"),
    "newest event": events.last,
    "events to come": lambda session: events.after(session, events.last(session) - 10),
    "events of one": lambda session: events.after(session, events.last(session) - 10, workspace="demo7"),
    "its newest wish": lambda session: events.newest_wish(session, "demo7"),
    "is it known": lambda session: events.known(session, "demo7"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_long_history_costs_nothing(histories: dict[int, Store], question: str) -> None:
    ask = QUESTIONS[question]
    few, many = (_steps(histories[rows], ask) for rows in (FEW, MANY))
    assert many <= 1.5 * few, (few, many)
