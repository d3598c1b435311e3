"""What is there: the survey's answer about one machine or workspace. A thing that is absent has no value at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rockpool.spec import Machine, Workspace


class State(StrEnum):
    """How far something has come."""

    INCOMPLETE = "incomplete"  # half made: an interrupted create
    STOPPED = "stopped"
    UNSETTLED = "unsettled"  # between stopped and running: an interrupted start or stop
    RUNNING = "running"


@dataclass(frozen=True, kw_only=True)
class MachineCurrent:
    """A machine as the survey found it.

    `spec` is what its files were made for; None while it is incomplete. `image_key` is the content hash of the image
    below its system disk. `accelerator` is `kvm`, `tcg` or empty when it has not booted yet. `foreign` says whose it is
    when something of that name was made by something else.
    """

    state: State
    spec: Machine | None = None
    image_key: str = ""
    accelerator: str = ""
    pid: int = 0
    ssh_port: int = 0
    foreign: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkspaceCurrent:
    """A workspace as the survey found it. Plans compare each field but `spec`: none is empty unless the world is right.

    `spec` is for whoever adopts it: what its container was made for, with what has changed since, and of env the names
    alone; None while there is no container or no spec can say it. `made_as` is the digest of what only a new
    container can change. `paused`: its processes stand still. `cpus`, `memory`, `swap` (bytes, both together)
    and `pids` are its limits. `home` says whether its home is there, `user` is the numeric user that it belongs to.
    `routes` are the ports that have an open socket (`ide` or a number), `ports` the numbers that are registered.
    `disk` and `layer_disk` are the limits in bytes of its home and its layer, 0 without one. `cloned`: its repository
    needs no clone any more. `foreign` says what of that name is not ours.
    """

    state: State
    spec: Workspace | None = None
    made_as: str = ""
    paused: bool = False
    cpus: float = 0
    memory: int = 0
    swap: int = 0
    pids: int = 0
    home: bool = False
    user: int = 0
    routes: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    disk: int = 0
    layer_disk: int = 0
    cloned: bool = False
    foreign: str = ""
