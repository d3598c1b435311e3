"""What Podman's API tells without a survey: what happens to containers, which images there are, where figures stand."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from rockpool import names
from rockpool.control.record import Image
from rockpool.control.unix import Connection
from rockpool.errors import Damaged, HostNotReady

_API = "/v5.0.0/libpod"
_ANSWER_SECONDS = 60
_HAPPENINGS = ("create", "start", "died", "remove", "pause", "unpause")


def happenings(path: str = names.PODMAN_SOCKET) -> Iterator[str]:
    """Yield the name of each workspace to whose container something happens, from now on. Raises HostNotReady."""
    asked = {"stream": "true", "filters": json.dumps({"type": ["container"], "event": [*_HAPPENINGS]})}
    connection = Connection(path, None)
    try:
        connection.request("GET", f"{_API}/events?{urlencode(asked)}")
        answer = connection.getresponse()
        for line in answer:
            if name := _workspace(json.loads(line)):
                yield name
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _away(path, error) from error
    finally:
        connection.close()


def images(path: str = names.PODMAN_SOCKET) -> list[Image]:
    """Return the images that workspaces can be made from, by the names that a spec gives them. Raises HostNotReady."""
    try:
        return [
            Image(name=name, digest=one["Id"], size=one["Size"], created_at=_milliseconds(one["Created"]))
            for one in _get(path, "/images/json")
            for name in _names(one)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged("cannot read Podman's images", why=repr(error)) from error


def cgroup(workspace: str, path: str = names.PODMAN_SOCKET) -> str:
    """Return the directory below /sys/fs/cgroup in which a running workspace is counted; empty when it is not there."""
    told = _get(path, f"/containers/{names.container(workspace)}/json")
    return str(told.get("State", {}).get("CgroupPath") or "")


def _get(path: str, target: str) -> Any:  # whatever JSON it is
    connection = Connection(path, _ANSWER_SECONDS)
    try:
        connection.request("GET", f"{_API}{target}")
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == http.client.OK else {}
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _away(path, error) from error
    finally:
        connection.close()


def _workspace(happening: dict[str, Any]) -> str:
    name = str(happening.get("Actor", {}).get("Attributes", {}).get("name", ""))
    return name.removeprefix(names.container("")) if name.startswith(names.container("")) else ""


def _names(image: dict[str, Any]) -> list[str]:
    ours = names.image_reference("")
    found = [name.removesuffix(":latest") for name in image.get("Names") or image.get("RepoTags") or ()]
    return [name.removeprefix(ours.removesuffix(":latest")) for name in found if "<none>" not in name]


def _milliseconds(created: int | str) -> int:
    seconds = created if isinstance(created, int) else datetime.fromisoformat(created).timestamp()
    return int(seconds * 1000)


def _away(path: str, error: Exception) -> HostNotReady:
    return HostNotReady("Podman does not answer", why=f"{path}: {error}", fix="see the journal of rockpool-ws")
