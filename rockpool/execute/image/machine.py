"""Disks that a machine boots."""

from __future__ import annotations

import shutil

from rockpool.execute.image import tree
from rockpool.execute.image.pins import SOURCES, packages, pins
from rockpool.execute.image.recipes import PACKAGES
from rockpool.execute.image.work import Work


def root_vm(work: Work) -> None:
    """Leave the disk of the root VM: the deploy's packages and our own."""
    _make(work, packages("root_vm"), PACKAGES)


def vanilla(work: Work) -> None:
    """Leave the disk of a Debian that knows nothing of us."""
    _make(work, packages("vanilla"), ())


def _make(work: Work, names: tuple[str, ...], ours: tuple[str, ...]) -> None:
    root = work.scratch / "tree"
    kernel = f"linux-image-cloud-{work.arch}"
    tree.make(root, pins(work.arch).suite, (kernel, "systemd-repart", *names), work.client, work.log)
    debs = work.scratch / "debs"
    debs.mkdir()
    for name in ours:
        for path in work.part(name).glob("*.deb"):
            shutil.copy(path, debs)
    shutil.copytree(SOURCES / "machine", work.scratch / "machine")
    shutil.copy(SOURCES / "client.sh", work.scratch)
    for script in ("client.sh", "machine/configure.sh"):
        tree.run(root, work.scratch, (f"/scratch/{script}",), work.log)
    work.in_builder(("/scratch/machine/disk.sh",))
    for name in ("disk.raw", "vmlinuz", "initrd.img"):
        (work.scratch / name).rename(work.path / name)
    shutil.rmtree(work.scratch)
