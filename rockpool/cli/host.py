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


@group.command()
@click.option("--inventory", default="inventories/local.py", show_default=True, help="Which machines to look at.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def drift(inventory: str, as_json: bool) -> None:
    """Say what the deploy would change now. Exit code 0: nothing; 2: something; 1: that cannot be told."""
    import json
    import sys

    from rockpool.execute import deploy, pyinfra_words, report, settings

    done = deploy.run("--dry", tell=lambda _: None, inventory=inventory)
    if done.code:
        click.echo("\n".join(("cannot tell what differs", *done.said, f"  {done.log} has everything")), err=True)
        sys.exit(1)
    changes = pyinfra_words.drift(done.stdout)
    report.drifted(settings.machine().name, [change.name for change in changes])
    if as_json:
        rows = [{"name": change.name, "hosts": list(change.hosts)} for change in changes]
        click.echo(json.dumps({"changes": rows, "traffic": deploy.traffic(done)}, indent=1))
    else:
        for change in changes:
            click.echo(f"{', '.join(change.hosts)}: {change.name}")
        click.echo(f"{len(changes)} operations would change something" if changes else "nothing differs")
    sys.exit(2 if changes else 0)


@group.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def verify(pytest_arguments: tuple[str, ...]) -> None:
    """Test the running root VM from the outside and from within; what follows `--` goes to pytest."""
    import os
    import subprocess
    import sys

    from rockpool.current import State
    from rockpool.errors import HostNotReady
    from rockpool.execute import deploy, machine

    name = os.environ.get("ROCKPOOL_MACHINE", "root")
    there = machine.survey().get(name)
    if there is None or there.state is not State.RUNNING:
        raise HostNotReady(f"cannot verify machine {name!r}", why="it does not run", fix="invoke vm.start, or make up")
    argv = (sys.executable, "-m", "pytest", "-q", "-m", "vm", "tests/machines", *pytest_arguments)
    env = {**os.environ, "ROCKPOOL_MACHINE": name}
    sys.exit(subprocess.run(argv, cwd=deploy.ROOT, env=env, check=False).returncode)
