"""What the survey of workspaces says, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rockpool import names
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged, InputError
from rockpool.runtimes.podman.container import OWNER
from rockpool.spec import MIB, Workspace

_FAULTS = (KeyError, TypeError, ValueError, AttributeError)
_UP = ("initialized", "running", "paused", "stopping")


def users(stdout: str) -> dict[str, int]:
    """Return which numeric user belongs to whom: by workspace, or by NAME.TIME for a home that was set aside."""
    told = _load(stdout)
    try:
        labelled = {row["name"]: _user(row) for row in told["containers"]}
        homes = {name: int(home["user"]) for name, home in {**told["kept"], **told["homes"]}.items()}
    except _FAULTS as error:
        raise _unreadable(error) from error
    return {**labelled, **homes}


def room(stdout: str) -> int:
    """Return the size in bytes of the disk that homes and layers lie on, 0 when it is not told."""
    return int(_load(stdout).get("room", 0))


def parse(stdout: str) -> dict[str, WorkspaceCurrent]:
    """Return what is there, by name. Raises Damaged when it cannot be read."""
    told = _load(stdout)
    try:
        # Of two that claim one name, the one that is not ours counts: somebody has to look.
        rows = {row["name"]: row for row in sorted(told["containers"], key=lambda row: not row["owned"])}
        alone = {*told["homes"], *map(_of, told["routes"]), *map(_of, told["ports"])} - {*rows}
        return {name: _current(row, told) for name, row in rows.items()} | {
            name: WorkspaceCurrent(state=State.INCOMPLETE, **_around(name, told)) for name in sorted(alone)
        }
    except _FAULTS as error:
        raise _unreadable(error) from error


def _load(stdout: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(stdout)
        return {key: told[key] for key in ("containers", "homes", "kept", "routes", "ports")} | told
    except _FAULTS as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> Damaged:
    return Damaged("cannot read the survey of workspaces", why=repr(error), fix="see the journal of rockpool-ws")


def _of(route: str) -> str:
    return route.rsplit(".", 1)[0]


def _around(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known about a workspace beside its container."""
    home = told["homes"].get(name)
    return {
        "home": home is not None,
        "user": int(home["user"]) if home else 0,
        "disk": int(home["disk"]) if home else 0,
        "cloned": bool(home and home["cloned"]),
        "routes": frozenset(route.rsplit(".", 1)[1] for route in told["routes"] if _of(route) == name),
        "ports": frozenset(int(route.rsplit(".", 1)[1]) for route in told["ports"] if _of(route) == name),
    }


def _current(row: Mapping[str, Any], told: Mapping[str, Any]) -> WorkspaceCurrent:
    labels, around = row["labels"], _around(row["name"], told)
    if not row["owned"] or labels.get("rockpool.owner") != OWNER:
        return WorkspaceCurrent(state=State.STOPPED, foreign=f"container {row['container']} without our labels")
    return WorkspaceCurrent(
        state=_state(row, around["routes"]),
        spec=_spec(row, around),
        cpus=float(row["cpus"]),
        memory=int(row["memory"]),
        swap=int(row["swap"]),
        pids=int(row["pids"]),
        # What an interrupted removal or a crash has left can only be made anew.
        made_as="" if row["state"] in ("removing", "torn") else labels.get("rockpool.made-as", ""),
        paused=row["state"] == "paused",
        layer_disk=int(row["disk"]),
        **{**around, "user": around["user"] or _user(row)},
    )


def _user(row: Mapping[str, Any]) -> int:
    told = row["labels"].get("rockpool.user", "")
    return int(told) if told.isdecimal() else 0  # anybody can make a container with labels


def _state(row: Mapping[str, Any], routes: frozenset[str]) -> State:
    """Running means that it answers and comes back after a reboot; stopped, neither."""
    if row["state"] == "running" and row["restart"] == "always" and names.IDE_PORT_NAME in routes:
        return State.RUNNING
    down = row["state"] not in _UP and row["restart"] in ("", "no") and not routes
    return State.STOPPED if down else State.UNSETTLED


def _spec(row: Mapping[str, Any], around: Mapping[str, Any]) -> Workspace | None:
    """Return what it was made from, with what has changed since; None when no spec can say that."""
    try:
        made = json.loads(row["labels"]["rockpool.spec"])
        called = {port["port"]: port["label"] for port in made["ports"]}
        now = {
            "cpus": int(row["cpus"]),
            "memory": f"{row['memory'] // MIB}m",
            "pids": row["pids"],
            "ports": [{"port": port, "label": called.get(port, "")} for port in sorted(around["ports"])],
        }
        return Workspace.parse({**made, **now})
    except (InputError, *_FAULTS):
        return None
