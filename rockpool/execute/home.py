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
    """Return the directory of finished images, one directory a key; `make` makes it."""
    return home() / "images"


def machines() -> Path:
    """Return the directory of machines, one directory a name; `make` makes it."""
    return home() / "machines"


def secrets() -> Path:
    """Return the directory of secrets, closed to everybody else; `make` makes it."""
    return home() / "secrets"


def locks() -> Path:
    """Return the directory of lock files, made when it is absent."""
    return make(home() / "locks")


def make(path: Path) -> Path:
    """Make one of the home's directories unless it is there. Who only looks makes nothing: a plan leaves no trace."""
    path.mkdir(mode=_MODES[path.name], exist_ok=True)
    return path


_MODES = {
    "images": 0o711,
    "machines": 0o711,
    "releases": 0o711,
    "secrets": 0o700,
    "locks": 0o700,
    "backups": 0o700,
    "dev": 0o700,
}
