"""A machine: anything that boots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rockpool import names
from rockpool.spec.reader import Reader
from rockpool.spec.units import GIB, MIB, format_size


@dataclass(frozen=True, kw_only=True, order=True)
class Forward:
    """A TCP port of the host that leads to a port of the machine."""

    host_port: int
    guest_port: int
    host_address: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Anything that boots. Sizes are bytes.

    `system`, `state` and `workspaces` are the sizes of its three disks; a disk may grow and never shrinks.
    `image` names the image that the system disk is laid over. `ssh_port` 0 lets the host pick a free port once.
    """

    name: str
    cpus: int = 4
    memory: int = 8 * GIB
    system: int = 16 * GIB
    state: int = 8 * GIB
    workspaces: int = 64 * GIB
    image: str = "root-vm"
    ssh_port: int = 0
    forwards: tuple[Forward, ...] = (
        Forward(host_port=8080, guest_port=8080),
        Forward(host_port=8081, guest_port=8081),
        Forward(host_port=8082, guest_port=8082),
    )

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Machine:
        """Read a machine from plain data (group_data, JSON). Raises InputError with every fault."""
        reader = Reader(data, cls)
        machine = cls(
            name=reader.text("name", ""),
            cpus=reader.number("cpus", cls.cpus, 1, 256),
            memory=reader.size("memory", cls.memory, 512 * MIB, 1024 * GIB),
            system=reader.size("system", cls.system, 4 * GIB, 1024 * GIB),
            state=reader.size("state", cls.state, GIB, 1024 * GIB),
            workspaces=reader.size("workspaces", cls.workspaces, GIB, 64 * 1024 * GIB),
            image=reader.text("image", cls.image),
            ssh_port=reader.number("ssh_port", cls.ssh_port, 0, 65535),
            forwards=_forwards(reader, cls.forwards),
        )
        if not names.MACHINE_NAME.fullmatch(machine.name):
            rule = "must be 2 to 32 of a-z, 0-9 and single hyphens, first a letter, last a letter or digit"
            reader.fault("name", f"{rule}, not {machine.name!r}")
        reader.finish(f"machine {machine.name!r}")
        return machine

    def to_data(self) -> dict[str, Any]:
        """Return plain data that `parse` reads back to an equal machine."""
        data = asdict(self)
        for field in ("memory", "system", "state", "workspaces"):
            data[field] = format_size(data[field])
        data["forwards"] = list(data["forwards"])
        return data


_ADDRESS = re.compile(r"127(?:\.[0-9]{1,3}){3}")


def _forwards(reader: Reader, default: tuple[Forward, ...]) -> tuple[Forward, ...]:
    items = reader.items("forwards", ("host_port", "guest_port", "host_address"))
    if items is None:
        return default
    forwards = tuple(_forward(reader, place, item) for place, item in items)
    taken = [forward.host_port for forward in forwards]
    for port in sorted({port for port in taken if taken.count(port) > 1}):
        reader.fault("forwards", f"must use each host port once, not {port} twice")
    return forwards


def _forward(reader: Reader, place: str, item: Mapping[str, Any]) -> Forward:
    address = item.get("host_address", Forward.host_address)
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        reader.fault(f"{place}.host_address", f"must be a loopback address such as 127.0.0.1, not {address!r}")
    return Forward(
        host_port=reader.number_of(f"{place}.host_port", item.get("host_port"), 1, 1, 65535),
        guest_port=reader.number_of(f"{place}.guest_port", item.get("guest_port"), 1, 1, 65535),
        host_address=str(address),
    )
