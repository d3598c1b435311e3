"""Between the rings: nothing is done in a machine before its hypervisor is done."""

from pyinfra.api.deploy import deploy

from rockpool.operations import machine


@deploy("Barrier")
def barrier() -> None:
    """Called for every host: pyinfra orders hosts by level, not by line, and one shared operation parts the levels."""
    machine.reachable(name="The machines answer")
