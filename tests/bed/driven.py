"""Workspaces on a test's machine, driven from outside by the plans that everybody carries out."""

from __future__ import annotations

from rockpool import plan
from rockpool.current import WorkspaceCurrent
from rockpool.errors import StepFailed
from rockpool.runtimes.podman import Podman
from rockpool.secret import Secret
from rockpool.spec import Workspace
from rockpool.step import Run, Steps
from tests.bed.guest import Guest

WISHES = {"present": plan.present, "stopped": plan.stopped, "absent": plan.absent}


def survey(guest: Guest) -> tuple[Podman, dict[str, WorkspaceCurrent]]:
    """Return the runtime that knows the machine's homes, and its workspaces."""
    told = guest.run(*Podman().survey.argv)
    runtime = Podman().surveyed(told)
    return runtime, runtime.parse(told)


def steps(guest: Guest, wish: str, spec: Workspace) -> Steps:
    """Return the plan for a wish."""
    runtime, there = survey(guest)
    return WISHES[wish](spec, there.get(spec.name), runtime)


def carry_out(guest: Guest, wish: str, spec: Workspace) -> Steps:
    """Carry a wish out and return its plan. Raises StepFailed."""
    planned = steps(guest, wish, spec)
    for step in planned:
        assert isinstance(step, Run)
        stdin = step.stdin.reveal() if isinstance(step.stdin, Secret) else step.stdin
        try:
            guest.run(*step.argv, stdin=stdin, seconds=step.seconds)
        except StepFailed:
            if step.required:
                raise
    return planned
