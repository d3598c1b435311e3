"""`rockpool vm`: the root VM, or another machine by `--name`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import click

named: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--name", default="root", show_default=True, help="Which machine."
)


@click.group("vm")
def group() -> None:
    """Start, stop and look at the root VM."""


@group.command()
@named
@click.option("--seconds", default=600.0, show_default=True, help="How long to wait until a login works.")
def start(name: str, seconds: float) -> None:
    """Boot it and wait until a login works."""
    from rockpool.execute import machine
    from rockpool.execute.progress import stage

    machine.start(name)
    with stage(f"boot {name}"):
        machine.await_ready(name, seconds, lambda told: click.echo(f"    {told}", err=True))


@group.command()
@named
def stop(name: str) -> None:
    """Shut it down; when that takes too long, switch it off."""
    from rockpool.execute import machine

    click.echo(f"{name}: {machine.stop(name)}")


@group.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@named
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def ssh(name: str, command: tuple[str, ...]) -> None:
    """Log in as root, or run COMMAND as ssh would; ends with its exit code."""
    from rockpool.execute import machine

    found, _ = machine.whole(name)
    argv = machine.ssh_command(found, *command)
    sys.stdout.flush()
    os.execvp(argv[0], argv)  # noqa: S606  # ssh takes the terminal and the exit code


@group.command()
@named
@click.option("--follow", is_flag=True, help="Go on until it stops.")
def logs(name: str, follow: bool) -> None:
    """Print what kernel and systemd wrote to its serial console since it was started."""
    from rockpool.execute import machine
    from rockpool.execute.machine import serial

    found = machine.existing(name)
    for data in serial.follow(found) if follow else (serial.read(found),):
        click.echo(data, nl=False)


@group.command()
@named
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(name: str, as_json: bool) -> None:
    """Say whether it runs, on which image, with which ports and disks."""
    from rockpool.execute import machine

    data = machine.describe(name)
    click.echo(json.dumps(data, indent=1) if as_json else "\n".join(machine.lines(data)))


@group.command()
@named
def rebuild(name: str) -> None:
    """Swap its system disk for the current image; state, workspaces and keys stay. Deploy afterwards: make up."""
    from rockpool.execute import machine

    click.echo(f"{name} is now on image {machine.rebuild(name)}; make up boots and configures it")


@group.command()
@named
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(name: str, yes: bool) -> None:
    """Delete it with its disks: all workspaces, all homes, all keys."""
    from rockpool.execute import machine

    if not yes:
        click.confirm(f"Delete machine {name} with all its workspaces and homes?", abort=True)
    machine.destroy(name)
    click.echo(f"{name} is gone")
