"""Bring the database to this version's schema, with a backup before. A newer schema is left as it is.

A module of its own, because Alembic weighs 20 MB that the API and the worker need not carry. Mostly there is nothing to
migrate, and then neither Alembic nor SQLAlchemy is loaded: at boot, all else waits for this.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from rockpool.control import clock, settings
from rockpool.control.backup import BACKUPS, backup, keep
from rockpool.control.sqlite import FILE, told
from rockpool.errors import Damaged, RockpoolError
from rockpool.execute import lock

_KEPT_BACKUPS = 5
_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(state: Path) -> str:
    """Bring the database in `state` to this version's schema; return the backup's path, or "" if none was needed.

    May be killed anywhere and run again. Raises Busy, HostNotReady, Damaged.
    """
    path = state / FILE
    with lock.hold(state / "migrate.lock", "migrate the database", mode=0o660):  # by who is in the group, as all here
        found, known = _revision(path), revisions()
        wanted = known[-1]
        if found >= wanted:  # a newer one belongs to a version that was rolled back
            return ""
        if found and found not in known:
            raise Damaged(f"cannot migrate {path}", why=f"its revision {found!r} is unknown", fix="restore a backup")
        saved = str(backup(path, state / BACKUPS / f"before-{wanted}-{clock.now()}.db")) if found else ""
        _upgrade(path)
        keep(state / BACKUPS, "before-*.db", _KEPT_BACKUPS)
    return saved


def revisions() -> list[str]:
    """Return the schema's revisions, the newest last: four digits, with which the names of their files begin."""
    return sorted(path.name[:4] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def _revision(path: Path) -> str:
    """Return the schema's revision; empty when there is none yet. Raises Damaged."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return ""
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise told(error, path) from error
    return str(found[0]) if found else ""


def _upgrade(path: Path, to: str = "head") -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o660)  # SQLite gives its other files the same mode
    os.close(fd)
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = f"sqlite:///{path}"
    try:
        command.upgrade(config, to)
    except DBAPIError as error:
        raise told(error.orig, path) from error


def main() -> None:
    """Migrate the database of this machine's settings: the unit runs it before the API and the worker start."""
    try:
        saved = migrate(settings.load().state)
    except RockpoolError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    sys.stderr.write(f"backed up to {saved}\n" if saved else "")


if __name__ == "__main__":
    main()
