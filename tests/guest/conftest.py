"""The directories of the workspaces in a temporary place, and a Podman that answers what a test says."""

import json
import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rockpool.guest import namespace, places, quotas

US = 5001
"""The workspace user that whoever runs the tests stands for."""


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The disk of the workspaces. What whoever runs this test makes belongs to workspace user US."""
    for name in ("homes", "kept", "ports", "routes", "containers/overlay"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("homes", "kept", "ports", "routes"):
        monkeypatch.setattr(places, name.upper(), str(tmp_path / name))
    monkeypatch.setattr(places, "WORKSPACES", str(tmp_path))
    monkeypatch.setattr(places, "LAYERS", str(tmp_path / "containers/overlay"))
    monkeypatch.setattr(places, "SUBORDINATE", os.getuid() - US)
    return tmp_path


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stay in this user namespace, in which nothing can be given to another user; the limits asked for."""
    asked: list[str] = []
    monkeypatch.setattr(namespace, "enter", lambda: None)
    monkeypatch.setattr(os, "chown", lambda *_, **__: None)
    monkeypatch.setattr(quotas, "_ask", asked.append)
    return asked


class Api(dict[str, tuple[int, Any]]):
    """The answers by the beginning of their path, the first that fits; `asked` is what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def containers(self, *found: dict[str, Any]) -> None:
        """Have these containers, whatever the filter."""
        self["/v5.0.0/libpod/containers/json"] = (200, list(found))


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """Serve an HTTP API on a Unix socket."""
    given = Api()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            method, path, _ = self.rfile.readline().decode().split()
            given.asked.append(f"{method} {path.removeprefix('/v5.0.0/libpod')}")
            status, body = next((given[start] for start in given if path.startswith(start)), (404, {}))
            self.wfile.write(f"HTTP/1.0 {status} X\r\n\r\n{json.dumps(body)}".encode())

    path = tmp_path / "api.sock"
    monkeypatch.setattr(places, "API", str(path))
    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield given
        server.shutdown()


LAYER = "ab" * 32


def listed(name: str = "demo", **changes: Any) -> dict[str, Any]:
    """Return a container of a workspace as Podman lists it."""
    labels = {"rockpool.workspace": name, "rockpool.owner": "rockpool", "rockpool.port": "8080", "other": "x"}
    return {"Id": "c1", "Names": [f"ws-{name}"], "Labels": labels, "State": "running", "Pid": os.getpid()} | changes


def inspected(name: str = "demo", **changes: Any) -> dict[str, Any]:
    """Return all about such a container."""
    about: dict[str, Any] = {
        "Id": "c1",
        "Name": f"ws-{name}",
        "Image": "f00",
        "State": {"Status": "running"},
        "Config": {"Labels": listed(name)["Labels"]},
        "GraphDriver": {"Data": {"UpperDir": f"{places.LAYERS}/{LAYER}/diff"}},
        "HostConfig": {
            "RestartPolicy": {"Name": "always"},
            "Memory": 4096,
            "MemorySwap": 4096,
            "NanoCpus": 1_500_000_000,
            "CpuQuota": 0,
            "CpuPeriod": 0,
            "PidsLimit": 64,
        },
    }
    return about | changes
