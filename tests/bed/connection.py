"""One ssh connection to a machine for all that tests ask it.

On an emulated processor a login takes a second, and a command by a connection that is there a twentieth of that.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

from rockpool.execute import machine
from rockpool.execute.machine.directory import Directory
from rockpool.step import Argv

IDLE_SECONDS = 60
"""How long an unused connection stays. It ends with its machine in any case."""


def shared(found: Directory) -> Argv:
    """Return the ssh command line to a machine, by the connection that is there or a new one that stays."""
    return _line(found, "-o", "ControlMaster=auto", "-o", f"ControlPersist={IDLE_SECONDS}")


def end(found: Directory) -> None:
    """End the connection, if there is one: nobody may be logged in while a machine is saved."""
    subprocess.run(_line(found, "-O", "exit"), capture_output=True, timeout=60, check=False)


def socket(found: Directory) -> Path:
    """Return the Unix socket of a machine's connection, which `ssh` makes."""
    return _place() / found.uuid[:8]


def _line(found: Directory, *options: str) -> Argv:
    ssh, *rest = machine.ssh_command(found)
    return (ssh, "-o", f"ControlPath={socket(found)}", *options, *rest)


@functools.cache
def _place() -> Path:
    # A socket's path may have 107 bytes, and homes of tests lie deep.
    place = Path(tempfile.mkdtemp(prefix="ssh-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place
