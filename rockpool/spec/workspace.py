"""A workspace: one isolated development environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rockpool import names
from rockpool.spec.reader import Reader
from rockpool.spec.units import GIB, MIB, format_duration, format_size

MOST_PORTS = 5
RUNTIMES = ("podman", "stub")

_MOST_VARIABLES = 64
_MOST_CHARACTERS = 4096
_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/:@-]{0,254}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_OURS = frozenset({"HOME", "PORT", "VSCODE_PROXY_URI"})
_URL = re.compile(r"(?P<scheme>https?|ssh|git)://(?:(?P<user>[^\s/?#@]*)@)?[A-Za-z0-9.:\[\]-]+/[^\s\x00-\x1f\x7f]+")
_SCP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s:][^\s]*")
_BRANCH = re.compile(r"(?![-/.])(?!.*(?://|\.\.|/\.|@\{|\.lock(?:/|\Z)))[A-Za-z0-9._/@+-]{1,255}(?<![/.])")
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{0,64}")
_HOME = re.compile(
    rf"copy/(?P<name>{names.WORKSPACE_NAME.pattern})|kept/(?:{names.WORKSPACE_NAME.pattern})\.[0-9]{{10,20}}"
)


@dataclass(frozen=True, kw_only=True, order=True)
class Port:
    """A TCP port inside a workspace that has a URL of its own, and what to call it."""

    port: int
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One isolated development environment. Sizes are bytes, times are seconds.

    `port` is where the IDE (or any application that serves HTTP) listens inside; `ports` are further ones with a URL,
    five at most. `sudo=False` runs it without any capability, for code that nobody vouches for. `disk` limits home and
    layer together. `env` may hold what others must not see, so nothing prints it. `repository` is cloned into a new
    home, at `branch` if one is given. `idle_timeout` 0 never stops it. `home` says where a new workspace gets its
    home from: empty is a new one, `kept/ID` one that was set aside, `copy/NAME` a copy of another workspace's.
    """

    name: str
    image: str = "workspace"
    runtime: str = "podman"
    cpus: int = 2
    memory: int = 4 * GIB
    pids: int = 4096
    disk: int = 16 * GIB
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    repository: str = ""
    branch: str = ""
    port: int = 8080
    ports: tuple[Port, ...] = ()
    sudo: bool = True
    idle_timeout: int = 0
    home: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Workspace:
        """Read a workspace from plain data. Raises InputError with every fault."""
        reader = Reader(data, cls)
        workspace = cls(
            name=reader.text("name", ""),
            image=reader.text("image", cls.image),
            runtime=reader.text("runtime", cls.runtime),
            cpus=reader.number("cpus", cls.cpus, 1, 256),
            memory=reader.size("memory", cls.memory, 128 * MIB, 1024 * GIB),
            pids=reader.number("pids", cls.pids, 64, 1_000_000),
            disk=reader.size("disk", cls.disk, 64 * MIB, 64 * 1024 * GIB),
            env=reader.texts("env"),
            repository=reader.text("repository", ""),
            branch=reader.text("branch", ""),
            port=reader.number("port", cls.port, 1024, 65535),
            ports=_ports(reader),
            sudo=reader.flag("sudo", cls.sudo),
            idle_timeout=reader.duration("idle_timeout", cls.idle_timeout, 60, 365 * 86_400),
            home=reader.text("home", ""),
        )
        for place, message in _faults(workspace):
            reader.fault(place, message)
        reader.finish(f"workspace {workspace.name!r}")
        return workspace

    def to_data(self) -> dict[str, Any]:
        """Return plain data that `parse` reads back to an equal workspace."""
        return {
            **asdict(self),
            "memory": format_size(self.memory),
            "disk": format_size(self.disk),
            "env": dict(self.env),
            "ports": [asdict(port) for port in self.ports],
            "idle_timeout": format_duration(self.idle_timeout) if self.idle_timeout else "",
        }


def _ports(reader: Reader) -> tuple[Port, ...]:
    items = reader.items("ports", ("port", "label")) or ()
    if len(items) > MOST_PORTS:
        reader.fault("ports", f"must be {MOST_PORTS} at most, not {len(items)}")
    ports = []
    for place, item in items:
        label = item.get("label", "")
        if not isinstance(label, str) or not _LABEL.fullmatch(label):
            reader.fault(f"{place}.label", f"must be a text of 64 characters at most on one line, not {label!r}")
        number = reader.number_of(f"{place}.port", item.get("port"), 1024, 1024, 65535)
        ports.append(Port(port=number, label=str(label)))
    numbers = [port.port for port in ports]
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        reader.fault("ports", f"must name each port once, not {number} twice")
    return tuple(sorted(ports))


def _faults(spec: Workspace) -> Iterable[tuple[str, str]]:
    """Yield what the type of a value cannot say."""
    if message := names.workspace_name_fault(spec.name):
        yield "name", message
    if not _IMAGE.fullmatch(spec.image):
        yield "image", f"must be an image reference such as workspace or quay.io/team/tool:1, not {spec.image!r}"
    if spec.runtime not in RUNTIMES:
        yield "runtime", f"must be one of {', '.join(RUNTIMES)}, not {spec.runtime!r}"
    if spec.port in {port.port for port in spec.ports}:
        yield "ports", f"must not name {spec.port}, where the workspace itself answers"
    if spec.home and not _HOME.fullmatch(spec.home):
        yield "home", f"must be copy/NAME or kept/NAME.TIME, not {spec.home!r}"
    yield from _variable_faults(spec)
    yield from _repository_faults(spec)


def _variable_faults(spec: Workspace) -> Iterable[tuple[str, str]]:
    if len(spec.env) > _MOST_VARIABLES:
        yield "env", f"must be {_MOST_VARIABLES} variables at most, not {len(spec.env)}"
    for key, text in spec.env:
        if not _VARIABLE.fullmatch(key):
            yield "env", f"must be named by letters, digits and _, not {key!r}"
        elif key in _OURS:
            yield f"env.{key}", "is set by Rockpool"
        elif len(text) > _MOST_CHARACTERS or set(text) & set("\0\r\n"):
            yield f"env.{key}", f"must be one line of {_MOST_CHARACTERS} characters at most"


def _repository_faults(spec: Workspace) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with a repository. Its URL is shown in many places, so it must hold no password."""
    url = _URL.fullmatch(spec.repository)
    if (spec.repository and not url and not _SCP.fullmatch(spec.repository)) or len(spec.repository) > 2048:
        yield "repository", f"must be an https, http, ssh or git URL, or user@host:path, not {spec.repository!r}"
    elif url and url["user"] and (url["scheme"] != "ssh" or ":" in url["user"]):
        yield "repository", "must hold no password or token: use a key or a credential inside the workspace"
    if spec.branch and not _BRANCH.fullmatch(spec.branch):
        yield "branch", f"must be the name of a branch or tag, not {spec.branch!r}"
    if spec.branch and not spec.repository:
        yield "branch", "needs a repository"
