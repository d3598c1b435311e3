"""`image`: what a machine boots, built here, and what workspaces are made from."""

from __future__ import annotations

import json
from pathlib import Path

import click

OWN = "workspace"
"""The one kind that a Containerfile may be given for."""


@click.group(name="image")
def group() -> None:
    """Images of machines and of workspaces, and our own packages."""


@group.command()
@click.argument("name", required=False)
@click.option(
    "--file", type=click.Path(path_type=Path), help="With `workspace`: build your own from this Containerfile."
)
@click.option("--tag", help="What workspaces call your own; by default, its directory's name.")
def build(name: str | None, file: Path | None, tag: str | None) -> None:
    """Build one image with all that it needs, or every one. What is there already is left alone.

    Your own workspace image is built in the running root VM, and `workspace create --image` takes it at once.
    """
    from rockpool.execute import image

    if file:
        _build_own(name, file, tag)
        return
    for built in image.build((name,) if name else image.MACHINES).values():
        click.echo(f"{built.name} {built.arch} {built.key} {built.path}")


def _build_own(name: str | None, file: Path, tag: str | None) -> None:
    from rockpool.errors import Fault, InputError
    from rockpool.execute.image import inside

    if name != OWN:
        raise InputError("the command", [Fault(field="NAME", message=f"must be {OWN} with --file, not {name!r}")])
    built = inside.build(file, tag or file.resolve().parent.name.lower(), _say)
    click.echo(f"{built} is there for workspaces: --image {built}")


@group.command(name="list")
@click.option("--check", is_flag=True, help="Compare hashes, not just sizes and times.")
def list_(check: bool) -> None:
    """List every image and package with its state, and the images in the running root VM with their use."""
    from rockpool.execute import image
    from rockpool.execute.image import inside

    for row in image.survey(thorough=check).values():
        click.echo(f"{row.name:<10} {row.arch:<6} {row.key}  {row.state:<8} {row.size / 2**20:>7.0f} MiB")
    if not inside.is_reachable():
        _say("the root VM does not run, so its images are not listed")
        return
    for found in inside.survey():
        used = "baked" if found.baked else f"{found.containers} used"
        click.echo(f"{' '.join(found.names) or '-'} {found.id} {used} {found.size / 2**20:.0f} MiB")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def status(as_json: bool) -> None:
    """Say which images are ready; `--json` for programs."""
    from rockpool.execute import image

    rows = {name: row.as_dict() for name, row in image.survey().items()}
    click.echo(json.dumps(rows) if as_json else "\n".join(f"{name} {row['state']}" for name, row in rows.items()))


@group.command()
def prune() -> None:
    """Remove what the present sources do not make, and in the running root VM the images that no workspace uses.

    A machine keeps its own link to what it boots from. Images that came with the root VM stay.
    """
    from rockpool.execute import image
    from rockpool.execute.image import inside

    for path in image.prune():
        click.echo(f"removed {path.name}")
    if not inside.is_reachable():
        _say("the root VM does not run, so its images stay")
        return
    for name in inside.prune():
        click.echo(f"removed {name} in the root VM")


def _say(line: str) -> None:
    click.echo(line, err=True)
