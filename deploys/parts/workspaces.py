"""The workspaces that group_data declares."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from deploys.parts.caddy import API_SOCKET
from rockpool.operations import control


@deploy("Workspaces")
def workspaces() -> None:
    """Each is known to the control plane as declared; what is not declared is left alone."""
    for spec in host.loop(host.data.get("workspaces") or []):
        control.declared(name=f"Workspace {spec.get('name')}", spec=spec, socket=API_SOCKET)
