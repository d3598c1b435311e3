"""One deploy at a time."""

from __future__ import annotations

from contextlib import ExitStack

from pyinfra.api.operation import operation
from pyinfra.api.state import StateStage
from pyinfra.context import host, state

from rockpool.errors import RockpoolError
from rockpool.execute import home, lock
from rockpool.facts.script import Commands
from rockpool.operations.refuse import refuse

# Held until this process ends, so that a kill frees it.
_held = ExitStack()
_taken: set[str] = set()


@operation()
def deploy(machine: str) -> Commands:
    """Nobody else deploys to `machine` while this process runs. Taken only when something may be changed."""
    if state.current_stage is not StateStage.Execute:
        host.noop("a plan locks nothing")
        return
    try:
        _take(machine)
    except RockpoolError as error:
        yield refuse(error)
    else:
        host.noop("no other deploy is running")


def _take(machine: str) -> None:
    # One process works on several hosts: the first of them takes it for all.
    if machine not in _taken:
        _held.enter_context(lock.hold(home.locks() / f"deploy-{machine}", f"deploy to {machine}"))
        _taken.add(machine)
