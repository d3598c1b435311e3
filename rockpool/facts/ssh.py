"""The way in, as sshd itself tells it."""

from __future__ import annotations

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


class SshPorts(FactBase[list[int]]):
    """The TCP ports of sshd, that of our own connection among them; none for a machine that is not there yet."""

    default = list

    def command(self) -> StringCommand:
        """Ask sshd, which tells only root."""
        return script("ssh_ports")

    def process(self, output: list[str]) -> list[int]:
        """Read a number a line."""
        return sorted({int(line) for line in output if line.strip()})
