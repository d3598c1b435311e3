"""The root VM, from nothing to an IDE. A table of contents: each part is one concern in deploys/parts/."""

from pyinfra.context import host

from deploys.parts.barrier import barrier
from deploys.parts.hypervisor import hypervisor
from deploys.parts.lock import lock

lock()

if "hypervisors" in host.groups:
    hypervisor()

barrier()

if "root_vms" in host.groups:
    pass
