"""Machines on QEMU: every step is one idempotent verb of `rockpool machine`, because booting needs run-time choices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rockpool.current import MachineCurrent, State
from rockpool.errors import Damaged, Refused
from rockpool.runtimes.base import Change
from rockpool.spec import Machine, format_size
from rockpool.step import Argv, Run, Steps

DISKS = ("system", "state", "workspaces")
"""The disks of a machine, by the fields of its spec that hold their sizes."""


@dataclass(frozen=True, kw_only=True)
class Qemu:
    """Says which verb of `program machine` brings a machine to its spec. `program` is how this machine runs ours."""

    program: Argv = ("rockpool",)

    @property
    def survey(self) -> Run:
        """Print every machine of this home as one JSON object."""
        return self._run("look at the machines", "status", "--json", seconds=30)

    def parse(self, stdout: str) -> dict[str, MachineCurrent]:
        """Read what `survey` printed. Raises Damaged when it is something else."""
        try:
            return {name: _current(row) for name, row in json.loads(stdout).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged("cannot read the list of machines", why=f"{type(error).__name__}: {error}") from error

    def create(self, spec: Machine, current: MachineCurrent | None, *, running: bool) -> Steps:  # noqa: ARG002
        """Make its directory, keys and disks; what is there already stays."""
        made = self._run(f"create machine {spec.name}", "create", seconds=300, spec=spec)
        return (made, self._boot(spec)) if running else (made,)

    def start(self, spec: Machine, current: MachineCurrent) -> Steps:
        """Boot it and wait until a login works."""
        return () if current.state is State.RUNNING else (self._boot(spec),)

    def stop(self, spec: Machine, current: MachineCurrent) -> Steps:
        """Shut it down from inside; its power goes off when that takes too long."""
        if current.state not in (State.RUNNING, State.UNSETTLED):
            return ()
        return (self._run(f"shut machine {spec.name} down", "stop", spec.name, seconds=180),)

    def remove(self, spec: Machine, current: MachineCurrent) -> Steps:
        """Delete it with all its disks and keys."""
        gone = self._run(f"delete machine {spec.name} with its disks", "destroy", spec.name, seconds=300)
        return (*self.stop(spec, current), gone)

    def change(self, spec: Machine, current: MachineCurrent) -> Change:
        """Grow disks, change processors, memory and ports. Raises Refused for another image or a smaller disk."""
        if current.spec is None:
            return Change(steps=self.create(spec, current, running=False))
        refuse_loss(spec, current.spec)
        if settled(spec, current.spec) == current.spec:
            return Change()
        why = f"change {', '.join(_differences(spec, current.spec))} of machine {spec.name}"
        return Change(steps=(self._run(why, "update", seconds=120, spec=spec),))

    def enter(self, spec: Machine) -> Argv:
        """Return the prefix that runs an argv as root inside, by ssh."""
        return (*self.program, "machine", "enter", spec.name, "--")

    def _boot(self, spec: Machine) -> Run:
        return self._run(f"boot machine {spec.name} and wait until it answers", "start", spec.name, seconds=900)

    def _run(self, why: str, *verb: str, seconds: float, spec: Machine | None = None) -> Run:
        stdin = json.dumps(spec.to_data(), sort_keys=True) if spec else None
        return Run(argv=(*self.program, "machine", *verb), stdin=stdin, seconds=seconds, why=why)


def settled(spec: Machine, there: Machine) -> Machine:
    """Return `spec` with the ssh port that the host picked once, when it leaves that to the host."""
    return spec if spec.ssh_port else replace(spec, ssh_port=there.ssh_port)


def refuse_loss(spec: Machine, there: Machine) -> None:
    """Raise Refused, with every reason, when going from `there` to `spec` would lose something."""
    if spec.image != there.image:
        raise Refused(
            f"cannot change the image of machine {spec.name!r} from {there.image!r} to {spec.image!r}",
            why="its system disk is laid over the first one, and what was changed on it would be lost",
            fix=f"set image back to {there.image!r}, or destroy the machine and create it again (invoke vm.destroy); "
            f"a newer build of {there.image!r} comes by invoke vm.rebuild",
        )
    shrunk = [
        f"{disk} from {format_size(getattr(there, disk))} to {format_size(getattr(spec, disk))}"
        for disk in DISKS
        if getattr(spec, disk) < getattr(there, disk)
    ]
    if shrunk:
        raise Refused(
            f"cannot make disks of machine {spec.name!r} smaller: {', '.join(shrunk)}",
            why="a disk that shrinks loses what lies at its end",
            fix="set the sizes to at least what they are, or destroy the machine and create it anew",
        )


def current_to_data(current: MachineCurrent) -> dict[str, Any]:
    """Return plain data that `Qemu.parse` reads back to an equal value."""
    return {
        "state": str(current.state),
        "spec": current.spec.to_data() if current.spec else None,
        "image_key": current.image_key,
        "accelerator": current.accelerator,
        "pid": current.pid,
        "ssh_port": current.ssh_port,
        "foreign": current.foreign,
    }


def _current(row: Mapping[str, Any]) -> MachineCurrent:
    return MachineCurrent(
        state=State(row["state"]),
        spec=Machine.parse(row["spec"]) if row["spec"] else None,
        image_key=row["image_key"],
        accelerator=row["accelerator"],
        pid=row["pid"],
        ssh_port=row["ssh_port"],
        foreign=row["foreign"],
    )


def _differences(spec: Machine, there: Machine) -> list[str]:
    wanted, found = settled(spec, there).to_data(), there.to_data()
    return [field for field in wanted if wanted[field] != found[field]]
