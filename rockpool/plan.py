"""From what is wanted and what is there to the steps between them."""

from __future__ import annotations

from rockpool.current import State
from rockpool.errors import Refused
from rockpool.runtimes.base import Current, Runtime, Spec
from rockpool.step import Steps, explain

__all__ = ["absent", "explain", "present", "stopped"]


def present(spec: Spec, current: Current | None, runtime: Runtime[Spec, Current]) -> Steps:
    """Return the steps after which it runs as `spec` says. Raises Refused when they would lose something."""
    if current is None:
        return runtime.create(spec) + runtime.start(spec)
    _refuse_foreign(spec, current)
    if current.state is State.INCOMPLETE:
        return runtime.create(spec) + runtime.start(spec)
    change = runtime.change(spec, current)
    if change.steps and not change.live and current.state is not State.STOPPED:
        return runtime.stop(spec) + change.steps + runtime.start(spec)
    if current.state is State.RUNNING:
        return change.steps
    return change.steps + runtime.start(spec)


def stopped(spec: Spec, current: Current | None, runtime: Runtime[Spec, Current]) -> Steps:
    """Return the steps after which it exists as `spec` says and does not run."""
    if current is None:
        return runtime.create(spec)
    _refuse_foreign(spec, current)
    if current.state is State.INCOMPLETE:
        return runtime.create(spec)
    change = runtime.change(spec, current)
    stop = runtime.stop(spec) if current.state in (State.RUNNING, State.UNSETTLED) else ()
    return stop + change.steps


def absent(spec: Spec, current: Current | None, runtime: Runtime[Spec, Current]) -> Steps:
    """Return the steps after which it is gone."""
    if current is None:
        return ()
    _refuse_foreign(spec, current)
    stop = runtime.stop(spec) if current.state in (State.RUNNING, State.UNSETTLED) else ()
    return stop + runtime.remove(spec)


def _refuse_foreign(spec: Spec, current: Current) -> None:
    if current.foreign:
        raise Refused(
            f"cannot touch {spec.name!r}",
            why=f"something of that name exists and is not ours: {current.foreign}",
            fix="remove it by the tool that made it, or choose another name",
        )
