"""Server-sent events, read so that a dropped connection loses none."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rockpool.client.answers import Event, read
from rockpool.client.connection import Connection, Lines
from rockpool.errors import DeadlinePassed, HostNotReady, RockpoolError

AGAIN = 0.2
"""Seconds before another attempt to connect."""


@contextmanager
def events(connection: Connection, path: str, *, last: int = 0, every: float = 1.0) -> Iterator[Iterator[Event | None]]:
    """Have the events after the one with id `last`, without an end; None whenever none came for `every` seconds.

    A connection that breaks is opened again where it ended. What the API refuses is raised.
    """
    pump = _Pump(connection, path, last)
    pump.start()
    try:
        yield pump.taken(every)
    finally:
        pump.end()


def parse(lines: Iterable[str]) -> Iterator[Event]:
    """Read a stream's lines: a block of data is an event; comments only keep the connection alive."""
    data: list[str] = []
    for line in lines:
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield read(_event, "\n".join(data))
            data = []


class _Pump(threading.Thread):
    """Reads a stream while another thread waits for what it brings, or for a while."""

    def __init__(self, connection: Connection, path: str, last: int) -> None:
        super().__init__(daemon=True)
        self._connection, self._path, self._last = connection, path, last
        self._arrived: queue.Queue[Event | RockpoolError] = queue.Queue()
        self._stop_reading = threading.Event()
        self._open: Lines | None = None

    def run(self) -> None:
        while not self._stop_reading.is_set():
            try:
                self._read()
            except (HostNotReady, DeadlinePassed):
                pass  # it is being restarted, or the network slept
            except RockpoolError as error:
                self._arrived.put(error)
                return
            self._stop_reading.wait(AGAIN)

    def _read(self) -> None:
        with self._connection.stream(self._path, last=self._last) as lines:
            self._open = lines
            for event in parse(() if self._stop_reading.is_set() else lines):
                self._last = event.id
                self._arrived.put(event)

    def taken(self, every: float) -> Iterator[Event | None]:
        """Yield what arrives."""
        while True:
            try:
                event = self._arrived.get(timeout=every)
            except queue.Empty:
                yield None
                continue
            if isinstance(event, RockpoolError):
                raise event
            yield event

    def end(self) -> None:
        """Stop reading at once."""
        self._stop_reading.set()
        if self._open:
            self._open.abort()
        self.join(timeout=2)


def _event(text: str) -> Event:
    return Event.parse(json.loads(text))
