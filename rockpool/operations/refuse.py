"""How an operation says no: by a command that fails, because an exception would end the run for every host."""

from __future__ import annotations

from pyinfra.api.command import StringCommand

from rockpool.errors import RockpoolError
from rockpool.facts.script import script


def refuse(error: RockpoolError) -> StringCommand:
    """Return the command that prints what, why and fix on the host's error output and fails."""
    return script("refuse", str(error))
