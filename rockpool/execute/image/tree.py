"""Debian trees: made by mmdebstrap, entered with a root, a pid and a mount namespace of their own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rockpool.errors import StepFailed
from rockpool.execute import process
from rockpool.execute.image.client import Client
from rockpool.execute.image.pins import SOURCES
from rockpool.step import Argv

MINUTE = 60
ALONE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
"""Runs a command in namespaces of its own. They end with us, however we end: no process and no mount stays behind."""


def make(
    target: Path, suite: str, packages: Iterable[str], client: Client, log: Path, *, variant: str = "minbase"
) -> None:
    """Make a minimal Debian with these packages: a directory, or a tar archive when `target` ends in `.tar`.

    With the variant `extract` it has the files of these packages and nothing else.
    """
    argv: Argv = (*ALONE, "--mount-proc", "mmdebstrap", "--mode=root", f"--variant={variant}")
    argv += tuple(f"--aptopt={option}" for option in client.apt_options)
    argv += (f"--format={'tar' if target.suffix == '.tar' else 'directory'}", f"--include={','.join(packages)}")
    argv += (suite, str(target)) + (("-",) if client.apt_sources else ())
    try:
        process.run(argv, stdin=client.apt_sources or None, seconds=30 * MINUTE, log=log)
    except StepFailed as error:
        raise StepFailed(
            f"cannot make a Debian {suite} tree",
            why=error.why,
            fix=f"see that `apt-get update` works on this machine (its sources and network are used), then {log}",
        ) from error


def run(tree: Path, scratch: Path, argv: Argv, log: Path, *, minutes: float = 30) -> None:
    """Run a command inside a tree as root, with a clean environment; `scratch` is its /scratch."""
    clean = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")
    enter = (str(SOURCES / "enter.sh"), str(tree), str(scratch))
    process.run((*ALONE, *enter, *clean, *argv), seconds=minutes * MINUTE, log=log)
