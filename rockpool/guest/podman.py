"""Podman's API, and whose container is whose."""

from __future__ import annotations

import json

from rockpool.guest import places
from rockpool.guest.http import ask

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing this takes longer than all the rest
    from typing import Any

    Container = dict[str, Any]


class Refused(OSError):
    """Podman answered that it cannot. `status` is HTTP's.

    `is_torn` says that a container's layer no longer leads to its image. Podman writes that file once and does not wait
    for the disk, so a crash of the machine soon afterwards leaves it empty; what is read from it then is the directory
    of all layers, which is no link. Source: `getLowerDirs` in containers/storage, drivers/overlay/overlay.go.
    """

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"Podman answered {status}: {body[:200].decode(errors='replace')}")
        self.status, self.is_torn = status, f"readlink {places.LAYERS}: invalid argument".encode() in body


class Stranger(OSError):
    """The containers are not what their names or labels say."""


def get(target: str) -> Any:
    """Return what Podman tells. Raises Refused."""
    status, body = ask(places.API, f"/v5.0.0/libpod{target}")
    if status != 200:
        raise Refused(status, body)
    return json.loads(body)


def post(target: str) -> None:
    """Have Podman do something. Raises Refused."""
    status, body = ask(places.API, f"/v5.0.0/libpod{target}", method="POST")
    if status not in (200, 204, 304):
        raise Refused(status, body)


def remove(name: str) -> None:
    """Remove the container of a workspace with its layer, running, torn, or gone already. Raises Refused."""
    target = f"/v5.0.0/libpod/containers/ws-{name}?force=true&ignore=true&v=true"
    status, body = ask(places.API, target, method="DELETE")
    if status not in (200, 204, 404):
        raise Refused(status, body)


def labelled(name: str) -> list[Container]:
    """Return the containers that carry a workspace's label, running or not."""
    filters = json.dumps({"label": [f"rockpool.workspace={name}"]})
    quoted = "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in filters)
    found: list[Container] = get(f"/containers/json?all=true&filters={quoted}")
    return found


def only(name: str) -> Container | None:
    """Return the one container of a workspace, None when it has none. Raises Stranger when it is not exactly that.

    Podman's filter is not relied on: what counts is in the answer.
    """
    found = labelled(name)
    if not found:
        return None
    if len(found) > 1:
        raise Stranger(f"{len(found)} containers are labelled as {name}")
    (container,) = found
    labels = container["Labels"] or {}
    if container["Names"] != [f"ws-{name}"] or labels.get("rockpool.workspace") != name:
        raise Stranger(f"container {container['Names']} is not that of {name}")
    if labels.get("rockpool.owner") != "rockpool":
        raise Stranger(f"container {container['Names']} is not ours")
    return container


def is_there(container: str) -> bool:
    """Say whether there is a container of that name, whoever made it."""
    status, body = ask(places.API, f"/v5.0.0/libpod/containers/{container}/exists")
    if status not in (204, 404):
        raise Refused(status, body)
    return status == 204


def inspected(container: str) -> Container:
    """Return all about a container, by its id or name. Raises Refused with status 404 when there is none."""
    found: Container = get(f"/containers/{container}/json")
    return found


def layer(about: Container) -> str:
    """Return the id of the layer that is a container's own. Raises Stranger when it lies elsewhere."""
    upper = str(about["GraphDriver"]["Data"]["UpperDir"])
    own = upper.removeprefix(f"{places.LAYERS}/").removesuffix("/diff")
    if upper != f"{places.LAYERS}/{own}/diff" or len(own) != 64 or not set(own) <= set("0123456789abcdef"):
        raise Stranger(f"the layer {upper!r} does not lie below {places.LAYERS}")
    return own
