"""What is built, and where it lies."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rockpool.errors import Damaged, NotFound
from rockpool.execute import home, lock
from rockpool.execute.image import client, store
from rockpool.execute.image.pins import architecture, pins
from rockpool.execute.image.recipes import PACKAGES, RECIPES, keys

State = Literal["ready", "absent", "damaged"]


@dataclass(frozen=True, kw_only=True)
class Image:
    """One thing of ours by its present key. The directory of a machine's has `disk.raw`, `vmlinuz`, `initrd.img`."""

    name: str
    arch: str
    key: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a listing; `size` in bytes that it takes on disk."""

    name: str
    arch: str
    key: str
    state: State
    size: int

    def as_dict(self) -> dict[str, str | int]:
        """Return it for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, order=True)
class Deb:
    """One Debian package of ours."""

    package: str
    version: str
    path: Path


def current() -> dict[str, Image]:
    """Return everything that this source makes, built or not, by name."""
    arch = architecture()
    found = keys(arch, client.read(pins(arch).suite))
    return {
        name: Image(name=name, arch=arch, key=found[name], path=store.directory(name, arch, found[name]))
        for name in RECIPES
    }


def find(name: str, *, thorough: bool = False) -> Image:
    """Return a built image, checked cheaply (sizes and times), or by hash when `thorough`.

    Raises NotFound when it has not been built from these sources, and Damaged.
    """
    image = current().get(name)
    if image is None:
        raise NotFound(f'there is no image "{name}"', why=f"images are {', '.join(RECIPES)}", fix="name one of them")
    if not image.path.exists():
        raise NotFound(
            f'image "{name}" is not built',
            why=f"{image.path} does not exist",
            fix=f"invoke image.build --name={name}",
        )
    store.check(image.path, thorough=thorough)
    return image


def state(image: Image, *, thorough: bool = False) -> State:
    """Return `ready`, `absent` or `damaged`."""
    if not image.path.exists():
        return "absent"
    try:
        store.check(image.path, thorough=thorough)
    except Damaged:
        return "damaged"
    return "ready"


def survey(*, thorough: bool = False) -> dict[str, Row]:
    """Return the state of everything that this source makes, by name; `thorough` compares hashes."""
    return {
        name: Row(
            name=name,
            arch=image.arch,
            key=image.key,
            state=state(image, thorough=thorough),
            size=store.allocated(image.path),
        )
        for name, image in current().items()
    }


def debs() -> tuple[Deb, ...]:
    """Return our own packages as built. Raises NotFound when they have not been, and Damaged."""
    paths = [path for name in PACKAGES for path in find(name).path.glob("*.deb")]
    return tuple(sorted(_deb(path) for path in paths))


def prune() -> tuple[Path, ...]:
    """Remove what no present source makes, and return it. Machines keep their own links, so none loses its disk."""
    images = current().values()
    kept = {image.path for image in images}
    stale = [path for path in sorted(home.images().glob("*")) if path.is_dir() and path not in kept]
    for path in stale:
        name = path.name.removeprefix(".").removesuffix(".part").rsplit("-", 2)[0]
        with lock.hold(home.locks() / f"image-{name}.lock", f"prune image {name}"):
            shutil.rmtree(path)
    return tuple(stale)


def _deb(path: Path) -> Deb:
    package, version, _ = path.name.removesuffix(".deb").split("_")
    return Deb(package=package, version=version, path=path)
