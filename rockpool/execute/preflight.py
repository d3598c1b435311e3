"""What would stop the deploy is told before it begins, all of it at once."""

from __future__ import annotations

import os
import platform
import shutil

from rockpool.errors import HostNotReady
from rockpool.spec import Machine

ARCHITECTURES = ("x86_64", "aarch64")


def check(spec: Machine) -> None:
    """Raise HostNotReady with every reason why this host cannot carry the machine now."""
    faults = [fault for look in (_platform, _tools, _room) for fault in look(spec)]
    if faults:
        raise HostNotReady(
            f"this host cannot carry machine {spec.name!r} yet",
            why="\n       ".join(why for why, _ in faults),
            fix="\n       ".join(dict.fromkeys(fix for _, fix in faults)),
        )


Faults = list[tuple[str, str]]


def _platform(_: Machine) -> Faults:
    system, arch = platform.system(), platform.machine()
    if system != "Linux":
        return [(f"this is {system}; only Linux carries the root VM so far", "use a computer with Linux")]
    if arch not in ARCHITECTURES:
        return [(f"this processor is {arch}; known are {', '.join(ARCHITECTURES)}", "use another computer")]
    return []


def _tools(_: Machine) -> Faults:
    qemu = f"qemu-system-{platform.machine()}"
    if os.geteuid() == 0 or shutil.which(qemu):
        return []
    return [(f"{qemu} is not installed, and installing it needs root", "run this as root, or install QEMU")]


def _room(spec: Machine) -> Faults:
    from rockpool.execute.machine import directory, identity, room

    machine = directory.directory(spec.name)
    if platform.system() != "Linux" or identity.find(machine):
        return []  # it runs: what it needs, it has
    judged = (room.judge_memory(spec.memory, *room.memory()), room.disk(machine, spec))
    less = "free some, or ask for less in settings.toml"
    faults = [(told, less) for verdict, told in judged if verdict == "refuse"]
    if taken := room.taken_ports(spec):
        faults.append((taken, "free it, or choose other [ports] in settings.toml"))
    return faults
