"""The survey of this machine's workspaces: one look serves all who ask while it has not begun."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rockpool.control import clock, record, runtimes
from rockpool.control.settings import Settings
from rockpool.control.store import Store
from rockpool.current import WorkspaceCurrent
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub
from rockpool.step import Run


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a look begun at `at` has found: workspaces by name; the runtime knows them and the homes that are kept."""

    at: int
    runtime: Podman | Stub
    there: Mapping[str, WorkspaceCurrent]


class Look:
    """Surveys through `ask`, which runs one step and returns what it prints. Threads may share it."""

    def __init__(self, settings: Settings, store: Store, ask: Callable[[Run], str]) -> None:
        self._settings, self.store, self._ask = settings, store, ask
        self._counting, self._looking = threading.Lock(), threading.Lock()
        self._begun = self._done = 0
        self._found: Found | None = None
        self._stdout = ""

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
        runtime, at = runtimes.chosen(self._settings), clock.now()
        stdout = self._ask(runtime.survey)
        knowing = runtime.surveyed(stdout)
        found = Found(at=at, runtime=knowing, there=knowing.parse(stdout))
        if stdout != self._stdout:
            record.survey(self.store, self._settings.runtime, stdout)
            self._stdout = stdout
        return found
