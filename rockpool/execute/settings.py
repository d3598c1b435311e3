"""What the user of this host has chosen, from `ROCKPOOL_HOME/settings.toml`; what is not there fits the host.

[machine]           # any field of rockpool.spec.Machine but its name
memory = "6g"

[ports]             # of this host's loopback
app = 18080
ide = 18081
preview = 18082
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from typing import Any

from rockpool.errors import Fault, InputError
from rockpool.execute.home import home
from rockpool.spec import GIB, MIB, Machine, format_size

PORTS = {"app": 8080, "ide": 8081, "preview": 8082}
"""The door's three ports inside the root VM; the same on the host unless chosen otherwise."""


def machine(name: str = "root") -> Machine:
    """Return the root VM's spec. Raises InputError with every fault of the settings."""
    chosen = _load()
    ports = {**PORTS, **_table(chosen, "ports")}
    forwards = [{"host_port": ports[door], "guest_port": guest} for door, guest in PORTS.items()]
    return Machine.parse({**_fitting(), "forwards": forwards, **_table(chosen, "machine"), "name": name})


def base_urls(spec: Machine) -> dict[str, str]:
    """Return the URL of each door as a browser on this host says it."""
    host_ports = {forward.guest_port: forward.host_port for forward in spec.forwards}
    return {door: f"http://localhost:{host_ports.get(guest, guest)}" for door, guest in PORTS.items()}


def _load() -> Mapping[str, Any]:
    path = home() / "settings.toml"
    try:
        chosen = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(path), [Fault(field="settings", message=f"must be TOML: {error}")]) from error
    ports = _table(chosen, "ports")
    faults = [_unknown(table, _TABLES) for table in set(chosen) - set(_TABLES)]
    faults += [_unknown(f"ports.{port}", tuple(PORTS)) for port in set(ports) - set(PORTS)]
    if faults:
        raise InputError(str(path), sorted(faults))
    return chosen


_TABLES = ("machine", "ports")


def _unknown(field: str, known: tuple[str, ...]) -> Fault:
    return Fault(field=field, message=f"is not known; known are {', '.join(known)}")


def _table(chosen: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = chosen.get(name, {})
    if not isinstance(value, dict):
        raise InputError("settings.toml", [Fault(field=name, message="must be a table")])
    return value


def _fitting() -> dict[str, Any]:
    """Return processors and memory: the defaults, or less where the host has less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    most = max(GIB, memory // 2 // (512 * MIB) * (512 * MIB))
    return {"cpus": min(Machine.cpus, os.cpu_count() or 1), "memory": format_size(min(Machine.memory, most))}
