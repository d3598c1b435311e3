"""The runtime that this control plane drives, by its settings."""

from __future__ import annotations

from collections.abc import Mapping

from rockpool.control.settings import Settings
from rockpool.current import WorkspaceCurrent
from rockpool.runtimes.base import Runtime
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub
from rockpool.spec import Workspace

Places = Runtime[Workspace, WorkspaceCurrent]


def chosen(settings: Settings) -> Podman | Stub:
    """Return the runtime that the settings name."""
    return Stub(directory=str(settings.stub)) if settings.runtime == "stub" else Podman(answer=settings.answer)


def surveyed(settings: Settings, stdout: str) -> tuple[Places, Mapping[str, WorkspaceCurrent]]:
    """Return the runtime as it knows this machine after a survey, and the workspaces by name. Raises Damaged."""
    runtime = chosen(settings).surveyed(stdout)
    return runtime, runtime.parse(stdout)
