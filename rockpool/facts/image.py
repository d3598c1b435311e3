"""Images on the host, as pyinfra facts."""

from __future__ import annotations

import json

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.program import PROGRAM
from rockpool.facts.script import argv


class Images(FactBase[dict[str, str]]):
    """Everything that this source builds: `ready`, `absent` or `damaged` by name."""

    default = dict

    def command(self) -> StringCommand:
        """Ask our own program on the host."""
        return argv(*PROGRAM, "image", "status", "--json")

    def process(self, output: list[str]) -> dict[str, str]:
        """Read its JSON."""
        return {name: row["state"] for name, row in json.loads("\n".join(output)).items()}
