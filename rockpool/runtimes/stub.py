"""A runtime that only remembers: for developing the API and UI on a machine without virtualisation.

Its commands keep one file a workspace in a directory; nothing runs. It never stands in for a real runtime in a test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged
from rockpool.runtimes.base import Change
from rockpool.spec import Workspace
from rockpool.step import Argv, Run, Steps, Write


@dataclass(frozen=True, kw_only=True)
class Stub:
    """Remembers workspaces as `DIRECTORY/NAME.json`."""

    directory: str

    @property
    def survey(self) -> Run:
        """Print every remembered workspace as one JSON line."""
        script = 'for f in "$1"/*.json; do [ -e "$f" ] && cat "$f"; done; :'
        return Run(
            argv=("sh", "-c", script, "sh", self.directory),
            why="look at the remembered workspaces",
            seconds=5,
        )

    def parse(self, stdout: str) -> dict[str, WorkspaceCurrent]:
        """Read what `survey` printed."""
        try:
            rows = [json.loads(line) for line in stdout.splitlines() if line]
        except ValueError as error:
            raise Damaged(f"cannot read the workspaces remembered in {self.directory}", why=str(error)) from error
        return {
            row["spec"]["name"]: WorkspaceCurrent(
                state=State(row["state"]),
                spec=Workspace.parse(row["spec"]),
                home=True,
                routes=frozenset({"ide"} if row["state"] == State.RUNNING else ()),
            )
            for row in rows
        }

    def create(self, spec: Workspace) -> Steps:
        """Remember it as stopped."""
        return (self._remember(spec, State.STOPPED, f"create workspace {spec.name}"),)

    def start(self, spec: Workspace) -> Steps:
        """Remember it as running."""
        return (self._remember(spec, State.RUNNING, f"start workspace {spec.name}"),)

    def stop(self, spec: Workspace) -> Steps:
        """Remember it as stopped."""
        return (self._remember(spec, State.STOPPED, f"stop workspace {spec.name}"),)

    def remove(self, spec: Workspace) -> Steps:
        """Forget it."""
        return (Run(argv=("rm", "-f", self._path(spec)), why=f"remove workspace {spec.name}", seconds=5),)

    def change(self, spec: Workspace, current: WorkspaceCurrent) -> Change:
        """Any other spec is simply remembered instead."""
        if spec == current.spec:
            return Change()
        return Change(steps=(self._remember(spec, current.state, f"change workspace {spec.name}"),), live=True)

    def enter(self, spec: Workspace) -> Argv:
        """Nothing runs inside: commands get the workspace's name in their environment."""
        return ("env", f"ROCKPOOL_WORKSPACE={spec.name}")

    def _path(self, spec: Workspace) -> str:
        return f"{self.directory}/{spec.name}.json"

    def _remember(self, spec: Workspace, state: State, why: str) -> Write:
        row = json.dumps({"spec": spec.to_data(), "state": state}, sort_keys=True)
        return Write(path=self._path(spec), content=row + "\n", why=why)
