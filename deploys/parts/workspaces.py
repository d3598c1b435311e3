"""The workspaces that group_data declares."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.operations import workspace


@deploy("Workspaces")
def workspaces() -> None:
    """Each runs as declared; what is not declared is left alone."""
    for spec in host.loop(host.data.get("workspaces") or []):
        workspace.present(name=f"Workspace {spec.get('name')}", spec=spec)
