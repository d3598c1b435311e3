"""Images of machines, built on the host that boots them."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.image import Images
from rockpool.facts.program import PROGRAM
from rockpool.facts.script import Commands
from rockpool.operations.told import told


@operation()
def present(images: Sequence[str]) -> Commands:
    """Images that are built from the present sources, whole, with all that they are made of.

    A damaged one is built again; a machine that runs on an older one keeps it until `vm.rebuild`.
    """
    states = host.get_fact(Images)
    missing = [image for image in images if states.get(image) != "ready"]
    for image in missing:
        yield told(*PROGRAM, "image", "build", image)
    if not missing:
        host.noop(f"{len(images)} images are there")
