"""Which releases of the control plane a machine has."""

from __future__ import annotations

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script

UPLOADS = "/var/cache/rockpool-releases"


class Releases(FactBase[tuple[str, ...]]):
    """The names of those that are whole, the latest first."""

    default = tuple

    def command(self, directory: str) -> StringCommand:
        """List them."""
        return script("releases", directory)

    def process(self, output: list[str]) -> tuple[str, ...]:
        """Read a name a line."""
        return tuple(line for line in output if line)
