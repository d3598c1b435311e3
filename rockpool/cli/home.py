"""`rockpool home`: homes of workspaces that were deleted, kept for 7 days."""

from __future__ import annotations

import click

from rockpool.cli.workspace.make import as_data


@click.group("home")
def group() -> None:
    """Look at kept homes, and purge them before their time."""


@group.command("list")
@as_data
def list_(as_json: bool) -> None:
    """List the homes that were kept; `workspace create --home ID` gives one to a new workspace."""
    from rockpool.cli import reach
    from rockpool.cli.table import data, table

    found = reach.client().homes()
    if as_json:
        click.echo(data([home.data for home in found]))
        return
    rows = [(home.id, home.workspace, home.size, home.kept, home.until) for home in found]
    click.echo(table(("ID", "WORKSPACE", "SIZE", "KEPT", "UNTIL"), rows) if rows else "no homes are kept")


@group.command()
@click.argument("home_id", metavar="ID")
def purge(home_id: str) -> None:
    """Delete a kept home now, for good."""
    from rockpool.cli import reach

    reach.client().purge(home_id)
    click.echo(f"{home_id} goes now")
