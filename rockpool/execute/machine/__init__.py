"""Machines on this host's QEMU: the verbs behind `rockpool machine`, each idempotent, each locked per machine."""

from rockpool.execute.machine.boot import start
from rockpool.execute.machine.directory import existing, whole
from rockpool.execute.machine.keys import SshAddress, ssh_address
from rockpool.execute.machine.lifecycle import create, destroy, rebuild, update
from rockpool.execute.machine.listing import current, survey
from rockpool.execute.machine.ready import await_ready, ssh_command
from rockpool.execute.machine.shutdown import stop
from rockpool.execute.machine.status import describe, lines
from rockpool.runtimes.qemu_command import Launch

__all__ = [
    "Launch",
    "SshAddress",
    "await_ready",
    "create",
    "current",
    "describe",
    "destroy",
    "existing",
    "lines",
    "rebuild",
    "ssh_address",
    "ssh_command",
    "start",
    "stop",
    "survey",
    "update",
    "whole",
]
