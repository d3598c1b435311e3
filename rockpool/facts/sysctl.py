"""Kernel parameters, live and on the disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class SysctlState:
    """The sha256 of the file (empty when absent), and the `live` values by the parameter's name."""

    file: str = ""
    live: dict[str, str] = field(default_factory=dict)


class Sysctl(FactBase[SysctlState]):
    """The parameters called `keys` (as in `fs.inotify.max_user_watches`) and the checksum of `file`."""

    @staticmethod
    def default() -> SysctlState:
        """Return what is told of a machine that is not there yet."""
        return SysctlState()

    def command(self, keys: tuple[str, ...], file: str) -> StringCommand:
        """Read the kernel's own files."""
        return script("sysctl", file, *(key.replace(".", "/") for key in keys))

    def process(self, output: list[str]) -> SysctlState:
        """Read the checksum, then `PATH:VALUE` lines; a value of several numbers gets single spaces."""
        values = dict(line.partition(":")[::2] for line in output if ":" in line)
        return SysctlState(
            file=next((line.removesuffix("  -") for line in output if line.endswith("  -")), ""),
            live={path.replace("/", "."): " ".join(value.split()) for path, value in values.items()},
        )
