"""`image`: what a machine boots, built here."""

from __future__ import annotations

import json

import click


@click.group(name="image")
def group() -> None:
    """Images of machines, and our own packages."""


@group.command()
@click.argument("name", required=False)
def build(name: str | None) -> None:
    """Build one image with all that it needs, or every one. What is there already is left alone."""
    from rockpool.execute import image

    for built in image.build((name,) if name else image.MACHINES).values():
        click.echo(f"{built.name} {built.arch} {built.key} {built.path}")


@group.command(name="list")
@click.option("--check", is_flag=True, help="Compare hashes, not just sizes and times.")
def list_(check: bool) -> None:
    """List every image and package with its state."""
    from rockpool.execute import image

    for row in image.survey(thorough=check).values():
        click.echo(f"{row.name:<10} {row.arch:<6} {row.key}  {row.state:<8} {row.size / 2**20:>7.0f} MiB")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def status(as_json: bool) -> None:
    """Say which images are ready; `--json` for programs."""
    from rockpool.execute import image

    rows = {name: row.as_dict() for name, row in image.survey().items()}
    click.echo(json.dumps(rows) if as_json else "\n".join(f"{name} {row['state']}" for name, row in rows.items()))


@group.command()
def prune() -> None:
    """Remove what the present sources do not make. A machine keeps its own link to what it boots from."""
    from rockpool.execute import image

    for path in image.prune():
        click.echo(f"removed {path.name}")
