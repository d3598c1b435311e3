"""Releases of the control plane, side by side, so that an older one is there to go back to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pyinfra.api.command import FileUploadCommand
from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.releases import UPLOADS, Releases
from rockpool.facts.script import Commands, argv, script

KEPT = 3
"""How many releases stay, the wanted one among them."""


class Release(Protocol):
    """A release on this machine."""

    @property
    def name(self) -> str: ...  # noqa: D102

    wheel: Callable[[], Path]


@operation()
def present(directory: str, release: Release) -> Commands:
    """A release that is unpacked below `directory` under its name, and of the others the latest.

    + release: its name, and what returns its wheel, which is asked only when the machine lacks it

    Which one runs is not decided here: services are started with a path that names it.
    """
    there = host.get_fact(Releases, directory=directory)
    if release.name in there:
        host.noop(f"release {release.name} is there")
    else:
        upload = f"{UPLOADS}/{release.name}.whl"
        yield argv("install", "-d", "-m", "700", UPLOADS)
        yield FileUploadCommand(str(release.wheel()), upload)
        yield script("unpack_release", directory, release.name, upload)
    others = [name for name in there if name != release.name]
    if stale := others[KEPT - 1 :]:
        yield argv("rm", "-rf", "--", *(f"{directory}/{name}" for name in stale))
