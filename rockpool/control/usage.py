"""Watches who uses workspaces, and wishes that an unused one is stopped, as its user would."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, update

from rockpool import names
from rockpool.control import clock, idle, workspaces
from rockpool.control.figures import Cgroups, Figures
from rockpool.control.idle import Sample, Watch
from rockpool.control.states import Status
from rockpool.control.store import Store
from rockpool.control.tables import WorkspaceRow
from rockpool.control.unix import Connection
from rockpool.errors import RockpoolError

EVERY = 20.0
"""Seconds between two samples."""

BY = workspaces.Asker(user="its idle timeout")

DOOR = Path("/sys/fs/cgroup/system.slice/caddy.service/cgroup.procs")

_CONNECTED = "03"  # as the kernel says it in /proc/net/unix
_USED_MS = 60_000


def of_the_door() -> str:
    """Return the kernel's list of Unix sockets as the door has it. Raises OSError while the door does not run.

    The door has a network of its own, and a connection is listed in the network of who connected.
    """
    processes = DOOR.read_text().split()
    if not processes:
        raise ProcessLookupError("the door does not run")
    return Path("/proc", processes[0], "net/unix").read_text()


@dataclass(kw_only=True)
class Usage:
    """Samples all running workspaces at each call."""

    store: Store
    wake: Callable[[], None]
    figures: Figures = field(default_factory=Cgroups)
    routes: Path = Path(names.ROUTES_DIR)
    sockets: Callable[[], str] = of_the_door
    watches: dict[str, Watch] = field(default_factory=dict)

    def __call__(self) -> None:
        """Take a sample of each, and stop what was idle for as long as its spec says."""
        with self.store.reading() as session:
            running = WorkspaceRow.status == Status.RUNNING
            rows = session.scalars(select(WorkspaceRow).where(running)).all()
        connected = self._connected()
        self._note_use([row.name for row in rows if connected and connected[row.name]])
        timeouts = {row.name: _timeout(row) for row in rows}
        watched = [row for row in rows if timeouts[row.name]]
        self.watches = {row.name: self._watch(row, connected) for row in watched}
        for row in watched:
            if idle.is_idle(self.watches[row.name], timeouts[row.name]):
                self._stop(row)

    def _connected(self) -> Counter[str] | None:
        """Return the connections of each workspace, None when nobody can say."""
        try:
            return connections(self.sockets(), self.routes)
        except OSError:
            return None

    def _watch(self, row: WorkspaceRow, connected: Counter[str] | None) -> Watch:
        usage = self.figures.read(row.cgroup)
        sample = Sample(
            at=time.monotonic(),
            connections=None if connected is None else connected[row.name],
            # Asked after counting, so that the question is no connection that counts.
            heartbeat=heartbeat(self.routes / f"{names.route(row.name, names.IDE_PORT_NAME)}.sock"),
            cpu=usage.cpu_seconds if usage else None,
            carried=self.figures.carried(row.cgroup, row.name),
        )
        return idle.watch(self.watches.get(row.name), sample)

    def _note_use(self, used: list[str]) -> None:
        now = clock.now()
        old = (WorkspaceRow.name.in_(used), WorkspaceRow.last_used_at < now - _USED_MS)
        with self.store.reading() as session:
            late = session.scalars(select(WorkspaceRow.name).where(*old)).all()
        if late:
            with self.store.writing() as session:
                session.execute(update(WorkspaceRow).where(*old).values(last_used_at=now))

    def _stop(self, seen: WorkspaceRow) -> None:
        """Wish it, unless something else was wished meanwhile."""
        with self.store.writing() as session:
            row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.id == seen.id))
            if row and row.generation == seen.generation and row.status == Status.RUNNING:
                workspaces.stop(session, row.name, BY)
        self.watches.pop(seen.name, None)
        self.wake()


def _timeout(row: WorkspaceRow) -> int:
    """Return the seconds after which it is stopped; 0 never."""
    try:
        return row.wanted.idle_timeout
    except RockpoolError:
        return 0


def connections(sockets: str, routes: Path) -> Counter[str]:
    """Return how many connections each workspace has, from the kernel's list of Unix sockets."""
    found: Counter[str] = Counter()
    for line in sockets.splitlines()[1:]:
        fields = line.split(maxsplit=7)
        if len(fields) == 8 and fields[5] == _CONNECTED and fields[7].startswith(f"{routes}/"):
            found[fields[7].removeprefix(f"{routes}/").partition(".")[0]] += 1
    return found


def heartbeat(route: Path) -> int | None:
    """Ask an editor when it was last used, which is no use; None when there is no editor or it does not answer."""
    connection = Connection(str(route), 5)
    try:
        connection.request("GET", "/healthz")
        told = json.loads(connection.getresponse().read(4096))
        beat = told.get("lastHeartbeat") if isinstance(told, dict) else None
        return beat if isinstance(beat, int) else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
