"""What is wanted: a machine that boots, a workspace. Values are checked once, here, all faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from rockpool import names
from rockpool.errors import Fault, InputError

MIB = 1024**2
GIB = 1024**3

_SIZE = re.compile(r"([1-9][0-9]*)([mgt])")
_UNITS = {"m": MIB, "g": GIB, "t": 1024 * GIB}


def parse_size(text: str) -> int:
    """Return the bytes of a size such as `512m`, `8g` or `1t` (powers of 1024). Raises ValueError."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"must be a whole number with m, g or t behind it, such as 512m or 8g, not {text!r}")
    return int(match[1]) * _UNITS[match[2]]


def format_size(size: int) -> str:
    """Return the shortest text that `parse_size` reads as `size` bytes (a multiple of 1 MiB)."""
    for unit in ("t", "g", "m"):
        if size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    raise ValueError(f"{size} bytes are not a whole number of MiB")


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
        reader = _Reader(data, cls)
        machine = cls(
            name=reader.text("name", ""),
            cpus=reader.number("cpus", cls.cpus, 1, 256),
            memory=reader.size("memory", cls.memory, 512 * MIB, 1024 * GIB),
            system=reader.size("system", cls.system, 4 * GIB, 1024 * GIB),
            state=reader.size("state", cls.state, GIB, 1024 * GIB),
            workspaces=reader.size("workspaces", cls.workspaces, GIB, 64 * 1024 * GIB),
            image=reader.text("image", cls.image),
            ssh_port=reader.number("ssh_port", cls.ssh_port, 0, 65535),
            forwards=reader.forwards("forwards", cls.forwards),
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


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One isolated development environment. Sizes are bytes.

    `port` is where the IDE (or any application that serves HTTP) listens inside; `sudo=False` runs it without any
    capability, for code that nobody vouches for.
    """

    name: str
    image: str = "workspace"
    cpus: int = 2
    memory: int = 4 * GIB
    pids: int = 4096
    port: int = 8080
    sudo: bool = True

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Workspace:
        """Read a workspace from plain data. Raises InputError with every fault."""
        reader = _Reader(data, cls)
        workspace = cls(
            name=reader.text("name", ""),
            image=reader.text("image", cls.image),
            cpus=reader.number("cpus", cls.cpus, 1, 256),
            memory=reader.size("memory", cls.memory, 128 * MIB, 1024 * GIB),
            pids=reader.number("pids", cls.pids, 64, 1_000_000),
            port=reader.number("port", cls.port, 1024, 65535),
            sudo=reader.flag("sudo", cls.sudo),
        )
        if message := names.workspace_name_fault(workspace.name):
            reader.fault("name", message)
        if not _IMAGE.fullmatch(workspace.image):
            reader.fault(
                "image",
                f"must be an image reference such as workspace or quay.io/team/tool:1, not {workspace.image!r}",
            )
        reader.finish(f"workspace {workspace.name!r}")
        return workspace

    def to_data(self) -> dict[str, Any]:
        """Return plain data that `parse` reads back to an equal workspace."""
        return {**asdict(self), "memory": format_size(self.memory)}


_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/:@-]{0,254}")
_ADDRESS = re.compile(r"127(?:\.[0-9]{1,3}){3}")


class _Reader:
    """Takes typed values out of a mapping and collects what is wrong with them."""

    def __init__(self, data: Mapping[str, Any], spec: type[Any]) -> None:
        self._data = data
        self._faults = [
            Fault(
                field=str(unknown),
                message=f"is not known; known are {', '.join(f.name for f in fields(spec))}",
            )
            for unknown in sorted(set(data) - {f.name for f in fields(spec)})
        ]

    def fault(self, field: str, message: str) -> None:
        self._faults.append(Fault(field=field, message=message))

    def finish(self, subject: str) -> None:
        if self._faults:
            raise InputError(subject, sorted(self._faults))

    def text(self, field: str, default: str) -> str:
        value = self._data.get(field, default)
        if isinstance(value, str):
            return value
        self.fault(field, f"must be a text, not {value!r}")
        return default

    def flag(self, field: str, default: bool) -> bool:  # a default is a value here, not a switch
        value = self._data.get(field, default)
        if isinstance(value, bool):
            return value
        self.fault(field, f"must be true or false, not {value!r}")
        return default

    def number(self, field: str, default: int, least: int, most: int) -> int:
        return self._number(field, self._data.get(field, default), default, least, most)

    def _number(self, field: str, value: object, default: int, least: int, most: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(field, f"must be a whole number from {least} to {most}, not {value!r}")
        return default

    def size(self, field: str, default: int, least: int, most: int) -> int:
        value = self._data.get(field, format_size(default))
        try:
            size = parse_size(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.fault(field, str(error))
            return default
        if not least <= size <= most:
            self.fault(field, f"must be from {format_size(least)} to {format_size(most)}, not {value}")
            return default
        return size

    def forwards(self, field: str, default: tuple[Forward, ...]) -> tuple[Forward, ...]:
        value = self._data.get(field)
        if value is None:
            return default
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in value):
            self.fault(field, "must be a list of mappings with host_port and guest_port")
            return default
        forwards = tuple(self._forward(f"{field}[{index}]", item) for index, item in enumerate(value))
        taken = [forward.host_port for forward in forwards]
        for port in sorted({port for port in taken if taken.count(port) > 1}):
            self.fault(field, f"must use each host port once, not {port} twice")
        return forwards

    def _forward(self, field: str, item: Mapping[str, Any]) -> Forward:
        address = item.get("host_address", Forward.host_address)
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            self.fault(f"{field}.host_address", f"must be a loopback address such as 127.0.0.1, not {address!r}")
        for unknown in sorted(set(item) - {"host_port", "guest_port", "host_address"}):
            self.fault(f"{field}.{unknown}", "is not known; known are host_port, guest_port, host_address")
        return Forward(
            host_port=self._number(f"{field}.host_port", item.get("host_port"), 1, 1, 65535),
            guest_port=self._number(f"{field}.guest_port", item.get("guest_port"), 1, 1, 65535),
            host_address=str(address),
        )
