"""A command of this machine whose progress is told while it runs, and which ends when nobody wants it any more."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable

from rockpool.errors import DeadlinePassed, HostNotReady, StepFailed
from rockpool.step import Argv

TICK = 0.5
"""Seconds between two looks at its progress."""

_BREAK = re.compile(rb"[\r\n]+")  # git draws over its line with \r
_LONGEST = 200


class Gone(Exception):
    """It was ended because nobody wants it any more."""


def run(argv: Argv, *, stdin: str | None, seconds: float, tell: Callable[[str], None], gone: Callable[[], bool]) -> str:
    """Run a command and return its stdout; every half second, the newest line on its stderr is told.

    Raises HostNotReady when there is no such command, StepFailed with the end of its output, DeadlinePassed, and Gone.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except FileNotFoundError as error:
        raise HostNotReady(f"cannot run {argv[0]}", why="it is not installed", fix=f"install {argv[0]}") from error
    with process:
        try:
            stdout, stderr = _followed(process, stdin, seconds, tell, gone)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with its children
            raise
    if process.returncode:
        raise StepFailed(f"{shlex.join(argv[:2])} … exited {process.returncode}", why=_tail(stderr or stdout))
    return stdout.decode(errors="replace")


def _followed(
    process: subprocess.Popen[bytes],
    stdin: str | None,
    seconds: float,
    tell: Callable[[str], None],
    gone: Callable[[], bool],
) -> tuple[bytes, bytes]:
    deadline, told = time.monotonic() + seconds, b""
    given = None if stdin is None else stdin.encode()
    while True:
        try:
            return process.communicate(given, timeout=TICK)
        except subprocess.TimeoutExpired as now:
            given = None  # what is left of it goes on being sent
            if gone():
                raise Gone from None
            if time.monotonic() > deadline:
                raise DeadlinePassed(f"gave up after {seconds:g} s", why="it did not end in time") from None
            if (newest := _newest(now.stderr or b"")) and newest != told:
                tell(newest.decode(errors="replace")[:_LONGEST])
                told = newest


def _newest(output: bytes) -> bytes:
    """Return the last whole line."""
    lines = _BREAK.split(output)[:-1]
    return next((line for line in reversed(lines) if line.strip()), b"")


def _tail(output: bytes) -> str:
    lines = [line for line in _BREAK.split(output.strip()) if line.strip()]
    return b"\n".join(lines[-15:]).decode(errors="replace")
