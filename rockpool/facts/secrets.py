"""Secrets of the host, as pyinfra facts: whether they are there, never what they are."""

from __future__ import annotations

import json

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.program import PROGRAM
from rockpool.facts.script import argv


class AdminExists(FactBase[bool]):
    """Whether the password of the door has been made, and is whole."""

    default = bool

    def command(self) -> StringCommand:
        """Ask our own program on the host."""
        return argv(*PROGRAM, "host", "secrets", "--status")

    def process(self, output: list[str]) -> bool:
        """Read its JSON."""
        return bool(json.loads("\n".join(output))["admin"])
