"""Whether this host has what a machine needs: memory, disk, ports."""

from __future__ import annotations

import errno
import shutil
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from rockpool.errors import HostNotReady
from rockpool.execute.home import home
from rockpool.execute.machine.directory import Directory
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import GIB, Forward, Machine, round_size

LEAST_DISK = 2 * GIB


def check(machine: Directory, spec: Machine, *, ports: bool) -> None:
    """Raise HostNotReady, naming everything that lacks; tell on stderr what is merely scarce.

    Without `ports` they are not looked at: QEMU will listen in another network namespace.
    """
    total, available = memory()
    verdicts = (
        judge_memory(spec.memory, total, available),
        disk(machine, spec),
        ("refuse", taken) if ports and (taken := taken_ports(spec)) else ("", ""),
    )
    for verdict, told in verdicts:
        if verdict == "warn":
            sys.stderr.write(f"  note: {told}\n")
    refused = [told for verdict, told in verdicts if verdict == "refuse"]
    if refused:
        raise HostNotReady(
            f"cannot boot machine {spec.name!r} on this host",
            why="; ".join(refused),
            fix="free what is short, or ask for less (memory, disks, ports)",
        )


def disk(machine: Directory, spec: Machine) -> tuple[str, str]:
    """Judge the free space below the machines' directory."""
    promised = sum(getattr(spec, disk) for disk in DISKS) - allocated(machine)
    return judge_disk(promised, shutil.disk_usage(home()).free)


def judge_memory(wanted: int, total: int, available: int) -> tuple[str, str]:
    """Say `refuse`, `warn` or nothing, with the reason. A guest takes its memory as it uses it, rarely all at once."""
    need, free = round_size(wanted), f"{round_size(available)} of {round_size(total)}"
    told = f"the machine may use {need} of memory, and {free} are free"
    if wanted > total or available < wanted // 2:
        return "refuse", told
    return ("warn", told) if available < wanted else ("", "")


def judge_disk(promised: int, free: int) -> tuple[str, str]:
    """Say `refuse`, `warn` or nothing, with the reason. `promised` is what the sparse disks may still grow by."""
    told = f"the machine's disks may grow by {round_size(promised)}, and {round_size(free)} are free"
    if free < min(LEAST_DISK, promised):
        return "refuse", told
    return ("warn", told) if free < promised else ("", "")


def memory() -> tuple[int, int]:
    """Return the bytes of memory in all, and those that a new process could get."""
    rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    total, available = (int(rows[key].split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))
    return total, available


def allocated(machine: Directory) -> int:
    """Return the bytes that the machine's disks take on this host already."""
    paths = [machine.path / f"{disk}.qcow2" for disk in DISKS]
    return sum(path.lstat().st_blocks * 512 for path in paths if path.is_file())


def taken_ports(spec: Machine) -> str:
    """Say which of the machine's host ports are taken and by whom; empty when all are free."""
    wanted = (Forward(host_port=spec.ssh_port, guest_port=22), *spec.forwards)
    told = [_taken(forward.host_address, forward.host_port) for forward in wanted]
    return ", ".join(filter(None, told))


def free_port(avoid: Iterable[int]) -> int:
    """Return a free port of the loopback for ssh, below the range that outgoing connections use."""
    for port in range(22100, 22900):
        if port not in set(avoid) and not _taken("127.0.0.1", port):
            return port
    raise HostNotReady("no free port for ssh from 22100 to 22899", fix="set ssh_port in the spec")


def _taken(address: str, port: int) -> str:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as QEMU does: old connections do not count
        try:
            trial.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port} of {address} is in use{_by_whom(port)}"
            return f"port {port} of {address} cannot be used ({error.strerror})"
    return ""


def _by_whom(port: int) -> str:
    """Name the process that listens on a port, as far as /proc tells us."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if any(str(fd.readlink()) in inodes for fd in (entry / "fd").iterdir()):
                return f" by {(entry / 'comm').read_text().strip()} (process {entry.name})"
        except OSError:
            continue
    return ""


def _listening(port: int) -> list[str]:
    tables = [path for path in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if path.exists()]
    rows = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return [row[9] for row in rows if row[3] == "0A" and int(row[1].rsplit(":", 1)[1], 16) == port]
