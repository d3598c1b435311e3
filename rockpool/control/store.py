"""The database: one SQLite file in which an acknowledged wish survives anything but the loss of the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from rockpool.control.sqlite import FILE, told
from rockpool.errors import Busy

_LOCKED_SECONDS = 10
"""How long a transaction waits for one of another process to end."""
_TURN_SECONDS = 30
"""How long a writer waits for the others of its process: SQLite has no queue, and among many some would never come."""


class Store:
    """Opens transactions on the database of a state directory. Threads may share it, processes may not."""

    def __init__(self, state: Path) -> None:
        self.path = state / FILE
        self._engine = _engine(self.path)
        self._writing = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        self._turn = Lock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one unchanging view of the database. Raises HostNotReady, Busy or Damaged, as `writing` does."""
        with self._session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write everything in the block, or nothing; on return it is on the disk.

        The block is alone in writing, so keep it short. Raises HostNotReady (disk full, read-only, unreadable), Busy
        (another writer for too long) or Damaged.
        """
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise Busy("the database is busy", why=f"{self.path}: too many write at once", fix="try again")
        try:
            with self._session(self._writing) as session:
                yield session
                session.commit()
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except DBAPIError as error:
            raise told(error.orig, self.path) from error
        except PoolTimeout as error:
            raise Busy("the database is busy", why=str(error), fix="try again") from error


def _engine(path: Path) -> Engine:
    # Forty threads serve requests, so as many connections at most; four stay open.
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": _LOCKED_SECONDS}, pool_size=4, max_overflow=36, pool_timeout=30
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _on_begin says, not where Python guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-512"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
