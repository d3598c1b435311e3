"""Stock Caddy, built from its Go module."""

from __future__ import annotations

import shutil

from rockpool.execute.image import deb
from rockpool.execute.image.pins import SOURCES, pins
from rockpool.execute.image.work import Work


def make(work: Work) -> None:
    """Leave the package `rockpool-caddy`."""
    pinned = pins(work.arch)
    work.part("builder")
    shutil.copytree(SOURCES / "caddy", work.scratch / "source")
    work.in_builder(("/scratch/source/build.sh", pinned.go.version, pinned.go.sha256))
    deb.make(
        work,
        package="rockpool-caddy",
        version=f"{pinned.caddy}+{work.key}",
        summary="Caddy web server, stock, built from its Go module",
    )
