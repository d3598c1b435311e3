"""Events: what was wished for and what came of it, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rockpool.control import clock
from rockpool.control.tables import EventRow

KINDS = ("wish", "step", "state", "error", "note")
_MOST_CHARACTERS = 2000


def add(
    session: Session, kind: str, text: str, *, workspace: str = "", generation: int = 0, request_id: str = ""
) -> EventRow:
    """Note an event in the session's transaction. `text` is one line in the user's words, without any secret."""
    event = EventRow(
        at=clock.now(),
        workspace=workspace,
        generation=generation,
        kind=kind,
        text=text[:_MOST_CHARACTERS],
        request_id=request_id,
    )
    session.add(event)
    return event


def after(session: Session, last: int, *, workspace: str = "", limit: int = 200) -> Sequence[EventRow]:
    """Return the events that follow the one with id `last`, oldest first; of one workspace, if it is named."""
    query = select(EventRow).where(EventRow.id > last).order_by(EventRow.id).limit(limit)
    return session.scalars(query.where(EventRow.workspace == workspace) if workspace else query).all()


def last(session: Session) -> int:
    """Return the id of the newest event; 0 when there is none."""
    return session.scalar(select(func.max(EventRow.id))) or 0


def known(session: Session, workspace: str) -> bool:
    """Say whether anything ever happened to a workspace of that name, also one that is gone."""
    return session.scalar(select(EventRow.id).where(EventRow.workspace == workspace).limit(1)) is not None


def newest_wish(session: Session, workspace: str) -> int:
    """Return the id of the newest wish for a workspace; 1 when there is none."""
    query = select(func.max(EventRow.id)).where(EventRow.workspace == workspace, EventRow.kind == "wish")
    return session.scalar(query) or 1
