"""One at a time for each machine."""

from __future__ import annotations

from contextlib import AbstractContextManager

from rockpool.execute import lock
from rockpool.execute.home import locks


def hold(name: str, doing: str) -> AbstractContextManager[None]:
    """Hold the machine's lock while the block runs. Raises Busy when another process works on this machine."""
    return lock.hold(locks() / f"machine-{name}", f"{doing} machine {name}")
