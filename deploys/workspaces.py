"""Only the workspaces that group_data declares, on a root VM that is deployed already."""

from pyinfra.context import host

from deploys.parts.barrier import barrier
from deploys.parts.lock import lock
from deploys.parts.workspaces import workspaces

lock()
barrier()

if "root_vms" in host.groups:
    workspaces()
