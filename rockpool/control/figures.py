"""What a workspace uses, read from the files of its cgroup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CGROUPS = Path("/sys/fs/cgroup")

_ROUTES = r"app.slice/app-rockpool\x2droute.slice"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Processor seconds since its start, memory in bytes and processes; a limit is None where there is none."""

    cpu_seconds: float
    memory: int
    memory_limit: int | None
    pids: int
    pids_limit: int | None


class Figures(Protocol):
    """Where figures come from."""

    def read(self, cgroup: str) -> Usage | None:
        """Return what the cgroup of that path uses; None when it does not run."""
        ...

    def carried(self, cgroup: str, workspace: str) -> float:
        """Return the processor seconds of what carries requests to its ports, 0 when nothing does."""
        ...


class Cgroups:
    """The kernel's figures. `root` is where cgroup v2 is mounted."""

    def __init__(self, root: Path = CGROUPS) -> None:
        self._root = root

    def read(self, cgroup: str) -> Usage | None:
        """Read them, if there is such a cgroup."""
        directory = self._root / cgroup.strip("/")
        if not cgroup or ".." in directory.parts:
            return None
        try:
            return Usage(
                cpu_seconds=_microseconds(directory / "cpu.stat") / 1_000_000,
                memory=int((directory / "memory.current").read_text()),
                memory_limit=_limit(directory / "memory.max"),
                pids=int((directory / "pids.current").read_text()),
                pids_limit=_limit(directory / "pids.max"),
            )
        except OSError:  # it has stopped meanwhile
            return None

    def carried(self, cgroup: str, workspace: str) -> float:
        """Add up the route services of the same manager. That of the IDE is left out: we ask the editor through it."""
        manager = cgroup.strip("/").partition(".service/")[0] + ".service"
        routes = (self._root / manager / _ROUTES).glob(f"rockpool-route@{workspace}.[0-9]*.service/cpu.stat")
        try:
            return sum(map(_microseconds, routes)) / 1_000_000
        except OSError:  # one has ended meanwhile
            return 0


class NoFigures:
    """For a runtime in which nothing runs."""

    def read(self, cgroup: str) -> Usage | None:  # noqa: ARG002  # the Protocol's
        """Nothing is used."""
        return Usage(cpu_seconds=0, memory=0, memory_limit=None, pids=0, pids_limit=None)

    def carried(self, cgroup: str, workspace: str) -> float:  # noqa: ARG002  # the Protocol's
        """Nothing carries anything."""
        return 0


def _microseconds(path: Path) -> int:
    rows = dict(line.split() for line in path.read_text().splitlines())
    return int(rows["usage_usec"])


def _limit(path: Path) -> int | None:
    text = path.read_text().strip()
    return None if text == "max" else int(text)
