"""The workspace image, baked into a read-only Podman store with its shifted layer, as one squashfs."""

from __future__ import annotations

import shutil

from rockpool.execute.image import deb, tree
from rockpool.execute.image.pins import SOURCES, pins
from rockpool.execute.image.work import Work


def make(work: Work) -> None:
    """Leave the package `rockpool-workspace-image-KEY`: versions lie side by side, as containers hold on to theirs."""
    pinned = pins(work.arch)
    shutil.copytree(SOURCES / "workspace", work.scratch / "context")
    base = work.scratch / "base"
    tree.make(base, pinned.suite, ("ca-certificates",), work.client, work.log)
    shutil.copy(SOURCES / "client.sh", work.scratch)
    tree.run(base, work.scratch, ("/scratch/client.sh",), work.log)
    work.in_builder(("/scratch/context/build.sh", work.key, pinned.node.version, pinned.node.sha256))
    deb.make(
        work,
        package=f"rockpool-workspace-image-{work.key}",
        version="1",
        summary="Workspace image as a read-only Podman store",
        compression="none",  # a squashfs is compressed already
    )
