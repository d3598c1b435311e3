"""`rockpool dev`: working on Rockpool itself."""

from __future__ import annotations

import click


@click.group("dev")
def group() -> None:
    """Work on Rockpool itself."""


@group.command()
@click.option("--machine", default="root", show_default=True, help="The machine that runs the control plane.")
def watch(machine: str) -> None:
    """Run this source in the root VM, each change at once, until Ctrl-C; then the deployed release again."""
    from rockpool.execute import watch as loop

    click.echo("The control plane runs this source until Ctrl-C.", err=True)
    try:
        loop.follow(machine, loop.changes(), lambda line: click.echo(line, err=True))
    except KeyboardInterrupt:
        click.echo("The deployed release runs again.", err=True)
