"""The QEMU of this host."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass

from rockpool.errors import HostNotReady
from rockpool.execute import process

OLDEST_UNDER_TCG = 8
_VERSION = re.compile(r"version (\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, kw_only=True)
class Program:
    """The installed QEMU for this processor: its version as a tuple, and the kernel below it."""

    arch: str
    version: tuple[int, ...]
    kernel: str

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


def program() -> Program:
    """Return this host's QEMU. Raises HostNotReady when a tool is missing."""
    arch = os.uname().machine
    needed = (f"qemu-system-{arch}", "qemu-img", "setpriv", "ssh", "ssh-keygen")
    absent = [tool for tool in needed if not shutil.which(tool)]
    if absent:
        raise HostNotReady(
            f"cannot run a machine: {', '.join(absent)} not found",
            why="it is not installed, or not on PATH",
            fix="run make up as root once, which installs it, or install the packages "
            "qemu-system-x86 (or -arm), qemu-utils, util-linux and openssh-client",
        )
    told = process.run((needed[0], "--version"), seconds=20)
    return Program(arch=arch, version=parse_version(told), kernel=os.uname().release)


def parse_version(told: str) -> tuple[int, ...]:
    """Read what `qemu-system-… --version` printed. Raises HostNotReady when it is something else."""
    match = _VERSION.search(told)
    if not match:
        raise HostNotReady("cannot tell the version of QEMU", why=f"it said {told[:80]!r}", fix="install QEMU anew")
    return tuple(int(part) for part in match.groups() if part)


def refuse_old(version: tuple[int, ...]) -> None:
    """Raise HostNotReady for a QEMU whose software emulation crashes guests."""
    if version[0] < OLDEST_UNDER_TCG:
        raise HostNotReady(
            f"QEMU {'.'.join(map(str, version))} is too old",
            why="this computer gives us no working KVM, and before version 8 QEMU's own emulation crashes guests",
            fix="install a newer QEMU (on Debian 12: from bookworm-backports), or use a computer with KVM",
        )
