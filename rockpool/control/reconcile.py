"""What is to be done for a workspace, from its row and what the survey found. Pure: the worker carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from rockpool import names
from rockpool.control.states import Desired, Status
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged, DeadlinePassed, InputError, Refused, RockpoolError
from rockpool.spec import Workspace

FAST_TRIES = 5
"""So many failures in a row are tried again within seconds; after that it is an error, tried again slowly."""

SLOW_SECONDS = 300
"""How long it takes on average until something in error is tried again."""

_LASTING = (Damaged, DeadlinePassed, InputError, Refused)
"""What another try some seconds later does not mend."""


class Wish(StrEnum):
    """The plans that there are, as in `rockpool.plan`."""

    PRESENT = "present"
    STOPPED = "stopped"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What stands in a workspace's row, as far as it decides. Times are milliseconds since 1970."""

    spec: Workspace
    desired: Desired
    status: Status
    generation: int = 1
    observed_generation: int = 0
    restart_generation: int = 0
    reason: str = ""
    made: bool = False
    retry_at: int = 0


@dataclass(frozen=True, kw_only=True)
class Go:
    """Bring it there: each wish in turn on a survey of its own. `way` is its state meanwhile, `end` the one after."""

    wishes: tuple[Wish, ...]
    way: Status
    end: Status


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """Nothing of it is left, as wished: its row goes."""


@dataclass(frozen=True, kw_only=True)
class Later:
    """It has failed; nobody tries again before `until`."""

    until: int


@dataclass(frozen=True, kw_only=True)
class Fail:
    """It cannot be brought there."""

    error: RockpoolError


Decision = Go | Nothing | Later | Fail


def decide(row: Row, current: WorkspaceCurrent | None, now: int) -> Decision:
    """Return what is to be done. `now` is this moment in milliseconds since 1970."""
    if row.desired is Desired.ABSENT and (current is None or (current.foreign and not current.home)):
        return Nothing()
    if row.retry_at > now:
        return Later(until=row.retry_at)
    if row.desired is Desired.ABSENT:
        return Go(wishes=(Wish.ABSENT,), way=Status.DELETING, end=Status.DELETING)
    if row.made and (current is None or not (current.home or current.foreign)):
        return Fail(error=_homeless(row.spec.name))
    if row.desired is Desired.STOPPED:
        return Go(wishes=(Wish.STOPPED,), way=_down(row, current), end=Status.STOPPED)
    if current and _restart_is_due(row) and _is_up(current):
        return Go(wishes=(Wish.STOPPED, Wish.PRESENT), way=Status.STARTING, end=Status.RUNNING)
    return Go(wishes=(Wish.PRESENT,), way=_up(row, current), end=Status.RUNNING)


def proven(row: Row, current: WorkspaceCurrent | None) -> WorkspaceCurrent | None:
    """Return what is there as far as it is proven: an open route does not say that anything ever answered behind it."""
    if current is None or current.state is not State.RUNNING or row.status is Status.RUNNING:
        return current
    if row.desired is not Desired.RUNNING or _restart_is_due(row):
        return current
    return replace(current, state=State.UNSETTLED, routes=current.routes - {names.IDE_PORT_NAME})


@dataclass(frozen=True, kw_only=True)
class Retry:
    """When to try again, in milliseconds from now, and whether it is an error meanwhile."""

    after: int
    error: bool


def retry(attempts: int, fault: Exception, chance: float) -> Retry:
    """Return when to try again after so many failures (the last one included); `chance` is from 0 to 1, evenly."""
    slow = attempts >= FAST_TRIES or isinstance(fault, _LASTING)
    seconds = SLOW_SECONDS if slow else 2 ** (attempts - 1)
    return Retry(after=round(seconds * 1000 * (0.5 + chance)), error=slow)


def _restart_is_due(row: Row) -> bool:
    return row.restart_generation > row.observed_generation


def _is_up(current: WorkspaceCurrent) -> bool:
    return current.state in (State.RUNNING, State.UNSETTLED)


def _is_new(row: Row, current: WorkspaceCurrent | None) -> bool:
    return current is None or (current.state is State.INCOMPLETE and row.status is Status.CREATING)


def _up(row: Row, current: WorkspaceCurrent | None) -> Status:
    if _is_new(row, current):
        return Status.CREATING
    running = current and current.state is State.RUNNING and row.status is Status.RUNNING
    return Status.RUNNING if running else Status.STARTING


def _down(row: Row, current: WorkspaceCurrent | None) -> Status:
    if _is_new(row, current):
        return Status.CREATING
    return Status.STOPPING if current and _is_up(current) else Status.STOPPED


def _homeless(name: str) -> Damaged:
    return Damaged(
        f"workspace {name} has lost its home",
        why=f"its home was there and is gone, and an empty one would hide that: {names.home(name)}",
        fix="restore it from a backup, or delete the workspace and create it again",
    )
