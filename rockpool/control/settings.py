"""What the control plane is told: one JSON file, read once, every fault at once.

{
  "state": "/var/lib/rockpool/control",       # holds control.db and its backups
  "socket": "/run/rockpool/api/api.sock",     # where the API listens when systemd hands it no socket
  "runtime": "podman",                        # or "stub", which only remembers, in the directory "stub"
  "queue": "http://127.0.0.1:9324",           # or "memory"
  "urls": {"app": "http://localhost:8080", "ide": "http://localhost:8081", "preview": "http://localhost:8082"},
  "starting": 3, "sweep": "30s", "answer": "60s"
}
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rockpool.errors import Fault, HostNotReady, InputError
from rockpool.spec.reader import Reader

VARIABLE = "ROCKPOOL_CONTROL"
DEFAULT = "/etc/rockpool/control.json"

_BASE_URL = re.compile(r"https?://[a-zA-Z0-9.:\[\]-]+")


@dataclass(frozen=True, kw_only=True)
class Urls:
    """The base URL of each door as browsers know it, without a slash at its end."""

    app: str = "http://localhost:8080"
    ide: str = "http://localhost:8081"
    preview: str = "http://localhost:8082"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the control plane keeps, listens and runs. Times are seconds.

    `starting` workspaces start at once at most; every `sweep` the worker looks at all of them; a started one has
    `answer` to answer its health check.
    """

    state: Path = Path("/var/lib/rockpool/control")
    socket: Path = Path("/run/rockpool/api/api.sock")
    runtime: str = "podman"
    stub: Path = Path("/var/lib/rockpool/control/stub")
    queue: str = "http://127.0.0.1:9324"
    urls: Urls = field(default_factory=Urls)
    starting: int = 3
    sweep: int = 30
    answer: int = 60

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Settings:
        """Read settings from plain data. Raises InputError with every fault."""
        reader = Reader(data, cls)
        settings = cls(
            state=_path(reader, "state", cls.state),
            socket=_path(reader, "socket", cls.socket),
            runtime=reader.text("runtime", cls.runtime),
            stub=_path(reader, "stub", cls.stub),
            queue=reader.text("queue", cls.queue),
            urls=_urls(reader),
            starting=reader.number("starting", cls.starting, 1, 100),
            sweep=reader.duration("sweep", cls.sweep, 1, 3600),
            answer=reader.duration("answer", cls.answer, 1, 3600),
        )
        if settings.runtime not in ("podman", "stub"):
            reader.fault("runtime", f"must be podman or stub, not {settings.runtime!r}")
        if settings.queue != "memory" and not _BASE_URL.fullmatch(settings.queue):
            reader.fault("queue", f"must be memory or an http URL without a path, not {settings.queue!r}")
        reader.finish("the control plane's settings")
        return settings


def load() -> Settings:
    """Read the file that ROCKPOOL_CONTROL names. Raises HostNotReady when it cannot be read, InputError."""
    path = Path(os.environ.get(VARIABLE, DEFAULT))
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise HostNotReady("the control plane has no settings", why=str(error), fix=f"set {VARIABLE}") from error
    except ValueError as error:
        raise InputError(str(path), [Fault(field="settings", message=f"must be JSON: {error}")]) from error
    if not isinstance(data, dict):
        raise InputError(str(path), [Fault(field="settings", message="must be a JSON object")])
    return Settings.parse(data)


def _path(reader: Reader, name: str, default: Path) -> Path:
    path = Path(reader.text(name, str(default)))
    if not path.is_absolute():
        reader.fault(name, f"must be an absolute path, not {str(path)!r}")
    return path


def _urls(reader: Reader) -> Urls:
    chosen = {"app": Urls.app, "ide": Urls.ide, "preview": Urls.preview} | dict(reader.texts("urls"))
    for door, url in chosen.items():
        if door not in ("app", "ide", "preview"):
            reader.fault(f"urls.{door}", "is not known; known are app, ide, preview")
        elif not _BASE_URL.fullmatch(url):
            reader.fault(f"urls.{door}", f"must be an http or https URL without a path, not {url!r}")
    return Urls(app=chosen["app"], ide=chosen["ide"], preview=chosen["preview"])
