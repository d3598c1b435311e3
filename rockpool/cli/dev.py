"""`rockpool dev`: working on Rockpool itself."""

from __future__ import annotations

from contextlib import suppress

import click


@click.group("dev", invoke_without_command=True)
@click.pass_context
def group(context: click.Context) -> None:
    """Work on Rockpool itself. Without a command: `serve`."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


@group.command()
@click.option("--port", type=int, default=8180, show_default=True, help="The first of four ports of loopback.")
def serve(port: int) -> None:
    """Serve API and pages from this source until Ctrl-C, over workspaces that are only remembered: no machine."""
    import signal

    from rockpool.execute import home
    from rockpool.web import dev

    for sign in (signal.SIGTERM, signal.SIGHUP):  # or Caddy would go on without it
        signal.signal(sign, signal.default_int_handler)
    with suppress(KeyboardInterrupt):  # the way to end it
        dev.run(home.make(home.home() / "dev"), lambda line: click.echo(line, err=True), first_port=port)


@group.command()
@click.option("--machine", default="root", show_default=True, help="The machine that runs the control plane.")
def watch(machine: str) -> None:
    """Run this source in the root VM, each change at once, until Ctrl-C; then the deployed release again."""
    from rockpool.execute import watch as loop

    click.echo("The control plane runs this source until Ctrl-C.", err=True)
    try:
        loop.follow(machine, loop.changes(), lambda line: click.echo(line, err=True))
    except KeyboardInterrupt:
        click.echo("The deployed release runs again.", err=True)
