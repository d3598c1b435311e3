"""Ways into a workspace: a shell, a command, files."""

from __future__ import annotations

import re
import sys

import click

from rockpool.cli.reach import named
from rockpool.cli.workspace.noun import group

_INSIDE = re.compile(r"(?P<name>[a-z][a-z0-9-]*):(?P<path>.*)", re.DOTALL)


@group.command()
@named
def ssh(name: str) -> None:
    """Open a shell in a workspace."""
    from rockpool.execute import workspaces

    _become(name, workspaces.SHELL, terminal=True)


@group.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@named
@click.argument("argv", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(name: str, argv: tuple[str, ...]) -> None:
    """Run a command in a workspace, word for word, and end with its exit code: `exec NAME -- ARGV`."""
    words = argv[1:] if argv[0] == "--" else argv
    _become(name, words, terminal=sys.stdin.isatty() and sys.stdout.isatty())


@group.command()
@click.argument("source")
@click.argument("target")
def cp(source: str, target: str) -> None:
    """Copy a file or directory into a workspace or out of it; NAME:PATH is inside, from its home on."""
    from pathlib import Path

    from rockpool.execute import copying

    into, out_of = _INSIDE.fullmatch(target), _INSIDE.fullmatch(source)
    if bool(into) == bool(out_of):
        raise click.UsageError("one of both has to be inside: NAME:PATH. A path of this host with a colon: ./a:b")
    if into:
        _ready(into["name"])
        copying.send(Path(source), into["name"], into["path"])
    elif out_of:
        _ready(out_of["name"])
        copying.fetch(out_of["name"], out_of["path"], Path(target), lambda line: click.echo(line, err=True))


def _become(name: str, argv: tuple[str, ...], *, terminal: bool) -> None:
    import os

    from rockpool.execute import workspaces

    _ready(name)
    command = workspaces.enter(name, argv, terminal=terminal)
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606  # it takes the terminal and the exit code


def _ready(name: str) -> None:
    """Raise NotFound or Conflict when nothing can run in it. Without an API that says so, the runtime itself will."""
    from rockpool.cli import reach
    from rockpool.errors import Conflict, HostNotReady

    try:
        found = reach.client().workspace(name)
    except HostNotReady:
        return
    if found.status != "running":
        fix = f"rockpool workspace start {name}"
        raise Conflict(f"{name} does not run", why=found.reason or f"it is {found.status}", fix=fix)
