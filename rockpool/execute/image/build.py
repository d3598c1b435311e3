"""Builds images: each thing waits for what it needs, and independent ones run side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rockpool.errors import Fault, InputError
from rockpool.execute import home
from rockpool.execute.image import (
    builder,
    caddy,
    catalog,
    control,
    elasticmq,
    host,
    machine,
    store,
    together,
    workspace,
)
from rockpool.execute.image.client import Client, read
from rockpool.execute.image.pins import architecture, pins
from rockpool.execute.image.recipes import MACHINES, RECIPES
from rockpool.execute.image.together import Part
from rockpool.execute.image.work import Work
from rockpool.execute.progress import stage

MAKERS: Mapping[str, Callable[[Work], None]] = {
    "builder": builder.make,
    "caddy": caddy.make,
    "elasticmq": elasticmq.make,
    "control": control.make,
    "workspace": workspace.make,
    "root-vm": machine.root_vm,
    "vanilla": machine.vanilla,
}


def build(names: tuple[str, ...] = MACHINES) -> dict[str, catalog.Image]:
    """Build these images and what they need, unless they are there; return them.

    Raises InputError for unknown names, HostNotReady, Busy, and StepFailed with the end of a command's output.
    """
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        known = ", ".join(RECIPES)
        raise InputError(
            "the list of images", [Fault(field="name", message=f"must be of {known}, not {name!r}") for name in unknown]
        )
    images = catalog.current()
    wanted = _with_needs(names)
    if any(catalog.state(images[name]) != "ready" for name in wanted):
        host.require()
        client = read(pins(architecture()).suite)
        together.run({name: _job(images[name], client) for name in wanted})
    return {name: images[name] for name in names}


def _job(image: catalog.Image, client: Client) -> Callable[[Part], Path]:
    """Return what makes one thing, unless it is there."""
    log = logs() / f"image-{image.name}.log"

    def job(part: Part) -> Path:
        def make(path: Path) -> None:
            log.unlink(missing_ok=True)
            MAKERS[image.name](
                Work(path=path, arch=image.arch, key=image.key, client=client, log=log, part=part),
            )

        if catalog.state(image) == "ready":
            return image.path
        with stage(f"image {image.name}"):
            return store.ensure(image.name, image.arch, image.key, make)

    return job


def logs() -> Path:
    """Return the directory of logs."""
    path = home.home() / "logs"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _with_needs(names: tuple[str, ...]) -> tuple[str, ...]:
    wanted = set(names)
    for name, recipe in reversed(tuple(RECIPES.items())):
        if name in wanted:
            wanted.update(recipe.needs)
    return tuple(name for name in RECIPES if name in wanted)
