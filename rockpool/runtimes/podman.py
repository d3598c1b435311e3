"""Workspaces as rootless containers of Podman."""
