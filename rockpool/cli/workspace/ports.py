"""Forwarded ports: what listens inside gets a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rockpool.cli.reach import named
from rockpool.cli.workspace.make import as_data
from rockpool.cli.workspace.noun import group

if TYPE_CHECKING:
    from rockpool.client import Client


@group.command()
@named
@click.argument("act", required=False, default="list", type=click.Choice(("list", "add", "remove")))
@click.argument("number", required=False, metavar="[PORT]")
@click.option("--label", default="", help="What to call it.")
@as_data
def ports(name: str, act: str, number: str | None, label: str, as_json: bool) -> None:
    """List the ports of a workspace with their URLs, or `add PORT` or `remove PORT`."""
    from rockpool.cli import reach
    from rockpool.cli.table import data, table

    client = reach.client()
    if act != "list":
        _change(client, name, act, number, label)
    found = client.ports(name)
    if as_json:
        click.echo(data([port.data for port in found]))
    elif found:
        click.echo(table(("PORT", "URL", "LABEL"), [(str(port.port), port.url, port.label) for port in found]))
    else:
        click.echo(f"{name} has no ports")


def _change(client: Client, name: str, act: str, number: str | None, label: str) -> None:
    from rockpool.cli.wish import fulfil
    from rockpool.cli.workspace.spec import in_options
    from rockpool.errors import InputError

    if number is None or not number.isascii() or not number.isdecimal():
        raise click.UsageError(f"{act} which port? For example: rockpool workspace ports {name} {act} 5173")
    try:
        wish = client.add_port(name, int(number), label) if act == "add" else client.remove_port(name, int(number))
    except InputError as error:
        raise in_options(error, {"port": "PORT"}) from error
    if wish.status == "error":
        click.echo(f"{name} is not well: {wish.reason}; this happens once it is mended", err=True)
    else:
        fulfil(client, wish, "change")
