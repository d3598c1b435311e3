"""Where Rockpool keeps its things on the host."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return `ROCKPOOL_HOME`, by default `rockpool` in the XDG data directory, made when it is absent.

    Others may pass through (0711), so that a hypervisor without privileges reaches its machine's directory; what is
    secret is closed by its own mode.
    """
    default = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "rockpool"
    path = Path(os.environ.get("ROCKPOOL_HOME") or default).absolute()
    path.mkdir(mode=0o711, parents=True, exist_ok=True)
    return path


def images() -> Path:
    """Return the directory of finished images, one directory a key."""
    return _part("images", 0o711)


def machines() -> Path:
    """Return the directory of machines, one directory a name."""
    return _part("machines", 0o711)


def secrets() -> Path:
    """Return the directory of secrets, closed to everybody else."""
    return _part("secrets", 0o700)


def locks() -> Path:
    """Return the directory of lock files."""
    return _part("locks", 0o700)


def _part(name: str, mode: int) -> Path:
    path = home() / name
    path.mkdir(mode=mode, exist_ok=True)
    return path
