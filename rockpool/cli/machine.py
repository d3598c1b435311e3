"""`rockpool machine`: the verbs that plans consist of. People use `rockpool vm`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import Any

import click

from rockpool.errors import Fault, InputError
from rockpool.spec import Machine


@click.group("machine", hidden=True)
def group() -> None:
    """Verbs of machines on this host's QEMU, each safe to repeat."""


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known, as JSON.")
def status(as_json: bool) -> None:
    """Print every machine of this home."""
    from rockpool.execute import machine
    from rockpool.runtimes.qemu import current_to_data

    found = machine.survey()
    if as_json:
        click.echo(json.dumps({name: current_to_data(current) for name, current in found.items()}, sort_keys=True))
        return
    for name, current in found.items():
        click.echo(f"{name}  {current.foreign or current.state}")


@group.command()
def create() -> None:
    """Make, complete or change the machine whose spec is on stdin as JSON."""
    from rockpool.execute import machine

    machine.create(_spec())


@group.command()
def update() -> None:
    """Change the stopped machine whose spec is on stdin as JSON."""
    from rockpool.execute import machine

    machine.update(_spec())


@group.command()
@click.argument("name")
@click.option("--wait/--no-wait", default=True, help="Wait until a login works.")
@click.option("--seconds", default=600.0, show_default=True, help="How long to wait.")
def start(name: str, wait: bool, seconds: float) -> None:
    """Boot a machine."""
    from rockpool.execute import machine

    machine.start(name)
    if wait:
        machine.await_ready(name, seconds, lambda stage: click.echo(f"  {name}: {stage}", err=True))


@group.command()
@click.argument("name")
def stop(name: str) -> None:
    """Shut a machine down; when that takes too long, switch it off."""
    from rockpool.execute import machine

    click.echo(f"  {name}: {machine.stop(name)}", err=True)


@group.command()
@click.argument("name")
def destroy(name: str) -> None:
    """Delete a machine with its disks and keys."""
    from rockpool.execute import machine

    machine.destroy(name)


@group.command()
@click.argument("name")
def rebuild(name: str) -> None:
    """Stop a machine and swap its system disk for the current image."""
    from rockpool.execute import machine

    click.echo(f"  {name}: now on image {machine.rebuild(name)}", err=True)


@group.command()
@click.argument("name")
@click.argument("argv", nargs=-1, required=True, type=click.UNPROCESSED)
def enter(name: str, argv: tuple[str, ...]) -> None:
    """Run an argv as root inside a machine, word for word, and end as it ends."""
    from rockpool.execute import machine

    found, _ = machine.whole(name)
    command = machine.ssh_command(found, shlex.join(argv))
    os.execvp(command[0], command)  # noqa: S606


def _spec() -> Machine:
    try:
        data: Any = json.load(sys.stdin)
    except ValueError as error:
        raise InputError("the spec on stdin", [Fault(field="stdin", message=f"must be JSON: {error}")]) from error
    if not isinstance(data, dict):
        raise InputError("the spec on stdin", [Fault(field="stdin", message="must be a JSON object")])
    return Machine.parse(data)
