"""Where the test bed lives, and how lanes share it: a process that runs tests beside others has a home of its own.

Images are shared: what one lane builds, the others find. So is the deploy: who comes first publishes what it saved.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LANE = os.environ.get("PYTEST_XDIST_WORKER", "")
"""The name of this process among several that run tests; empty for the only one."""


def make_home() -> Path:
    """Return the home of this process's tests, made when it is absent: machines there are nobody else's."""
    base = _base()
    (base / "images").mkdir(mode=0o711, parents=True, exist_ok=True)
    base.chmod(0o711)  # QEMU's account passes through
    if not LANE:
        return base
    home = base / LANE
    home.mkdir(mode=0o711, exist_ok=True)
    if not (home / "images").is_symlink():
        (home / "images").symlink_to(base / "images")
    return home


@contextmanager
def alone(doing: str) -> Iterator[None]:
    """Wait until no other lane does this, and let none begin."""
    with (_base() / f"{doing}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def published() -> Path | None:
    """Return where this run's lanes publish; None when there is only one. What earlier runs left goes."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if not run:
        return None
    place = _base() / f"published-{run}"
    for old in _base().glob("*published-*"):
        if old != place:
            shutil.rmtree(old)
    return place


def _base() -> Path:
    """Return `ROCKPOOL_TEST_HOME`, by default in the XDG cache directory."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("ROCKPOOL_TEST_HOME") or cache / "rockpool-tests").absolute()
