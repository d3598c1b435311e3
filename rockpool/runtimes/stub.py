"""A runtime that only remembers: for developing the API and UI on a machine without virtualisation.

Its commands keep one file a workspace in a directory; nothing runs. It never stands in for a real runtime in a test.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from rockpool import names
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged, InputError, NotFound
from rockpool.runtimes.base import Change
from rockpool.spec import Workspace
from rockpool.step import Argv, Run, Steps, Write

_SURVEY = """\
for f in "$1"/*.json; do [ -e "$f" ] && cat "$f"; done
for f in "$1"/kept/*; do [ -e "$f" ] && printf '{"kept": "%s"}\\n' "${f##*/}"; done
:"""
# A time in nanoseconds as everywhere, made from seconds: not every `date` knows more.
_KEEP = """\
[ -e "$1/$2.json" ] || exit 0
mkdir -p "$1/kept" && mv "$1/$2.json" "$1/kept/$2.$(date +%s)000000000\""""


@dataclass(frozen=True, kw_only=True)
class Stub:
    """Remembers workspaces as `DIRECTORY/NAME.json`. `homes` are the ones that are there or set aside (NAME.TIME)."""

    directory: str
    homes: frozenset[str] = frozenset()

    def surveyed(self, stdout: str) -> Stub:
        """Return the runtime that knows which homes are there."""
        rows = self._rows(stdout)
        return replace(self, homes=frozenset(row["kept"] if "kept" in row else row["spec"]["name"] for row in rows))

    @property
    def survey(self) -> Run:
        """Print every remembered workspace, and each home that was set aside, as one JSON line."""
        return Run(
            argv=("sh", "-c", _SURVEY, "survey", self.directory), why="look at the remembered workspaces", seconds=5
        )

    def parse(self, stdout: str) -> dict[str, WorkspaceCurrent]:
        """Read what `survey` printed."""
        found = [_current(row) for row in self._rows(stdout) if "spec" in row]
        return {current.spec.name: current for current in found if current.spec}

    def create(self, spec: Workspace, current: WorkspaceCurrent | None, *, running: bool) -> Steps:  # noqa: ARG002
        """Remember it, with the home that it asks for."""
        what, _, source = spec.home.partition("/")
        if source and source not in self.homes:
            raise NotFound(f"cannot make workspace {spec.name!r}", why=f"there is no home {spec.home}")
        path = f"{self.directory}/kept/{source}"
        why = f"give {spec.name} the home that was set aside as {source}"
        taken: Steps = (Run(argv=("rm", "-f", path), why=why, seconds=5),) if what == "kept" else ()
        state = State.RUNNING if running else State.STOPPED
        return (*taken, self._remember(spec, state, f"create workspace {spec.name} from image {spec.image}"))

    def start(self, spec: Workspace, current: WorkspaceCurrent) -> Steps:
        """Remember it as running."""
        if current.state is State.RUNNING:
            return ()
        return (self._remember(spec, State.RUNNING, f"start workspace {spec.name}"),)

    def stop(self, spec: Workspace, current: WorkspaceCurrent) -> Steps:
        """Remember it as stopped."""
        if current.state is State.STOPPED:
            return ()
        return (self._remember(spec, State.STOPPED, f"stop workspace {spec.name}"),)

    def remove(self, spec: Workspace, current: WorkspaceCurrent) -> Steps:  # noqa: ARG002
        """Set its home aside, and with it all that is remembered."""
        argv = ("sh", "-c", _KEEP, "keep", self.directory, spec.name)
        return (Run(argv=argv, why=f"remove workspace {spec.name} and set its home aside", seconds=5),)

    def change(self, spec: Workspace, current: WorkspaceCurrent) -> Change:
        """Any other spec is simply remembered instead."""
        if replace(_current(_row(spec, current.state)), spec=None) == replace(current, spec=None):
            return Change()
        return Change(steps=(self._remember(spec, current.state, f"change workspace {spec.name}"),), live=True)

    def enter(self, spec: Workspace) -> Argv:
        """Nothing runs inside: commands get the workspace's name in their environment."""
        return ("env", f"ROCKPOOL_WORKSPACE={spec.name}")

    @property
    def kept(self) -> tuple[str, ...]:
        """The homes that were set aside, as NAME.TIME, oldest first."""
        return tuple(sorted((home for home in self.homes if "." in home), key=lambda home: home.rpartition(".")[2]))

    def purge(self, kept: str) -> Steps:
        """Forget a home that was set aside, for good."""
        why = f"delete the home that was set aside as {kept}"
        return (Run(argv=("rm", "-f", f"{self.directory}/kept/{kept}"), why=why, seconds=5),)

    def _rows(self, stdout: str) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in stdout.splitlines() if line]
        except ValueError as error:
            raise Damaged(f"cannot read the workspaces remembered in {self.directory}", why=str(error)) from error

    def _remember(self, spec: Workspace, state: State, why: str) -> Write:
        row = json.dumps(_row(spec, state), sort_keys=True)
        return Write(path=f"{self.directory}/{spec.name}.json", content=row + "\n", why=why)


def _row(spec: Workspace, state: State) -> dict[str, Any]:
    """Return what is remembered: never what env holds, only whether it is the same."""
    digest = hashlib.sha256(repr((spec.image, spec.port, spec.sudo, spec.env)).encode()).hexdigest()[:16]
    return {"state": state, "made_as": digest, "spec": {**spec.to_data(), "env": {}}}


def _current(row: dict[str, Any]) -> WorkspaceCurrent:
    try:
        spec, state, made_as = Workspace.parse(row["spec"]), State(row["state"]), row["made_as"]
    except (InputError, KeyError, ValueError) as error:
        raise Damaged("cannot read a remembered workspace", why=repr(error), fix="delete its file") from error
    ports = frozenset(port.port for port in spec.ports)
    return WorkspaceCurrent(
        state=state,
        spec=spec,
        made_as=made_as,
        cpus=spec.cpus,
        memory=spec.memory,
        swap=spec.memory,
        pids=spec.pids,
        home=True,
        routes=frozenset({names.IDE_PORT_NAME, *map(str, ports)} if state is State.RUNNING else ()),
        ports=ports,
        disk=spec.disk,
        layer_disk=spec.disk,
        cloned=bool(spec.repository),
    )
