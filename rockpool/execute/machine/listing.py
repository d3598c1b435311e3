"""What machines there are, and how they are."""

from __future__ import annotations

from rockpool.current import MachineCurrent, State
from rockpool.errors import Damaged, InputError
from rockpool.execute.machine import accelerator, identity, keys
from rockpool.execute.machine.directory import Directory, all_directories
from rockpool.spec import Machine


def survey() -> dict[str, MachineCurrent]:
    """Return every machine of this home by name, and whatever else has a place of that name."""
    return {machine.name: current(machine) for machine in all_directories()}


def current(machine: Directory) -> MachineCurrent:
    """Return how one machine is. Unreadable files of ours make it incomplete, not the survey fail."""
    if machine.foreign:
        return MachineCurrent(state=State.STOPPED, foreign=machine.foreign)
    try:
        return _current(machine)
    except (Damaged, InputError):
        return MachineCurrent(state=State.INCOMPLETE, pid=identity.find(machine))


def _current(machine: Directory) -> MachineCurrent:
    pid, spec = identity.find(machine), machine.spec
    state = _state(machine, spec, pid)
    return MachineCurrent(
        state=state,
        spec=None if state is State.INCOMPLETE else spec,
        image_key=machine.image_key,
        accelerator=str(machine.json(accelerator.FILE).get("accelerator", "")),
        pid=pid,
        ssh_port=spec.ssh_port if spec else 0,
    )


def _state(machine: Directory, spec: Machine | None, pid: int) -> State:
    if pid and spec:
        # A start writes these anew, and this machine is not going to be started.
        return State.RUNNING if keys.has_client_files(machine, spec) else State.INCOMPLETE
    return State.INCOMPLETE if machine.missing else State.STOPPED
