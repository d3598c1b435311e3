"""The state table: what may be asked of a workspace in each state, and the state that the asking puts it into."""

from __future__ import annotations

from enum import StrEnum

from rockpool.errors import Conflict


class Status(StrEnum):
    """How far a workspace has come on its way to what is wished for."""

    CREATING = "creating"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DELETING = "deleting"
    ERROR = "error"


class Act(StrEnum):
    """What may be asked. `change` is another spec, `ports` one port more or less, `clone` a copy beside it."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    CHANGE = "change"
    PORTS = "ports"
    CLONE = "clone"
    DELETE = "delete"


class Desired(StrEnum):
    """What is wished for."""

    RUNNING = "running"
    STOPPED = "stopped"
    ABSENT = "absent"


_EXISTS = frozenset(Status) - {Status.DELETING}

ALLOWED: dict[Act, frozenset[Status]] = {
    Act.START: frozenset({Status.STOPPED, Status.ERROR}),
    Act.STOP: frozenset({Status.CREATING, Status.STARTING, Status.RUNNING, Status.ERROR}),
    Act.RESTART: frozenset({Status.RUNNING}),
    Act.CHANGE: _EXISTS,
    Act.PORTS: _EXISTS,
    Act.CLONE: _EXISTS - {Status.CREATING},
    Act.DELETE: frozenset(Status),
}
"""The states from which each act is allowed."""

_AFTER = {
    Act.START: Status.STARTING,
    Act.STOP: Status.STOPPING,
    Act.RESTART: Status.STARTING,
    Act.DELETE: Status.DELETING,
}


def allowed(status: Status) -> tuple[Act, ...]:
    """Return what may be asked in this state."""
    return tuple(act for act in Act if status in ALLOWED[act])


def after(status: Status, act: Act) -> Status:
    """Return the state that asking puts it into; the worker says all later ones. Raises Conflict."""
    if status not in ALLOWED[act]:
        raise Conflict(
            f"cannot {act} a workspace that is {status}",
            why=f"{act} is allowed when it is {_either(sorted(ALLOWED[act]))}",
            fix=f"now allowed: {', '.join(allowed(status))}",
        )
    return _AFTER.get(act, status)


def _either(words: list[Status]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
