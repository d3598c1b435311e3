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
    """A workspace as the survey found it: its container, home and routes are compared one by one.

    `image_id` is the image that its layer lies on. `user` is its numeric user inside. `made_as` is the digest of
    what only a new container can change. `routes` are the ports that have an open socket (`ide` or a number).
    """

    state: State
    spec: Workspace | None = None
    image_id: str = ""
    home: bool = False
    user: int = 0
    made_as: str = ""
    routes: frozenset[str] = frozenset()
    foreign: str = ""
