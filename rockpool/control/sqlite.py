"""What all who open the database share, without SQLAlchemy: its name, and what SQLite's refusals mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rockpool.errors import Busy, Damaged, HostNotReady, RockpoolError

FILE = "control.db"


def told(error: BaseException | None, path: Path) -> RockpoolError:
    """Say in our words why SQLite refused."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest a detail
    why = f"{path}: {error}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy("the database is busy", why=why, fix="try again")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged("the database is damaged", why=why, fix="restore a backup: `rockpool control restore`")
    if code == sqlite3.SQLITE_FULL:
        return HostNotReady("the database cannot grow", why=why, fix="free room on the state disk, then try again")
    return HostNotReady("the database does not answer", why=why, fix="mend the state disk, then try again")
