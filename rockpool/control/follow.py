"""Telling streams that the database has changed, whoever wrote: one cheap look for all of them together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

_LOOK_SECONDS = 0.25


class Follower:
    """Looks four times a second at SQLite's data version, which any other connection's commit changes.

    It looks only while somebody follows. One event loop uses it.
    """

    def __init__(self, path: Path) -> None:
        self.version = 0
        self.following = 0
        self.ended = False
        self._uri = f"{path.absolute().as_uri()}?mode=ro"
        self._changed = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        """Have it look while the block runs."""
        self.following += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self.following -= 1
            if not self.following:
                self._looking.cancel()

    async def newer(self, than: int, seconds: float) -> bool:
        """Wait until `version` is another one; say whether it came within that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.version != than)
        return self.version != than

    async def end(self) -> None:
        """Tell everybody that it is over: the process is about to stop."""
        self.ended = True
        await self._tell()

    async def _look(self) -> None:
        while True:
            # Each stream meets a fault when it reads; this one only tries again.
            with suppress(sqlite3.Error), closing(sqlite3.connect(self._uri, uri=True)) as connection:
                await self._look_at(connection)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look_at(self, connection: sqlite3.Connection) -> None:
        seen = None
        while True:
            found = connection.execute("PRAGMA data_version").fetchone()[0]
            if found != seen:
                seen = found
                await self._tell()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _tell(self) -> None:
        self.version += 1
        async with self._changed:
            self._changed.notify_all()
