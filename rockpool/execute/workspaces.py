"""Ways into a workspace: from this host by ssh to its root VM, inside the root VM directly."""

from __future__ import annotations

import shlex
from pathlib import Path

from rockpool import names
from rockpool.errors import Fault, InputError
from rockpool.execute import machine, settings
from rockpool.runtimes.podman import Podman
from rockpool.spec import Workspace
from rockpool.step import Argv

SHELL: Argv = ("sh", "-c", "command -v bash >/dev/null && exec bash -l; exec sh -l")
"""A login shell of any image; both know `-l`."""


def enter(name: str, argv: Argv, *, terminal: bool = False) -> Argv:
    """Return the command that runs `argv` in workspace `name`, word for word, and ends as it ends.

    With `terminal` it gets one. Raises InputError for a name or word that no command can have, and what `machine.whole`
    raises.
    """
    words = _inside(name, argv, terminal=terminal)
    if Path(names.PODMAN_SOCKET).exists():
        return words
    root, _ = machine.whole(settings.machine().name)
    ssh, *options = machine.ssh_command(root, shell_text(words))
    # ssh takes its options before the host, and without a terminal it must not ask for one.
    return (ssh, "-t" if terminal else "-T", *options)


def shell_text(argv: Argv) -> str:
    """Return a text that any POSIX shell splits into exactly these words: what ssh gives to the other side."""
    return shlex.join(argv)


def _inside(name: str, argv: Argv, *, terminal: bool) -> Argv:
    faults = []
    if not names.WORKSPACE_NAME.fullmatch(name):
        faults.append(Fault(field="NAME", message=names.NAME_RULE))
    if any("\0" in word for word in argv):
        faults.append(Fault(field="ARGV", message="must hold no zero bytes"))
    if faults:
        raise InputError("the command", faults)
    *podman, container = Podman().enter(Workspace(name=name))
    # TERM without a value is the one that ssh has brought along.
    seat = ("--tty", "--env=TERM") if terminal else ()
    return (*podman, "--interactive", *seat, container, *argv)
