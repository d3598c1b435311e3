"""From what is wanted and what is there to the steps between them."""

from __future__ import annotations

from dataclasses import replace

from rockpool.current import State
from rockpool.errors import Refused
from rockpool.runtimes.base import Current, Runtime, Spec
from rockpool.step import Steps, explain

__all__ = ["absent", "explain", "present", "stopped"]


def present(spec: Spec, current: Current | None, runtime: Runtime[Spec, Current]) -> Steps:
    """Return the steps after which it runs as `spec` says. Raises Refused when they would lose something."""
    if current is None:
        return runtime.create(spec, None, running=True)
    _refuse_foreign(spec, current)
    if current.state is State.INCOMPLETE:
        return runtime.create(spec, current, running=True)
    change = runtime.change(spec, current)
    if change.anew:
        return change.steps + runtime.create(spec, current, running=True)
    if change.steps and not change.live and current.state is not State.STOPPED:
        down = replace(current, state=State.STOPPED)
        return runtime.stop(spec, current) + change.steps + runtime.start(spec, down)
    return change.steps + runtime.start(spec, current)


def stopped(spec: Spec, current: Current | None, runtime: Runtime[Spec, Current]) -> Steps:
    """Return the steps after which it exists as `spec` says and does not run."""
    if current is None:
        return runtime.create(spec, None, running=False)
    _refuse_foreign(spec, current)
    if current.state is State.INCOMPLETE:
        return runtime.create(spec, current, running=False)
    change = runtime.change(spec, current)
    if change.anew:
        return change.steps + runtime.create(spec, current, running=False)
    return runtime.stop(spec, current) + change.steps


def absent(spec: Spec, current: Current | None, runtime: Runtime[Spec, Current]) -> Steps:
    """Return the steps after which it is gone."""
    if current is None:
        return ()
    _refuse_foreign(spec, current)
    return runtime.remove(spec, current)


def _refuse_foreign(spec: Spec, current: Current) -> None:
    if current.foreign:
        raise Refused(
            f"cannot touch {spec.name!r}",
            why=f"something of that name exists and is not ours: {current.foreign}",
            fix="remove it by the tool that made it, or choose another name",
        )
