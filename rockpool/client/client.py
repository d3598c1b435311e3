"""What may be asked of the API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from rockpool import names
from rockpool.client import stream
from rockpool.client.answers import Component, Event, Home, Job, Port, Workspace, read, read_all
from rockpool.client.connection import SECONDS, Connection
from rockpool.errors import Fault, InputError, NotFound

PAGE = 100

_HOME = re.compile(rf"{names.WORKSPACE_NAME.pattern}\.[0-9]{{10,20}}")


class Client:
    """Asks and wishes. Each method raises RockpoolError in the kind that the API's status stands for."""

    def __init__(self, connection: Connection) -> None:
        self._api = connection

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._api.close()

    def workspaces(self, *, search: str = "", status: str = "") -> Iterator[Workspace]:
        """Yield every workspace, page by page, of those that fit."""
        query: dict[str, str | int | bool] = {"limit": PAGE}
        query |= {key: text for key, text in {"q": search, "status": status}.items() if text}
        while True:
            page = self._api.ask("GET", "/workspaces", query=query)
            yield from read_all(Workspace.parse, page)
            cursor = page.get("nextCursor")
            if not cursor:
                return
            query["cursor"] = cursor

    def workspace(self, name: str, *, values: bool = False) -> Workspace:
        """Return a workspace; `values` has those of its variables too. Raises NotFound."""
        query = {"env": True} if values else None
        return read(Workspace.parse, self._api.ask("GET", _of(name), query=query))

    def find(self, name: str) -> Workspace | None:
        """Return a workspace, or None."""
        try:
            return self.workspace(name)
        except NotFound:
            return None

    def create(self, spec: Mapping[str, Any]) -> Workspace:
        """Wish for a new workspace; without a `name` it gets one."""
        return read(Workspace.parse, self._api.ask("POST", "/workspaces", body=spec))

    def delete(self, name: str, *, purge: bool = False) -> Workspace:
        """Wish a workspace away; `purge` takes its home along at once."""
        query = {"purge": True} if purge else None
        return read(Workspace.parse, self._api.ask("DELETE", _of(name), query=query))

    def act(self, name: str, verb: str) -> Workspace:
        """Wish for `start`, `stop` or `restart`."""
        return read(Workspace.parse, self._api.ask("POST", _of(name, verb)))

    def clone(self, name: str, copy: str) -> Workspace:
        """Wish for a workspace like this one with a copy of its home; without a name `copy` it gets one."""
        body = {"name": copy} if copy else {}
        return read(Workspace.parse, self._api.ask("POST", _of(name, "clone"), body=body))

    def plan(self, name: str) -> tuple[str, ...]:
        """Return what making a workspace as it is wished for would do now, one line a step."""
        return read(_steps, self._api.ask("GET", _of(name, "plan")))

    def ports(self, name: str) -> tuple[Port, ...]:
        """Return the forwarded ports."""
        return read_all(Port.parse, self._api.ask("GET", _of(name, "ports")))

    def add_port(self, name: str, port: int, label: str = "") -> Workspace:
        """Wish for one port more."""
        body = {"port": port, "label": label}
        return read(Workspace.parse, self._api.ask("POST", _of(name, "ports"), body=body))

    def remove_port(self, name: str, port: int) -> Workspace:
        """Wish for one port less."""
        return read(Workspace.parse, self._api.ask("DELETE", _of(name, f"ports/{port}")))

    @contextmanager
    def logs(self, name: str, *, tail: int, follow: bool) -> Iterator[Iterable[str]]:
        """Have the lines of a workspace's log: the last `tail`, and with `follow` those to come."""
        query = {"tail": tail, "follow": follow}
        with self._api.stream(_of(name, "logs"), query=query, silence=None if follow else SECONDS) as lines:
            yield lines

    def events(self, name: str, *, every: float = 1.0) -> AbstractContextManager[Iterator[Event | None]]:
        """Have a workspace's events from its newest wish on, as `stream.events` does."""
        return stream.events(self._api, _of(name, "events"), every=every)

    def homes(self) -> tuple[Home, ...]:
        """Return the homes that were kept."""
        return read_all(Home.parse, self._api.ask("GET", "/homes"))

    def purge(self, home: str) -> None:
        """Wish a kept home away."""
        if not _HOME.fullmatch(home):
            raise InputError(
                f"home {home!r}", [Fault(field="home", message="must be as home list shows it: NAME.TIME")]
            )
        self._api.ask("DELETE", f"/homes/{home}")

    def jobs(self, state: str = "") -> tuple[Job, ...]:
        """Return the work that is running, waiting or dead."""
        found = read_all(Job.parse, self._api.ask("GET", "/jobs"))
        return tuple(job for job in found if state in ("", job.state))

    def redrive(self) -> int:
        """Put every dead letter back into the queue; return how many there were."""
        return read(_count, self._api.ask("POST", "/jobs/redrive"))

    def status(self) -> tuple[Component, ...]:
        """Return how each part of the root VM is."""
        return read(_components, self._api.ask("GET", "/status"))


def _of(name: str, verb: str = "") -> str:
    """Return the path of a workspace. Raises InputError for what is no name, before it could become another path."""
    if not names.WORKSPACE_NAME.fullmatch(name):
        raise InputError(f"workspace {name!r}", [Fault(field="name", message=names.NAME_RULE)])
    return f"/workspaces/{name}/{verb}" if verb else f"/workspaces/{name}"


def _steps(data: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(step["why"]) for step in data["steps"])


def _components(data: Mapping[str, Any]) -> tuple[Component, ...]:
    return tuple(Component.parse(row) for row in data["components"])


def _count(data: Mapping[str, Any]) -> int:
    return int(data["count"])
