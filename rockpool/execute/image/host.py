"""What a build takes from this machine."""

from __future__ import annotations

import os
import shutil

from rockpool.errors import HostNotReady
from rockpool.execute.home import home

NEEDED_BYTES = 12 * 2**30
"""Room for one build from nothing: 4 GiB stay, the rest is temporary."""

TOOLS = {"mmdebstrap": "mmdebstrap", "pivot_root": "util-linux", "setpriv": "util-linux", "unshare": "util-linux"}
"""Commands that a build takes from this machine, and the Debian package of each."""


def require() -> None:
    """Raise HostNotReady, naming everything that this machine lacks for a build."""
    absent = tuple(tool for tool in TOOLS if shutil.which(tool) is None)
    problem = lacking(is_root=os.geteuid() == 0, absent=absent, free=shutil.disk_usage(home()).free)
    if problem:
        raise problem


def lacking(*, is_root: bool, absent: tuple[str, ...], free: int) -> HostNotReady | None:
    """Return the fault of a machine like that, all reasons at once, or None. `free` is in bytes."""
    lacks = []
    if not is_root:
        lacks.append(("a build needs root, for owners, mounts and user namespaces", "run it as root"))
    if absent:
        packages = " ".join(sorted({TOOLS[tool] for tool in absent}))
        lacks.append((f"{', '.join(absent)} not found", f"apt install {packages}"))
    if free < NEEDED_BYTES:
        gibibytes = (free / 2**30, NEEDED_BYTES / 2**30)
        lacks.append(
            ("{:.1f} GiB free, {:.0f} GiB needed".format(*gibibytes), "free some, or set ROCKPOOL_HOME to another disk")
        )
    if not lacks:
        return None
    return HostNotReady(
        "cannot build images", why="; ".join(why for why, _ in lacks), fix="; ".join(fix for _, fix in lacks)
    )
