"""What the control plane of a machine knows."""

from __future__ import annotations

import json
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


class ControlWorkspace(FactBase[dict[str, Any]]):
    """A workspace as the API tells it, its variables with values; empty when there is none or nobody answers."""

    default = dict

    def command(self, socket: str, workspace: str) -> StringCommand:
        """Ask the API on its Unix socket."""
        return script("control_workspace", socket, workspace)

    def process(self, output: list[str]) -> dict[str, Any]:
        """Read its answer."""
        told: dict[str, Any] | None = json.loads("\n".join(output) or "null")
        return told or {}
