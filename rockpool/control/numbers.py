"""Numeric users of workspaces that are being made at once: a survey does not show the ones that were just promised."""

from __future__ import annotations

import threading
from dataclasses import replace

from rockpool.current import WorkspaceCurrent
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub
from rockpool.spec import Workspace


class Numbers:
    """Who was promised which number by this worker. Another worker's are refused by wsctl, and tried again."""

    def __init__(self) -> None:
        self._promised: dict[str, int] = {}
        self._lock = threading.Lock()

    def promise(self, runtime: Podman | Stub, spec: Workspace, current: WorkspaceCurrent | None) -> Podman | Stub:
        """Return the runtime that gives a workspace a number which nobody else was promised."""
        if not isinstance(runtime, Podman) or (current and current.user):
            return runtime
        with self._lock:
            others = {name: user for name, user in self._promised.items() if name != spec.name}
            knowing = replace(runtime, users={**others, **runtime.users})
            self._promised[spec.name] = knowing.user(spec, current)
        return knowing

    def forget(self, name: str) -> None:
        """Work on a workspace has ended: from now on its home says its number."""
        with self._lock:
            self._promised.pop(name, None)
