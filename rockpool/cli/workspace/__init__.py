"""`rockpool workspace`: wishes for the control plane, and ways into a workspace."""

from rockpool.cli.workspace import inside, look, make, ports
from rockpool.cli.workspace.noun import group

__all__ = ["group", "inside", "look", "make", "ports"]
