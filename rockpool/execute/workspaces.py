"""Workspaces of a machine, driven from its host: the worker's steps, each over one shared ssh connection."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rockpool.current import WorkspaceCurrent
from rockpool.errors import DeadlinePassed, StepFailed
from rockpool.execute import machine, process
from rockpool.execute.machine.until import until
from rockpool.runtimes.podman import Podman
from rockpool.step import Argv, Run, Steps, Wait, Write

Tell = Callable[[str], None]

_SLACK = 30
"""Seconds that ssh may take beyond a step's own."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One ssh connection to a machine, in which each command is a channel."""

    name: str
    control: Path

    def run(self, argv: Argv, *, seconds: float, stdin: str | None = None) -> str:
        """Run a command inside and return its stdout. Raises StepFailed, DeadlinePassed."""
        found, _ = machine.whole(self.name)
        shared = ("-o", "ControlMaster=auto", "-o", f"ControlPath={self.control}", "-o", "ControlPersist=60")
        ssh, *rest = machine.ssh_command(found, shlex.join(argv))
        return process.run((ssh, *shared, *rest), stdin=stdin, seconds=seconds + _SLACK)


@contextmanager
def session(name: str) -> Iterator[Session]:
    """Share a connection to machine `name` while the block runs."""
    with tempfile.TemporaryDirectory(prefix="rp") as directory:  # short: a socket's path may have 107 bytes
        opened = Session(name=name, control=Path(directory) / "c")
        try:
            yield opened
        finally:
            found, _ = machine.whole(name)
            ssh, *rest = machine.ssh_command(found)
            if opened.control.exists():
                process.run((ssh, "-o", f"ControlPath={opened.control}", "-O", "exit", *rest), seconds=20)


def survey(inside: Session) -> tuple[Podman, dict[str, WorkspaceCurrent]]:
    """Return the runtime that knows whose homes are there, and the workspaces by name."""
    step = Podman().survey
    stdout = inside.run(step.argv, seconds=step.seconds)
    runtime = Podman().surveyed(stdout)
    return runtime, runtime.parse(stdout)


def carry_out(steps: Steps, inside: Session, tell: Tell) -> None:
    """Do each step in turn, and tell its `why` and how long it took. The first that fails ends it with StepFailed."""
    for step in steps:
        begin = time.monotonic()
        tell(f"  {step.why} …")
        _do(step, inside)
        tell(f"  {step.why}: {time.monotonic() - begin:.1f} s")


def _do(step: Run | Wait | Write, inside: Session) -> None:
    if isinstance(step, Write):
        raise TypeError("a workspace's plan writes no files")
    if isinstance(step, Wait):
        _wait(step, inside)
        return
    stdin = step.stdin if step.stdin is None or isinstance(step.stdin, str) else step.stdin.reveal()
    try:
        inside.run(step.argv, seconds=step.seconds, stdin=stdin)
    except StepFailed as error:
        if step.required:
            raise StepFailed(f"cannot {step.why}", why=error.why, fix=error.fix or step.fix) from error


def _wait(step: Wait, inside: Session) -> None:
    told = ""
    for left in until(step.seconds, 0.2):
        try:
            inside.run(step.argv, seconds=left)
        except StepFailed as error:
            told = error.why
        else:
            return
    raise DeadlinePassed(f"gave up after {step.seconds:g} s: {step.why}", why=told)
