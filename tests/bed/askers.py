"""Who asks in the isolation tests: workspaces with sudo and without, and what is never inside one but counts as one."""

from __future__ import annotations

import json

from rockpool import names
from rockpool.spec import Workspace
from rockpool.step import Argv
from tests.bed import driven
from tests.bed.guest import SUBORDINATE, WORKSPACE_USER, Guest

SHUT = Workspace.parse({"name": "shut-1", "sudo": False, "memory": "512m"})
"""A workspace for code that nobody vouches for; the deployed one, demo, has sudo."""

INSIDE = ("with sudo", "its root", "without sudo")
"""Those that are in a container."""

ALL = (*INSIDE, "its user", "host network")


def admit(guest: Guest) -> None:
    """Make the workspace without sudo, and wait until its IDE answers."""
    driven.carry_out(guest, "present", SHUT)


def asker(guest: Guest, who: str) -> Argv:
    """Return what runs a command as one of them."""
    return {
        "with sudo": guest.workspace,
        "its root": (*guest.workspace, "sudo", "--non-interactive"),
        "without sudo": guest.podman("exec", "--interactive", names.container(SHUT.name)),
        "its user": WORKSPACE_USER,
        "host network": SUBORDINATE,
    }[who]


def own_addresses(guest: Guest, who: Argv = ()) -> set[str]:
    """Return the addresses that interfaces have where `who` is; a link-local one with the name of its interface."""
    rows = json.loads(guest.run(*who, "ip", "-json", "address"))
    return {
        f"{address['local']}%{row['ifname']}" if address["scope"] == "link" else address["local"]
        for row in rows
        for address in row["addr_info"]
    }
