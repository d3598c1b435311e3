"""`rockpool workspace`: the workspaces of the root VM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

on: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--machine", default="root", show_default=True, help="The machine that carries them."
)


@click.group("workspace")
def group() -> None:
    """Make, list and delete workspaces."""


@group.command()
@click.argument("name")
@on
@click.option("--image", help="A name of ours, or any OCI image that serves HTTP.")
@click.option("--cpus", type=int, help="Processors.")
@click.option("--memory", help="Memory, such as 4g; there is no swap beside it.")
@click.option("--pids", type=int, help="Processes and threads.")
@click.option("--port", type=int, help="Where the application listens inside.")
@click.option("--no-sudo", is_flag=True, help="Run without any capability, for code that nobody vouches for.")
def create(name: str, machine: str, no_sudo: bool, **given: Any) -> None:
    """Make a workspace and wait until it answers. Again, it mends what differs."""
    from rockpool import plan
    from rockpool.execute import home, lock, settings, workspaces
    from rockpool.spec import Workspace

    values = {key: value for key, value in given.items() if value is not None}
    spec = Workspace.parse({"name": name, **values, "sudo": not no_sudo})
    alone = lock.hold(home.locks() / f"workspace-{machine}-{name}", f"make workspace {name}")
    with alone, workspaces.session(machine) as inside:
        runtime, there = workspaces.survey(inside)
        workspaces.carry_out(plan.present(spec, there.get(name), runtime), inside, _say)
    click.echo(f"{settings.base_urls(settings.machine(machine))['app']}/workspace/{name}/")


@group.command("list")
@on
def list_(machine: str) -> None:
    """List workspaces with their state and address."""
    from rockpool.execute import settings, workspaces

    with workspaces.session(machine) as inside:
        _, there = workspaces.survey(inside)
    app = settings.base_urls(settings.machine(machine))["app"]
    for name, current in sorted(there.items()):
        click.echo(f"{name:<24} {'foreign' if current.foreign else current.state:<11} {app}/workspace/{name}/")


@group.command()
@click.argument("name")
@on
def delete(name: str, machine: str) -> None:
    """Delete a workspace. Its home is set aside, and a new one of that name does not get it."""
    from rockpool import plan
    from rockpool.execute import home, lock, workspaces
    from rockpool.spec import Workspace

    spec = Workspace.parse({"name": name})
    alone = lock.hold(home.locks() / f"workspace-{machine}-{name}", f"delete workspace {name}")
    with alone, workspaces.session(machine) as inside:
        runtime, there = workspaces.survey(inside)
        steps = plan.absent(spec, there.get(name), runtime)
        workspaces.carry_out(steps, inside, _say)
    click.echo(f"{name} is deleted" if steps else f"there is no {name}")


def _say(line: str) -> None:
    click.echo(line, err=True)
