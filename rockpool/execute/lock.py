"""One at a time, held by the kernel: a killed holder frees its lock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rockpool.errors import Busy


@contextmanager
def hold(path: Path, doing: str, *, mode: int = 0o600) -> Iterator[None]:
    """Hold the lock file while the block runs. `doing` names the act for whoever comes second, who gets Busy."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(fd, 200, 0).decode(errors="replace").strip() or "another process"
            raise Busy(f"cannot {doing} now", why=f"{holder} holds {path}", fix="wait until it has finished") from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"process {os.getpid()} ({doing})\n".encode(), 0)
        yield
    finally:
        os.close(fd)
