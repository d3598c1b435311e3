"""Long commands on this very host that say what they are doing while they do it."""

from __future__ import annotations

import subprocess
from typing import Any

from pyinfra import logger
from pyinfra.api.command import FunctionCommand

from rockpool.step import Argv


def told(*argv: str) -> FunctionCommand:
    """Return a command whose lines are logged as they come. It ends when it ends: its own parts have deadlines."""
    return FunctionCommand(run_and_tell, (argv,), {})


def run_and_tell(state: Any, host: Any, argv: Argv) -> bool:  # noqa: ARG001  # pyinfra looks for these two names
    """Run it, log its output line by line, and say whether it succeeded."""
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        try:
            for line in process.stdout or ():
                host.log(line.rstrip("\n"), log_func=logger.info)
        except BaseException:
            process.terminate()
            raise
    return process.returncode == 0
