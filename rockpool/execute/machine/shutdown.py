"""Stopping a machine: from inside first, then by its power, then by force."""

from __future__ import annotations

from contextlib import suppress

from rockpool.errors import DeadlinePassed, NotFound
from rockpool.execute.machine import identity, qmp
from rockpool.execute.machine.directory import Directory, directory
from rockpool.execute.machine.hold import hold

GUEST_SECONDS = 90
ASK_AGAIN_SECONDS = 5
QUIT_SECONDS = 10


def stop(name: str, *, seconds: float = GUEST_SECONDS) -> str:
    """Stop a machine and say how that went: `stopped already`, `shut down`, `powered off` or `killed`.

    The guest has `seconds` to shut down. Raises Refused for a machine that is not ours, Busy, DeadlinePassed.
    """
    machine = directory(name)
    with hold(name, "stop"):
        machine.refuse_foreign()
        return stop_held(machine, seconds=seconds)


def stop_held(machine: Directory, *, seconds: float = GUEST_SECONDS) -> str:
    """Stop a machine whose lock is held; with 0 seconds its power goes off at once."""
    pid = identity.find(machine)
    if not pid:
        return "stopped already"
    told = _stop(machine, pid, seconds)
    for file in ("pid", "qmp.sock"):
        (machine.path / file).unlink(missing_ok=True)
    return told


def _stop(machine: Directory, pid: int, seconds: float) -> str:
    uuid, left = machine.uuid, seconds
    while left > 0:
        # Asked again and again: a kernel that is still booting does not hear the first one.
        _ask(machine, "system_powerdown")
        if identity.wait_gone(pid, uuid, min(left, ASK_AGAIN_SECONDS)):
            return "shut down"
        left -= ASK_AGAIN_SECONDS
    _ask(machine, "quit")
    if identity.wait_gone(pid, uuid, QUIT_SECONDS):
        return "powered off"
    identity.kill(pid, uuid)
    if identity.wait_gone(pid, uuid, QUIT_SECONDS):
        return "killed"
    raise DeadlinePassed(f"cannot stop machine {machine.name!r}", why=f"process {pid} survived SIGKILL")


def _ask(machine: Directory, command: str) -> None:
    with suppress(NotFound, DeadlinePassed):  # whether QEMU heard shows by its end
        qmp.execute(machine.path, command, seconds=5)
