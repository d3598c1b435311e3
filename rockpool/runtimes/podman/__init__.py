"""Workspaces as rootless containers of Podman.

Containers are driven through Podman's API socket; what that does not offer, homes and routes and quotas and the survey,
through the verbs of `rockpool.guest.wsctl`. Nothing here needs root.
"""

from rockpool.runtimes.podman.runtime import FIRST_USER, Podman

__all__ = ["FIRST_USER", "Podman"]
