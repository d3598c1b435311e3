"""Copies of the database, made while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from rockpool.errors import HostNotReady

BACKUPS = "backups"
"""The directory beside the database that holds them."""


def backup(path: Path, to: Path) -> Path:
    """Copy a database while it is in use, whole or not at all; return the copy's path. Raises HostNotReady."""
    part = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(mode=0o750, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        part.replace(to)
        _sync(to.parent)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise HostNotReady(f"cannot back up {path}", why=str(error), fix="free room on the state disk") from error
    return to


def keep(directory: Path, pattern: str, newest: int) -> None:
    """Remove all backups of a kind but the newest."""
    for old in sorted(directory.glob(pattern), key=lambda path: path.stat().st_mtime_ns)[:-newest]:
        old.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
