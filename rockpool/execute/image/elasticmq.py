"""ElasticMQ's jars, fetched by Maven and compared with their recorded hashes, and what makes Java start them sooner."""

from __future__ import annotations

import shutil

from rockpool.execute.image import deb
from rockpool.execute.image.pins import SOURCES, pins
from rockpool.execute.image.work import Work


def make(work: Work) -> None:
    """Leave the package `rockpool-elasticmq`."""
    work.part("builder")
    shutil.copytree(SOURCES / "elasticmq", work.scratch / "source")
    work.in_builder(("/scratch/source/build.sh",))
    deb.make(
        work,
        package="rockpool-elasticmq",
        version=f"{pins(work.arch).elasticmq}+{work.key}",
        summary="ElasticMQ message queue, its server's jars",
    )
