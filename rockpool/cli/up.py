"""`rockpool up` and `rockpool down`: everything, in one command."""

from __future__ import annotations

import click


@click.command()
def up() -> None:
    """Make everything: images, root VM, services, first workspace. Again, it mends what differs."""
    from rockpool.execute import deploy, home, lock, preflight, pyinfra_words, report, settings
    from rockpool.execute.progress import stage

    spec = settings.machine()
    with lock.hold(home.locks() / f"up-{spec.name}", f"bring {spec.name} up"):
        # The deploy takes this lock itself; whoever holds it now is told before anything begins.
        with lock.hold(home.locks() / f"deploy-{spec.name}", f"deploy to {spec.name}"):
            preflight.check(spec)
        with stage("up"):
            done = deploy.run("-y", tell=_say)
            deploy.refuse_failure(done)
    changed = pyinfra_words.totals(done.stdout)["success"]
    report.deployed(spec.name, changes=changed, seconds=done.seconds)
    _say(f"  {changed} operations changed something" if changed else "  nothing had to be changed")
    click.echo(welcome(first_url(settings.base_urls(spec)["app"])))


@click.command()
def down() -> None:
    """Stop workspaces, queue, web server and the root VM, in that order. Nothing is lost."""
    from rockpool.execute import machine, settings
    from rockpool.execute.progress import stage

    name = settings.machine().name
    if name not in machine.survey():
        click.echo("nothing is running")
        return
    # The guest's own shutdown keeps the order: its units say what ends before what.
    with stage(f"shut {name} down: workspaces, services, then the machine"):
        told = machine.stop(name)
    click.echo(f"{name}: {told}")


def _say(line: str) -> None:
    click.echo(line, err=True)


def first_url(door: str) -> str:
    """Return the URL of the oldest workspace; that of the door when there is none, or none can be asked for."""
    from rockpool.cli import reach
    from rockpool.errors import RockpoolError

    try:
        with reach.client() as api:
            return next((workspace.url for workspace in api.workspaces()), f"{door}/")
    except RockpoolError as error:
        _say(str(error))
        return f"{door}/"


def welcome(url: str) -> str:
    """Return what a person needs to know to go on."""
    return f"Your IDE:  {url}\nUser:      admin\nPassword:  invoke host.credentials shows it"
