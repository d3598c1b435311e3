"""What every change has to pass: the steps of `invoke check`, run side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import RockpoolError
from rockpool.execute import process
from rockpool.execute.progress import stage
from rockpool.step import Run, Steps

_TOOLS = Path(sys.executable).parent

SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
"""What makes pytest run two files of tests at once: each lane has its own root VM, of the same images and deploy."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one step ended: its fault, or None; and the seconds it took."""

    step: Run
    seconds: float
    fault: RockpoolError | None


def unit_tests() -> Run:
    """Return the check that runs what needs no machine."""
    unit = "not vm and not image and not proof"
    return _tool("python", "-m", "pytest", "-q", "-n", "auto", "-m", unit, why="unit tests")


def static(root: Path) -> Steps:
    """Return the checks that only read a source tree; the longest first."""
    return (
        _tool("mypy", why="types"),
        _tool("lint-imports", why="layers"),
        _tool("ruff", "check", why="lint"),
        _tool("ruff", "format", "--check", "--quiet", why="format"),
        _tool("shellcheck", "--shell=sh", *_scripts(root, "sh"), why="shell scripts"),
        _tool("shellcheck", "--shell=bash", *_scripts(root, "bash"), why="bash scripts"),
    )


def run(wanted: Steps, root: Path) -> Iterator[Outcome]:
    """Run all of them side by side, as many as there are processors, and yield each when it has ended."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done in as_completed([pool.submit(_run, step, root) for step in wanted if isinstance(step, Run)]):
            yield done.result()


def prepare(root: Path) -> None:
    """Install what the tests of real machines need on this one. Raises StepFailed with why that is not possible."""
    with stage("prepare this machine for the tests"):
        argv = (str(_TOOLS / "python"), "-m", "pyinfra", "-y", "@local", "deploys/test_host.py")
        process.run(argv, seconds=1800, cwd=root)


def marked(marks: str, root: Path, arguments: Iterable[str], log: Path | None = None) -> int:
    """Run the tests with these marks in the foreground, and return pytest's exit code. `log` gets all output too."""
    argv = (str(_TOOLS / "python"), "-m", "pytest", "--no-header", "--durations=25", "-m", marks, *arguments)
    with ExitStack() as stack:
        file = stack.enter_context(log.open("w")) if log else None
        pytest = stack.enter_context(
            subprocess.Popen(argv, cwd=root, text=True, stdout=subprocess.PIPE if file else None)
        )
        for line in pytest.stdout or ():
            sys.stdout.write(line)
            if file:
                file.write(line)
    return pytest.returncode


def _run(step: Run, root: Path) -> Outcome:
    begin = time.monotonic()
    try:
        process.run(step.argv, seconds=step.seconds, cwd=root)
        fault = None
    except RockpoolError as error:
        fault = error
    return Outcome(step=step, seconds=time.monotonic() - begin, fault=fault)


def _tool(name: str, *arguments: str, why: str) -> Run:
    return Run(argv=(str(_TOOLS / name), *arguments), seconds=600, why=why)


def _scripts(root: Path, shell: str) -> Iterable[str]:
    """Return the tracked scripts of a shell. One without a first line that names another is for sh."""
    tracked = process.run(("git", "ls-files", "-z"), cwd=root).split("\0")
    return [path for path in tracked if path and _shell(root / path) == shell]


def _shell(path: Path) -> str:
    try:
        with path.open("rb") as file:
            first = file.readline(100)
    except OSError:  # deleted and not yet committed
        return ""
    words = first.removeprefix(b"#!").split() if first.startswith(b"#!") else []
    named = Path(words[-1].decode(errors="replace")).name if words else ""
    if named in ("sh", "bash"):
        return named
    return "sh" if path.suffix == ".sh" and not words else ""
