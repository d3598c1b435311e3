"""How a wish comes true: its events, until it has or until it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable

from rockpool.client.answers import Event, Workspace
from rockpool.client.client import Client
from rockpool.errors import Conflict, DeadlinePassed, HostNotReady, StepFailed

PATIENCE = 90.0
"""Seconds that the API itself may be away, for an upgrade or a crash."""

TOLD = ("step", "note", "error")
TURNS = ("wish", "state")
"""Events after which the workspace may be another one than before."""


def follow(
    client: Client,
    wish: Workspace,
    tell: Callable[[str], None],
    still: Callable[[], None] = lambda: None,
    *,
    every: float = 1.0,
    patience: float = PATIENCE,
) -> Workspace | None:
    """Tell each step towards `wish`, as the API accepted it, and return the workspace; None when it is gone.

    `still` is called whenever nothing has happened for `every` seconds. Raises StepFailed with the reason when the
    worker gave up, Conflict when somebody has wished for something else, HostNotReady when the API stays away
    for `patience` seconds.
    """
    current: Workspace | None = wish
    reached = time.monotonic()
    with client.events(wish.name, every=every) as events:
        while not arrived(wish, current):
            event = next(events)
            if event is None:
                still()
            elif _belongs(event, wish) and event.kind in TOLD:
                tell(event.text)
            if event is None or (_belongs(event, wish) and event.kind in TURNS):
                try:
                    current, reached = client.find(wish.name), time.monotonic()
                except (HostNotReady, DeadlinePassed):
                    if time.monotonic() > reached + patience:
                        raise
    return current


def arrived(wish: Workspace, current: Workspace | None) -> bool:
    """Say whether a wish has come true. Raises StepFailed when it cannot, Conflict when it is no longer the wish."""
    if current is None or current.created != wish.created:
        if wish.desired == "absent":
            return True
        raise Conflict(f"{wish.name} is gone", why="somebody has deleted it meanwhile", fix="create it again")
    if current.desired != wish.desired:
        raise Conflict(
            f"{wish.name} is no longer to be {wish.desired}",
            why=f"somebody has asked for it to be {current.desired} meanwhile",
            fix=f"rockpool workspace show {wish.name} says how it is",
        )
    if current.status == "error":
        fix = f"rockpool workspace logs {wish.name} may say more; rockpool workspace start {wish.name} tries again"
        raise StepFailed(f"{wish.name} could not be made {wish.desired}", why=current.reason, fix=fix)
    return current.observed >= wish.generation and current.status == wish.desired


def _belongs(event: Event, wish: Workspace) -> bool:
    return event.generation >= wish.generation and event.at >= wish.updated
