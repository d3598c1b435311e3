"""The workspaces of a host, as their runtime surveys them."""

from __future__ import annotations

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script
from rockpool.runtimes.podman import Podman


class PodmanWorkspaces(FactBase[list[str]]):
    """The lines that the survey printed; none when nobody answers it, which is never the same as no workspaces."""

    default = list

    def requires_command(self, *_args: object, **_kwargs: object) -> str:
        """Need the program that surveys."""
        return Podman().survey.argv[0]

    def command(self) -> StringCommand:
        """Survey; a fault is told when an operation asks again."""
        return script("survey", *Podman().survey.argv)

    def process(self, output: list[str]) -> list[str]:
        """Keep the JSON as it is: the plan's core reads it."""
        return output
