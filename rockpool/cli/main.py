"""The `rockpool` program: one group a noun, each in a file of its own that is loaded when it is asked for."""

from __future__ import annotations

import importlib
import sys

import click

from rockpool.errors import RockpoolError

NOUNS = ("control", "dev", "home", "host", "image", "machine", "queue", "vm", "workspace")
"""Groups, each `rockpool.cli.NOUN:group`."""

ACTS = {
    "up": "up",
    "down": "up",
    "status": "status",
    "check": "check",
    "test": "check",
    "proof": "check",
    "completion": "completion",
}
"""Commands without a noun, by the module that defines them."""


class Program(click.Group):
    """Finds its commands by name, so that a command loads what it needs and nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click passes it
        """Name every group and command."""
        return sorted((*NOUNS, *ACTS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click passes it
        """Load one of them, or return None."""
        if cmd_name in NOUNS:
            module, attribute = cmd_name, "group"
        elif cmd_name in ACTS:
            module, attribute = ACTS[cmd_name], cmd_name
        else:
            return None
        command: click.Command = getattr(importlib.import_module(f"rockpool.cli.{module}"), attribute)
        return command


program = Program(name="rockpool", help="A private cloud IDE on one machine.", no_args_is_help=True)


def main() -> None:
    """Run the program: a fault of ours is told in three lines and ends with the exit code of its kind."""
    try:
        program()
    except RockpoolError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
