"""`rockpool control`: the control plane of the root VM."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

on: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--machine", default="root", show_default=True, help="The machine that carries it."
)


@click.group("control")
def group() -> None:
    """Back up and restore what the control plane knows, homes included."""


@group.command()
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The archive; by default in ROCKPOOL_HOME.")
@on
def backup(to: Path | None, machine: str) -> None:
    """Copy the database and every home, and bring the copy to this host."""
    from rockpool.execute import backup as backups
    from rockpool.execute.progress import stage

    with stage("copy the database and every home"):
        made = backups.make(machine)
    with stage("bring the copy here"):
        path = backups.fetch(machine, made, to)
    click.echo(str(path))


@group.command()
@on
def backups(machine: str) -> None:
    """List the backups in the root VM. One is made every day."""
    from rockpool.execute import backup as found

    for one in found.there(machine):
        click.echo(f"{one.id}  {one.homes} homes")


@group.command()
@click.argument("source")
@on
def restore(source: str, machine: str) -> None:
    """Put a backup back: an archive on this host, or the id of one in the root VM.

    What is there now is backed up first and homes are set aside. What was installed outside of homes is lost.
    """
    from rockpool.execute import backup as found
    from rockpool.execute.progress import stage

    wanted = source
    if source not in {one.id for one in found.there(machine)}:
        with stage("carry the backup into the root VM"):
            wanted = found.bring(machine, Path(source))
    with stage(f"restore {wanted}"):
        found.restore(machine, wanted)
    click.echo(f"restored {wanted}")
