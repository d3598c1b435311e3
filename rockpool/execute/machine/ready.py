"""Waiting until a machine that boots can be worked in."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable

from rockpool.errors import DeadlinePassed, StepFailed
from rockpool.execute.machine import identity, qmp, serial
from rockpool.execute.machine.boot import STOPPED_BY_ACCELERATOR, stopped_by_itself
from rockpool.execute.machine.directory import Directory, whole
from rockpool.execute.machine.until import until
from rockpool.spec import Machine
from rockpool.step import Argv

Progress = Callable[[str], None]

READY_SECONDS = 600
PAUSE = 0.3


def await_ready(name: str, seconds: float = READY_SECONDS, progress: Progress = lambda _: None) -> None:
    """Wait until a command runs inside by ssh. `progress` gets each new stage in people's words.

    Raises DeadlinePassed, or StepFailed when QEMU has ended; both with the end of the serial log.
    """
    machine, spec = whole(name)
    told = ""
    for left in until(seconds, PAUSE):
        _refuse_stopped(machine)
        stage = _stage(machine, spec, left)
        if stage != told:
            progress(stage)
            told = stage
        if stage == READY:
            return
    raise DeadlinePassed(
        f"machine {name!r} is not ready after {seconds:g} s",
        why=f"it came as far as: {told}. The end of its log:\n{serial.tail(machine)}",
        fix="invoke vm.logs has more; a slow computer may just need longer: invoke vm.start waits again",
    )


def _refuse_stopped(machine: Directory) -> None:
    if not identity.find(machine):
        why = f"{stopped_by_itself(machine)}\n{serial.tail(machine)}".strip()
    elif qmp.status(machine.path) == STOPPED_BY_ACCELERATOR:
        why = f"the accelerator of this host failed\n{serial.tail(machine)}".strip()
    else:
        return
    raise StepFailed(
        f"machine {machine.name!r} has stopped while it booted",
        why=why,
        fix="invoke vm.logs has more; invoke vm.start tries again, without an accelerator that failed",
    )


KERNEL = "the kernel is booting"
SERVICES = "its services and network are starting"
LOGIN = "ssh answers, waiting for the login"
READY = "ready"


def _stage(machine: Directory, spec: Machine, left: float) -> str:
    if not _has_banner(spec.ssh_port, min(left, 3)):
        return SERVICES if b"systemd[1]" in serial.read(machine) else KERNEL
    return READY if _login_works(machine, left) else LOGIN


def _has_banner(port: int, seconds: float) -> bool:
    """Say whether an ssh server speaks: QEMU itself accepts the connection long before."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def ssh_command(machine: Directory, *arguments: str) -> Argv:
    """Return the ssh command line that logs in to a machine."""
    return ("ssh", "-F", str(machine.path / "ssh_config"), machine.name, *arguments)


def _login_works(machine: Directory, left: float) -> bool:
    argv = ssh_command(machine, "true")
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=min(left, 60), check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


__all__ = ["READY_SECONDS", "await_ready", "ssh_command"]
