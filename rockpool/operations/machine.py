"""Machines: that they are there, and that they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.operation import operation
from pyinfra.api.state import StateStage
from pyinfra.context import host, state

from rockpool import plan
from rockpool.errors import HostNotReady, RockpoolError, StepFailed
from rockpool.facts.script import Commands
from rockpool.facts.survey import QemuMachines, Survey
from rockpool.operations.refuse import refuse
from rockpool.operations.steps import commands
from rockpool.spec import Machine

RUNTIMES: Mapping[str, type[Survey]] = {"qemu": QemuMachines}
"""The surveys of runtimes that carry machines."""


@operation()
def present(spec: Mapping[str, Any], *, runtime: str = "qemu") -> Commands:
    """A machine that runs as its spec says.

    + spec: plain data as `rockpool.spec.Machine.parse` reads it
    + runtime: what carries it

    What would lose something (a smaller disk, another image, a machine that is not ours) is refused.
    """
    survey = RUNTIMES.get(runtime)
    if survey is None:
        yield refuse(_unknown(runtime))
        return
    there = host.get_fact(survey)
    try:
        wanted = Machine.parse(spec)
        steps = plan.present(wanted, there.get(wanted.name), survey.runtime)
    except RockpoolError as error:
        yield refuse(error)
        return
    if not steps:
        host.noop(f"machine {wanted.name} is as wanted")
    for step, command in zip(steps, commands(steps), strict=True):
        if _executes():
            host.log(step.why)
        yield command


@operation()
def reachable(*, seconds: float = 600) -> Commands:
    """The barrier between the rings. Called for every host, it parts the hypervisors' half from the machines'.

    + seconds: how long a machine may take to boot

    A machine that does not answer in time fails here. So does every machine whose hypervisor failed, even when it runs
    from earlier: its half would be carried out on something that is not as wanted.
    """
    if "hypervisors" in host.groups or not _executes():
        host.noop("nothing to wait for")
        return
    await_boot = getattr(host.connector, "await_boot", lambda _: "")
    failed = sorted(other.name for other in state.failed_hosts if "hypervisors" in other.groups)
    if failed:
        yield refuse(StepFailed(f"leaving {host.name} alone", why=f"{', '.join(failed)} failed", fix="mend that first"))
    elif await_boot(seconds):
        # It fails by itself: the connector answers every command with why the machine cannot be reached.
        yield StringCommand("true")
    else:
        host.noop("it answers")


def _unknown(runtime: str) -> HostNotReady:
    return HostNotReady(
        f"cannot make a machine on {runtime} yet",
        why=f"this release makes machines on {', '.join(RUNTIMES)}",
        fix="use inventories/local.py on a computer with Linux, or inventories/ssh.py for a Debian 13 that runs",
    )


def _executes() -> bool:
    return bool(state.current_stage is StateStage.Execute)
