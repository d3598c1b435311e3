"""The host: what carries the root VM, and the machine itself."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.operations import machine, secrets


@deploy("Hypervisor")
def hypervisor() -> None:
    """Everything that happens on the user's own machine."""
    secrets.admin(name="Password of the door")
    machine.present(name="Root VM", spec=host.data.machine, runtime=host.data.runtime)
