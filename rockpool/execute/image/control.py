"""The Python that the control plane runs on: its locked packages, beside Debian's own."""

from __future__ import annotations

import shutil

from rockpool.execute.image import deb
from rockpool.execute.image.pins import SOURCES
from rockpool.execute.image.work import Work


def make(work: Work) -> None:
    """Leave the package `rockpool-control-python-KEY`: versions lie side by side, so an older release can return."""
    work.part("builder")
    shutil.copytree(SOURCES / "control", work.scratch / "source")
    work.in_builder(("/scratch/source/build.sh", work.key))
    deb.make(
        work,
        package=f"rockpool-control-python-{work.key}",
        version="1",
        summary="Python packages of the control plane",
    )
