"""Making, changing and ending: each is a wish, followed until it has come true."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from rockpool.cli.reach import named
from rockpool.cli.workspace.noun import group

if TYPE_CHECKING:
    from rockpool.client import Client, Workspace

Command = Callable[..., Any]

waits: Callable[[Command], Command] = click.option("--no-wait", is_flag=True, help="Only wish, and look later.")
as_data: Callable[[Command], Command] = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")


@group.command()
@click.argument("name", required=False)
@click.option("--repository", help="Cloned into the new home: an https, http, ssh or git URL, or user@host:path.")
@click.option("--branch", help="The branch or tag of it.")
@click.option("--image", help="A name of ours, or any OCI image that serves HTTP.")
@click.option("--cpus", help="Processors.")
@click.option("--memory", help="Memory, such as 4g; there is no swap beside it.")
@click.option("--disk", help="Disk for home and layer together, such as 16g.")
@click.option("--pids", help="Processes and threads.")
@click.option(
    "--env",
    multiple=True,
    metavar="K[=V]",
    help="A variable inside; K alone takes it from your environment, K=@FILE from a file, K=@- from stdin.",
)
@click.option("--port", help="Where the application of the image listens inside.")
@click.option("--expose", multiple=True, metavar="N[=LABEL]", help="A port that gets a URL of its own; five at most.")
@click.option("--no-sudo", is_flag=True, help="Run without any capability, for code that nobody vouches for.")
@click.option("--idle-timeout", help="Stop it after so long without use, such as 30m.")
@click.option("--home", metavar="ID", help="A kept home (home list), or copy/NAME of another workspace.")
@as_data
@waits
def create(name: str | None, as_json: bool, no_wait: bool, **given: Any) -> None:
    """Make a workspace, wait until it answers and print its URL. Without NAME it gets one."""
    from rockpool.cli import reach
    from rockpool.cli.workspace import spec
    from rockpool.errors import InputError

    wanted = _wanted(name, given)
    client = reach.client()
    try:
        wish = client.create(wanted)
    except InputError as error:
        raise spec.in_options(error) from error
    _end(client, wish, "create", as_json=as_json, no_wait=no_wait)


@group.command()
@named
@click.argument("copy", required=False)
@as_data
@waits
def clone(name: str, copy: str | None, as_json: bool, no_wait: bool) -> None:
    """Make a workspace COPY like NAME with a copy of its home, as it is at this moment."""
    from rockpool.cli import reach

    client = reach.client()
    _end(client, client.clone(name, copy or ""), "clone", as_json=as_json, no_wait=no_wait)


@group.command()
@named
@waits
def start(name: str, no_wait: bool) -> None:
    """Start a workspace that is stopped, or try again after an error."""
    _act(name, "start", "running", no_wait=no_wait)


@group.command()
@named
@waits
def stop(name: str, no_wait: bool) -> None:
    """Stop a workspace; home and layer stay."""
    _act(name, "stop", "stopped", no_wait=no_wait)


@group.command()
@named
@waits
def restart(name: str, no_wait: bool) -> None:
    """Stop a workspace and start it again."""
    _act(name, "restart", "", no_wait=no_wait)


@group.command()
@named
@click.option("--purge", is_flag=True, help="Delete its home too, at once and for good.")
@waits
def delete(name: str, purge: bool, no_wait: bool) -> None:
    """Delete a workspace. Its home is kept for 7 days, and a new one of that name does not get it unless asked."""
    from rockpool.cli import reach
    from rockpool.cli.wish import fulfil
    from rockpool.errors import NotFound

    client = reach.client()
    try:
        wish = client.delete(name, purge=purge)
    except NotFound:
        click.echo(f"there is no {name}")
        return
    if not no_wait:
        fulfil(client, wish, "delete")
        click.echo(f"{name} is deleted")


def _wanted(name: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for, in the API's words; what was not is left out."""
    import os

    from rockpool.cli.workspace import spec

    texts = ("repository", "branch", "image", "memory", "disk")
    wanted: dict[str, Any] = {key: given[key] for key in texts if given[key] is not None}
    wanted |= {key: spec.number(given[key]) for key in ("cpus", "pids", "port") if given[key] is not None}
    if name:
        wanted["name"] = name
    if given["idle_timeout"] is not None:
        wanted["idleTimeout"] = given["idle_timeout"]
    if given["home"]:
        wanted["home"] = spec.source(given["home"])
    if given["no_sudo"]:
        wanted["sudo"] = False
    if given["expose"]:
        wanted["ports"] = spec.exposed(given["expose"])
    if given["env"]:
        wanted["env"] = spec.variables(given["env"], os.environ, _read)
    return wanted


def _read(path: str) -> str:
    with click.open_file(path, encoding="utf-8") as file:
        return str(file.read())


def _act(name: str, verb: str, desired: str, *, no_wait: bool) -> None:
    """Ask for it; that somebody has asked already is no fault."""
    from rockpool.cli import reach
    from rockpool.errors import Conflict

    client = reach.client()
    try:
        wish = client.act(name, verb)
    except Conflict:
        wish = client.workspace(name)
        if wish.desired != desired or wish.status == "error":
            raise
    _end(client, wish, verb, as_json=False, no_wait=no_wait)


def _end(client: Client, wish: Workspace, act: str, *, as_json: bool, no_wait: bool) -> None:
    """Follow the wish, unless nobody waits, and print where it leads."""
    from rockpool.cli.table import data
    from rockpool.cli.wish import fulfil

    found = wish if no_wait else fulfil(client, wish, act)
    if found and as_json:
        click.echo(data(found.data))
    elif found:
        click.echo(found.url if found.desired == "running" else f"{found.name} is {found.status}")
