"""`rockpool host`: this deploy as a whole: its credentials, whether it is as wanted, whether it works."""

from __future__ import annotations

import click


@click.group(name="host")
def group() -> None:
    """The deploy on this host."""


@group.command()
def credentials() -> None:
    """Print USER:PASSWORD of the door, for scripts."""
    from rockpool.execute import secrets

    admin = secrets.admin()
    click.echo(f"{admin.user}:{admin.password.reveal()}")


@group.command(hidden=True)
@click.option("--status", is_flag=True, help="Only say, as JSON, whether they are there and whole.")
def secrets(status: bool) -> None:
    """Make the secrets of this host that are missing; none is ever changed."""
    import json

    from rockpool.errors import NotFound
    from rockpool.execute import secrets as kept

    if not status:
        kept.make()
        return
    try:
        kept.admin()
    except NotFound:
        click.echo(json.dumps({"admin": False}))
    else:
        click.echo(json.dumps({"admin": True}))
