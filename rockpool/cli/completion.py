"""`rockpool completion`: what a shell needs to complete commands, options and workspaces."""

from __future__ import annotations

import click

PROGRAM = "rockpool"
VARIABLE = "_ROCKPOOL_COMPLETE"
"""Set by the scripts; click answers instead of running anything."""


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the script that completes `rockpool` in a shell; for bash: eval "$(rockpool completion bash)"."""
    from click.shell_completion import get_completion_class

    from rockpool.cli.main import program

    complete = get_completion_class(shell)
    if complete is None:
        raise click.UsageError(f"no completion for {shell}")
    source = complete(program, {}, PROGRAM, VARIABLE)
    click.echo(source.source_template % source.source_vars())
