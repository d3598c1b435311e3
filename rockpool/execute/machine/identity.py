"""Which process is a machine's QEMU. A number alone proves nothing: it may have been given to another process."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from pathlib import Path

from rockpool.execute.machine.directory import Directory


def find(machine: Directory) -> int:
    """Return the pid of the machine's QEMU, 0 when it does not run. A stale or absent pid file does not matter."""
    if not (machine.path / "uuid").is_file():
        return 0
    uuid = machine.uuid
    noted = _noted(machine)
    if noted and is_machine(noted, uuid):
        return noted
    running = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return next((pid for pid in running if is_machine(pid, uuid)), 0)


def is_machine(pid: int, uuid: str) -> bool:
    """Say whether a process is a QEMU with this machine's uuid in its command line."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if uuid.encode() not in arguments:
            return False
        return Path(f"/proc/{pid}/exe").readlink().name.startswith("qemu")
    except OSError:
        return False


def wait_gone(pid: int, uuid: str, seconds: float) -> bool:
    """Wait until the machine's QEMU has ended; say whether it has."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return True
    try:
        # Asked after the descriptor is open: from here on the number cannot change hands unseen.
        return not is_machine(pid, uuid) or bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)


def kill(pid: int, uuid: str) -> None:
    """End the machine's QEMU at once, and nobody else who may have its number now."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return
    try:
        if is_machine(pid, uuid):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
    finally:
        os.close(fd)


def _noted(machine: Directory) -> int:
    try:
        return int((machine.path / "pid").read_text())
    except (OSError, ValueError):
        return 0
