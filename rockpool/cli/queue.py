"""`rockpool queue`: hints that nobody could read."""

from __future__ import annotations

import click

from rockpool.cli.workspace.make import as_data


@click.group("queue")
def group() -> None:
    """Look at dead letters, and put them back."""


@group.command()
@as_data
def dead(as_json: bool) -> None:
    """List the dead letters. No wish is lost with one: the worker finds every wish in the database."""
    from rockpool.cli import reach
    from rockpool.cli.table import data, table

    found = reach.client().jobs("dead")
    if as_json:
        click.echo(data([letter.data for letter in found]))
        return
    rows = [(letter.id, letter.at, letter.text) for letter in found]
    click.echo(table(("ID", "AT", "TEXT"), rows) if rows else "there are no dead letters")


@group.command()
def redrive() -> None:
    """Put every dead letter back into the queue."""
    from rockpool.cli import reach

    click.echo(f"{reach.client().redrive()} put back")
