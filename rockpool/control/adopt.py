"""What is there without a row. A new or restored database adopts what is ours; all else is only reported."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from rockpool.control import clock, events, record
from rockpool.control.look import Found
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.tables import ComponentRow, WorkspaceRow
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import InputError
from rockpool.spec import Workspace

COMPONENT = "workspaces"
"""The component that says what is there without a row. Without it, the database is new or was restored."""


def strangers(store: Store, found: Found) -> None:
    """Adopt what is ours, if the database is new or restored, and report the rest: foreign things are never touched."""
    with store.writing() as session:
        known = set(session.scalars(select(WorkspaceRow.name)))
        strange = {name: current for name, current in found.there.items() if name not in known}
        if session.get(ComponentRow, COMPONENT) is None:
            rows = [row for name, current in strange.items() if (row := _adopted(name, current, found))]
            session.add_all(rows)
            for row in rows:
                text = f"found as {current_word(found.there[row.name])} and adopted, its environment unknown"
                events.add(session, "note", text, workspace=row.name)
                strange.pop(row.name)
    detail = "; ".join(_reports(strange))
    record.component(store, COMPONENT, "degraded" if detail else "ok", detail=detail)


def current_word(current: WorkspaceCurrent) -> str:
    """Say what was found in one word."""
    return "a home" if current.state is State.INCOMPLETE else str(current.state)


def _adopted(name: str, current: WorkspaceCurrent, found: Found) -> WorkspaceRow | None:
    """Return the row of something that is ours, on or off as it is; None when nobody can say what it is."""
    try:
        spec = current.spec or Workspace.parse({"name": name})
    except InputError:
        return None
    if current.foreign or not current.home:
        return None
    change = found.runtime.change(spec, current) if current.state is not State.INCOMPLETE else None
    if change and change.steps and not change.live:
        return None  # an environment that only its maker knows: to go on without it would make another container
    on, at = current.state is State.RUNNING, clock.now()
    return WorkspaceRow(
        name=name,
        spec=spec.to_data(),
        desired=Desired.RUNNING if on else Desired.STOPPED,
        status=Status.STARTING if on else Status.STOPPING,
        generation=1,
        made=True,
        created_at=at,
        updated_at=at,
    )


def _reports(strange: dict[str, WorkspaceCurrent]) -> Iterator[str]:
    for name, current in sorted(strange.items()):
        yield current.foreign or f"{current_word(current)} of workspace {name}, which nobody has wished for"
