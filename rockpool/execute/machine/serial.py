"""The serial log: what the kernel and systemd say from the first moment on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from rockpool.execute.machine import identity
from rockpool.execute.machine.directory import Directory

FILE = "serial.log"
FOLLOW_PAUSE = 0.3


def tail(machine: Directory, lines: int = 15) -> str:
    """Return the last lines of the present boot; empty when there are none."""
    text = read(machine).decode(errors="replace").replace("\r", "")
    return "\n".join(text.strip().splitlines()[-lines:])


def read(machine: Directory, offset: int = 0) -> bytes:
    """Return what was logged from an offset on. A link in its place is not followed: QEMU's account owns the file."""
    try:
        fd = os.open(machine.path / FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with open(fd, "rb") as file:  # noqa: PTH123  # opened without following links
        file.seek(offset)
        return file.read()


def begin(machine: Directory) -> None:
    """Put the previous boot's log aside, so that whatever is there now belongs to this boot."""
    with suppress(FileNotFoundError):
        (machine.path / FILE).replace(machine.path / f"{FILE}.1")


def follow(machine: Directory) -> Iterator[bytes]:
    """Yield what the log has and gets, across restarts, until the machine does not run."""
    offset = 0
    while True:
        running = identity.find(machine)  # asked before the last read, which then has everything
        size = _size(machine)
        offset = 0 if size < offset else offset
        if data := read(machine, offset):
            offset += len(data)
            yield data
        elif not running:
            return
        else:
            time.sleep(FOLLOW_PAUSE)


def _size(machine: Directory) -> int:
    try:
        return (machine.path / FILE).lstat().st_size
    except OSError:
        return 0
