"""The builder: a Debian tree with every tool that makes the rest, so that the host needs none of them."""

from __future__ import annotations

import shutil

from rockpool.execute.image import tree
from rockpool.execute.image.pins import SOURCES, packages, pins
from rockpool.execute.image.work import Work


def make(work: Work) -> None:
    """Leave `tree/`."""
    target = work.path / "tree"
    tree.make(target, pins(work.arch).suite, packages("builder"), work.client, work.log)
    for script in (SOURCES / "client.sh", SOURCES / "builder/accounts.sh"):
        shutil.copy(script, work.scratch)
        tree.run(target, work.scratch, (f"/scratch/{script.name}",), work.log)
    shutil.rmtree(work.scratch)
