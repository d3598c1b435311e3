"""`rockpool status`: how everything is, one line a part."""

from __future__ import annotations

import sys

import click

from rockpool.cli.workspace.make import as_data


@click.command()
@as_data
def status(as_json: bool) -> None:
    """Say how each part of the root VM is, one line each. Exit code 1 when one is not well."""
    from rockpool.cli import reach
    from rockpool.cli.table import data, table

    found = reach.client().status()
    if as_json:
        click.echo(data([part.data for part in found]))
    else:
        rows = [(part.name, part.state, part.version, part.detail) for part in found]
        click.echo(table(("PART", "STATE", "VERSION", "DETAIL"), rows))
    if any(part.state != "ok" for part in found):
        sys.exit(1)
