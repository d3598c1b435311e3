"""The root VM, from nothing to an IDE. A table of contents: each part is one concern in deploys/parts/."""

from pyinfra.context import host

from deploys.parts.barrier import barrier
from deploys.parts.base import base
from deploys.parts.caddy import caddy
from deploys.parts.control import code, control
from deploys.parts.firewall import firewall
from deploys.parts.hypervisor import hypervisor
from deploys.parts.lock import lock
from deploys.parts.podman import podman_of_workspaces
from deploys.parts.queue import queue
from deploys.parts.quotas import quotas
from deploys.parts.routes import routes
from deploys.parts.workspaces import workspaces

lock()

if "hypervisors" in host.groups:
    hypervisor()

barrier()

if "root_vms" in host.groups:
    base()
    firewall()
    podman_of_workspaces()
    code()
    quotas()
    queue()
    caddy()
    routes()
    control()
    workspaces()
