"""Everything that a plan may touch, as it is now."""

from __future__ import annotations

import os

from rockpool.guest import homes, locks, places, podman, routes

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing this takes longer than all the rest
    from collections.abc import Mapping

Json = dict[str, object]


def survey() -> Json:
    """Return containers, homes, kept homes, routes and ports; `room` is the size of the disk in bytes."""
    return {
        "containers": containers(),
        "homes": {name: _home(name, user) for name, user in homes.users(places.HOMES).items()},
        "kept": {kept: {"user": user} for kept, user in homes.users(places.KEPT).items()},
        "routes": routes.opened(),
        "ports": routes.registered(),
        "room": _size(places.WORKSPACES),
    }


def _home(name: str, user: int) -> Json:
    return {"user": user, "disk": _limit(f"{places.HOMES}/{name}"), "cloned": homes.is_cloned(name)}


def containers() -> list[Json]:
    """Return every container whose name or label is a workspace's."""
    listed = podman.get("/containers/json?all=true")
    ours = (one for one in listed if "rockpool.workspace" in (one["Labels"] or {}) or _is_named(one))
    return [told for one in ours if (told := _told(one))]


def _is_named(one: dict[str, list[str]]) -> bool:
    return one["Names"][0].startswith("ws-")


def _told(one: podman.Container) -> Json | None:
    """Return what a plan compares of a listed container, None when it has gone since."""
    try:
        return described(podman.inspected(one["Id"]))
    except podman.Refused as error:
        if error.status == 404:
            return None
        if error.is_torn:
            return _torn(one["Names"][0], one["Labels"] or {})
        raise


def described(found: podman.Container) -> Json:
    """Return what a plan compares. Labels cannot be changed later, so limits come from the container itself."""
    host, whose = found["HostConfig"], _whose(found["Name"], found["Config"].get("Labels") or {})
    return {
        **whose,
        "state": _state(str(whose["name"]), found["State"]["Status"]),
        "image": found["Image"],
        "restart": host["RestartPolicy"]["Name"],
        "memory": host["Memory"],
        "swap": host["MemorySwap"],
        "cpus": host["NanoCpus"] / 1e9 if host.get("NanoCpus") else host["CpuQuota"] / (host["CpuPeriod"] or 100_000),
        "pids": host["PidsLimit"],
        "disk": _layer_limit(found),
    }


def _torn(container: str, labels: Mapping[str, str]) -> Json:
    """Describe a container of which only the name and the labels are left."""
    nothing = dict.fromkeys(("memory", "swap", "cpus", "pids", "disk"), 0)
    return {**_whose(container, labels), "state": "torn", "image": "", "restart": "", **nothing}


def _whose(container: str, labels: Mapping[str, str]) -> Json:
    name = container.removeprefix("ws-")
    return {
        "name": labels.get("rockpool.workspace") or name,
        "container": container,
        "owned": labels.get("rockpool.workspace") == name,
        "labels": {key: text for key, text in labels.items() if key.startswith("rockpool.")},
    }


def _state(name: str, status: str) -> str:
    """Return Podman's word, but a container that is held still while its home is copied runs, for all others."""
    return "running" if status == "paused" and places.is_name(name) and locks.is_held(name) else status


def _layer_limit(about: podman.Container) -> int:
    try:
        return _limit(f"{places.LAYERS}/{podman.layer(about)}")
    except (OSError, KeyError):  # somebody else's, or just being removed
        return 0


def _limit(directory: str) -> int:
    """Return the bytes that a directory may hold, 0 for as much as the disk: a limit above that does not bind."""
    size = _size(directory)
    return size if size < _size(places.WORKSPACES) else 0


def _size(directory: str) -> int:
    told = os.statvfs(directory)
    return told.f_blocks * told.f_frsize
