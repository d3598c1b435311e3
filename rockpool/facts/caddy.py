"""What Caddy really runs."""

from __future__ import annotations

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


class LiveConfig(FactBase[str | None]):
    """The sha256 of the running configuration, as `rockpool.caddy.config.fingerprint` says it; None when none runs."""

    def command(self, socket: str) -> StringCommand:
        """Ask the admin API on its Unix socket."""
        return script("caddy_live", socket)

    def process(self, output: list[str]) -> str:
        """Read the line of sha256sum."""
        return output[0].split(" ", 1)[0]
