"""Looking at workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rockpool.cli.reach import named
from rockpool.cli.workspace.make import as_data
from rockpool.cli.workspace.noun import group

if TYPE_CHECKING:
    from rockpool.client import Workspace


@group.command("list")
@click.option("--search", default="", help="Only those with this in name, image or repository.")
@click.option("--status", default="", help="Only those in this state, such as running or error.")
@as_data
def list_(search: str, status: str, as_json: bool) -> None:
    """List workspaces with their state and URL."""
    from rockpool.cli import reach
    from rockpool.cli.table import data, table

    found = list(reach.client().workspaces(search=search, status=status))
    if as_json:
        click.echo(data([workspace.data for workspace in found]))
        return
    rows = [(each.name, each.status, each.image, each.url, each.reason) for each in found]
    click.echo(table(("NAME", "STATE", "IMAGE", "URL", "REASON"), rows) if rows else "there are no workspaces")


@group.command()
@named
@click.option("--follow", is_flag=True, help="Follow what it is doing to its end, then show it.")
@click.option("--env", "values", is_flag=True, help="Show the values of its variables too: they may be secrets.")
@as_data
def show(name: str, follow: bool, values: bool, as_json: bool) -> None:
    """Show everything about a workspace."""
    from rockpool.cli import reach
    from rockpool.cli.table import data, pairs
    from rockpool.cli.wish import fulfil

    client = reach.client()
    found: Workspace | None = client.workspace(name)
    if follow and found:
        found = fulfil(client, found, "follow")
    if not found:
        click.echo(f"{name} is deleted")
        return
    if values:
        found = client.workspace(name, values=True)
    click.echo(data(found.data) if as_json else pairs(_lines(found)))


@group.command()
@named
def plan(name: str) -> None:
    """Say what making a workspace as it is wished for would do now."""
    from rockpool.cli import reach

    steps = reach.client().plan(name)
    click.echo("\n".join(steps) or "nothing to do")


@group.command()
@named
@click.option("--tail", default=200, show_default=True, help="How many lines of the past.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
def logs(name: str, tail: int, follow: bool) -> None:
    """Print what a workspace's main process wrote."""
    import sys

    from rockpool.cli import reach
    from rockpool.cli.wish import STOPPED
    from rockpool.client.answers import plain

    with reach.client().logs(name, tail=tail, follow=follow) as lines:
        try:
            for line in lines:
                click.echo(plain(line) if sys.stdout.isatty() else line)
        except KeyboardInterrupt:  # the way to end it
            sys.exit(STOPPED)


@group.command("open")
@named
def open_(name: str) -> None:
    """Open a workspace in the browser of this computer, or print its URL where there is none."""
    from rockpool.cli import reach

    url = reach.client().workspace(name).url
    click.echo(url)
    if _has_browser():
        click.launch(url)


def _has_browser() -> bool:
    import os
    import sys

    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _lines(found: Workspace) -> list[tuple[str, str]]:
    from rockpool.client.answers import plain

    known = ("name", "status", "reason", "url")
    told = [(key, str(found.data.get(key) or "")) for key in known]
    others = [key for key in found.data if key not in (*known, "ports", "env", "generation", "observedGeneration")]
    told += [(key, _text(found.data[key])) for key in others]
    env = found.data.get("env") or {}
    told.append(("env", ", ".join(sorted(key for key, value in env.items() if value is None))))
    told += [(f"env {key}", plain(value)) for key, value in sorted(env.items()) if value is not None]
    told += [(f"port {port.port}", f"{port.url}  {port.label}".rstrip()) for port in found.ports]
    return told


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
