"""What the user's own machine has to offer."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class ToolState:
    """`tools` has the major version of each tool that is there, 0 where nobody asked for it."""

    distribution: str = ""
    codename: str = ""
    is_root: bool = False
    tools: dict[str, int] = field(default_factory=dict)


class Tools(FactBase[ToolState]):
    """Which of `tools` this machine has."""

    @staticmethod
    def default() -> ToolState:
        """Return what is told of a machine that says nothing."""
        return ToolState()

    def command(self, tools: tuple[str, ...]) -> StringCommand:
        """Ask for all of them at once."""
        return script("host_tools", *tools)

    def process(self, output: list[str]) -> ToolState:
        """Read its lines: a key and words."""
        rows = [line.split() for line in output]
        said = {row[0]: row[1] for row in rows if len(row) > 1 and row[0] != "tool"}
        return ToolState(
            distribution=said.get("id", ""),
            codename=said.get("codename", ""),
            is_root=said.get("uid") == "0",
            tools={row[1]: int(row[2]) if len(row) > 2 else 0 for row in rows if row[0] == "tool"},
        )
