"""The API as it runs: a server on a Unix socket, over a database of its own, with a queue that remembers."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rockpool.control.api import serve
from rockpool.control.api.app import create
from rockpool.control.queue import Memory
from rockpool.control.settings import Settings


@pytest.fixture
def settings(state: Path) -> Settings:
    return Settings(state=state, stub=state / "stub", runtime="stub", queue="memory")


@pytest.fixture
def queue() -> Memory:
    return Memory()


@contextmanager
def serving(app: object) -> Iterator[httpx.Client]:
    """Serve an application while the block runs; every wait on it has a deadline."""
    with tempfile.TemporaryDirectory(prefix="rp") as directory:  # short: a socket's path may have 107 bytes
        path = Path(directory) / "api.sock"
        server, listening = serve.server(app), serve.listen(path)
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with httpx.Client(
                transport=httpx.HTTPTransport(uds=str(path)), base_url="http://api", timeout=20
            ) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def api(settings: Settings, queue: Memory) -> Iterator[httpx.Client]:
    with serving(create(settings, hints=queue)) as client:
        yield client
