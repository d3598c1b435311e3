"""Tools on the user's own machine, which is not ours: only what is missing is installed, nothing is configured."""

from __future__ import annotations

from collections.abc import Mapping

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.errors import HostNotReady
from rockpool.facts.script import Commands, script
from rockpool.facts.tools import Tools, ToolState
from rockpool.operations.refuse import refuse

OLDEST_QEMU = 8
"""Before this version, QEMU's own emulation crashes guests."""

_PLAIN = ("debian", "ubuntu")


@operation()
def present(tools: Mapping[str, str]) -> Commands:
    """Tools that are on PATH; QEMU no older than 8.

    + tools: the Debian package of each tool

    On Debian and Ubuntu root installs what is missing, on Debian 12 QEMU from its backports. Elsewhere, or without
    root, the whole list is told with the fix.
    """
    current = host.get_fact(Tools, tools=tuple(sorted(tools)))
    missing = {tool: package for tool, package in sorted(tools.items()) if not _serves(current, tool)}
    if not missing:
        host.noop(f"all {len(tools)} tools are there")
    elif fault := _fault(current, missing):
        yield refuse(fault)
    else:
        suite = f"{current.codename}-backports" if current.codename == "bookworm" and _wants_qemu(missing) else ""
        if suite:
            yield script("enable_backports", current.codename)
        yield script("install_tools", suite, *sorted(set(missing.values())))


def _serves(current: ToolState, tool: str) -> bool:
    if tool not in current.tools:
        return False
    return not tool.startswith("qemu-system-") or current.tools[tool] >= OLDEST_QEMU


def _wants_qemu(missing: Mapping[str, str]) -> bool:
    return any(tool.startswith("qemu-") for tool in missing)


def _fault(current: ToolState, missing: Mapping[str, str]) -> HostNotReady | None:
    what = f"this machine lacks {', '.join(missing)}"
    packages = " ".join(sorted(set(missing.values())))
    if current.distribution not in _PLAIN:
        why = f"we install packages only on Debian and Ubuntu, and this is {current.distribution or 'another'}"
        return HostNotReady(
            what, why=why, fix=f"install what your system calls {packages} (QEMU {OLDEST_QEMU} at least)"
        )
    if not current.is_root:
        return HostNotReady(what, why="installing needs root", fix=f"run this as root, or: sudo apt install {packages}")
    return None
