"""Commands of this machine, run to their end with a deadline."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from rockpool.errors import DeadlinePassed, HostNotReady, StepFailed
from rockpool.secret import Secret
from rockpool.step import Argv


def run(
    argv: Argv,
    *,
    stdin: str | Secret | None = None,
    seconds: float = 60,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
) -> str:
    """Run a command and return its stdout. `env` adds to this process's own; with `log`, all output goes to that file.

    Raises HostNotReady when there is no such command, DeadlinePassed, and StepFailed with the end of its output.
    """
    text = stdin.reveal() if isinstance(stdin, Secret) else stdin
    with ExitStack() as stack:
        sink = stack.enter_context(log.open("ab")) if log else None
        try:
            process = stack.enter_context(
                subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
                    stdout=sink or subprocess.PIPE,
                    stderr=subprocess.STDOUT if sink else subprocess.PIPE,
                    env={**os.environ, **(env or {})},
                    cwd=cwd,
                    process_group=0,
                )
            )
        except FileNotFoundError as error:
            raise HostNotReady(f"cannot run {argv[0]}", why="it is not installed", fix=f"install {argv[0]}") from error
        stdout, stderr = _communicate(process, argv, text, seconds)
    if process.returncode:
        told = _tail(log.read_bytes()) if log else _tail(stderr or stdout)
        raise StepFailed(f"{shlex.join(argv)} exited {process.returncode}", why=told, fix=f"see {log}" if log else "")
    return "" if log else stdout.decode(errors="replace")


def _communicate(process: subprocess.Popen[bytes], argv: Argv, text: str | None, seconds: float) -> tuple[bytes, bytes]:
    """Wait for the end; past the deadline or on Ctrl-C the command's whole process group ends, so no child lingers."""
    try:
        return process.communicate(None if text is None else text.encode(), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        raise DeadlinePassed(
            f"gave up after {seconds:g} s: {shlex.join(argv)}", why="it did not end in time"
        ) from error
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def _tail(output: bytes) -> str:
    return "\n".join(output.decode(errors="replace").strip().splitlines()[-15:])
