"""Workspaces that run, that are stopped, that are gone: the same plans that the worker carries out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyinfra.api.operation import operation
from pyinfra.api.state import StateStage
from pyinfra.context import host, state

from rockpool import plan
from rockpool.current import WorkspaceCurrent
from rockpool.errors import RockpoolError
from rockpool.facts.script import Commands, argv
from rockpool.facts.workspace import PodmanWorkspaces
from rockpool.operations.refuse import refuse
from rockpool.operations.steps import commands
from rockpool.runtimes.podman import Podman
from rockpool.spec import Workspace
from rockpool.step import Steps

Wish = Callable[[Workspace, WorkspaceCurrent | None, Podman], Steps]


@operation()
def present(spec: Mapping[str, Any]) -> Commands:
    """A workspace that runs as its spec says, and answers.

    + spec: plain data as `rockpool.spec.Workspace.parse` reads it

    A container of that name that is not ours is refused.
    """
    yield from _carried_out(plan.present, spec)


@operation()
def stopped(spec: Mapping[str, Any]) -> Commands:
    """A workspace that is as its spec says and does not run, after a reboot neither.

    + spec: plain data as `rockpool.spec.Workspace.parse` reads it
    """
    yield from _carried_out(plan.stopped, spec)


@operation()
def absent(spec: Mapping[str, Any]) -> Commands:
    """No workspace of that name; its home is set aside.

    + spec: plain data as `rockpool.spec.Workspace.parse` reads it; the name is enough
    """
    yield from _carried_out(plan.absent, spec)


def _carried_out(wish: Wish, spec: Mapping[str, Any]) -> Commands:
    told = _surveyed()
    if not told:
        # Nobody answers: while a plan is shown, that is a change to come; otherwise this fails with the reason.
        yield argv(*Podman().survey.argv)
        told = _surveyed()
    try:
        wanted, runtime = Workspace.parse(spec), Podman().surveyed(told)
        steps = wish(wanted, runtime.parse(told).get(wanted.name), runtime)
    except RockpoolError as error:
        yield refuse(error)
        return
    if not steps:
        host.noop(f"workspace {wanted.name} is as wanted")
    for step, command in zip(steps, commands(steps), strict=True):
        if getattr(state, "current_stage", None) is StateStage.Execute:  # a case file has no stages
            host.log(step.why)
        yield command


def _surveyed() -> str:
    lines: list[str] = host.get_fact(PodmanWorkspaces)
    return "\n".join(lines)
