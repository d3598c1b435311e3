"""Commands of this machine, run to their end with a deadline."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
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
    sink = log.open("ab") if log else None
    try:
        done = subprocess.run(
            argv,
            input=None if text is None else text.encode(),
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=sink or subprocess.PIPE,
            stderr=subprocess.STDOUT if sink else subprocess.PIPE,
            timeout=seconds,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError as error:
        raise HostNotReady(f"cannot run {argv[0]}", why="it is not installed", fix=f"install {argv[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise DeadlinePassed(
            f"gave up after {seconds:g} s: {shlex.join(argv)}", why="it did not end in time"
        ) from error
    finally:
        if sink:
            sink.close()
    if done.returncode:
        told = _tail(log.read_bytes()) if log else _tail(done.stderr or done.stdout)
        raise StepFailed(f"{shlex.join(argv)} exited {done.returncode}", why=told, fix=f"see {log}" if log else "")
    return "" if log else done.stdout.decode(errors="replace")


def _tail(output: bytes) -> str:
    return "\n".join(output.decode(errors="replace").strip().splitlines()[-15:])
