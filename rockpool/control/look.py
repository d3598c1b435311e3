"""The survey of this machine's workspaces: one look serves all who ask while it has not begun."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rockpool.current import WorkspaceCurrent
from rockpool.runtimes.base import Runtime
from rockpool.spec import Workspace
from rockpool.step import Run

Places = Runtime[Workspace, WorkspaceCurrent]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a look has found: workspaces by name, the homes that are kept, and the runtime that knows them."""

    runtime: Places
    there: Mapping[str, WorkspaceCurrent]
    kept: tuple[str, ...] = ()


class Look:
    """Surveys through `ask`, which runs one step and returns what it prints. Threads may share it."""

    def __init__(self, runtime: Places, ask: Callable[[Run], str]) -> None:
        self._runtime, self._ask = runtime, ask
        self._counting, self._looking = threading.Lock(), threading.Lock()
        self._begun = self._done = 0
        self._found: Found | None = None

    def __call__(self) -> Found:
        """Return what is there, seen no earlier than now. Raises what the survey raises."""
        with self._counting:
            wanted = self._begun + 1  # a look that has begun may have missed what was done just now
        with self._looking:
            if self._found is None or self._done < wanted:
                with self._counting:
                    self._begun += 1
                    number = self._begun
                self._found = self._look()
                self._done = number
            return self._found

    def _look(self) -> Found:
        stdout = self._ask(self._runtime.survey)
        runtime: Any = self._runtime
        if hasattr(runtime, "surveyed"):
            runtime = runtime.surveyed(stdout)
        return Found(runtime=runtime, there=runtime.parse(stdout), kept=getattr(runtime, "kept", ()))
