"""The API in process for what it answers, and as a server on a Unix socket for what goes on."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from rockpool.control.api import serve
from rockpool.control.api.app import create
from rockpool.control.queue import Memory
from rockpool.control.settings import Settings


class InProcess(httpx.BaseTransport):
    """Hands requests to an application, without a server."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._app, self._portal = httpx.ASGITransport(app), portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._handle, request)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        content = b"".join(request.stream)  # type: ignore[arg-type]  # a sync client sends sync streams
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=content)
        answer = await self._app.handle_async_request(asked)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@contextmanager
def listening_at(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    """Serve an application on a socket while the block runs."""
    app.state.server = server = serve.server(app)
    listening.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield
    finally:
        server.end()
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve an application on a Unix socket while the block runs; every wait on it has a deadline."""
    with tempfile.TemporaryDirectory(prefix="rp") as directory:  # short: a socket's path may have 107 bytes
        path = Path(directory) / "api.sock"
        transport = httpx.HTTPTransport(uds=str(path))
        with listening_at(app, serve.listen(path)), httpx.Client(transport=transport, timeout=20) as client:
            client.base_url = "http://api"
            yield client


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as running:
        yield running


@pytest.fixture
def settings(state: Path) -> Settings:
    return Settings(state=state, stub=state / "stub", runtime="stub", queue="memory")


@pytest.fixture
def queue() -> Memory:
    return Memory()


@pytest.fixture
def app(settings: Settings, queue: Memory) -> Iterator[FastAPI]:
    made = create(settings, hints=queue)
    yield made
    made.state.parts.store.close()


@pytest.fixture
def api(app: FastAPI, portal: BlockingPortal) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(app, portal), base_url="http://api") as client:
        yield client


@pytest.fixture
def served(app: FastAPI) -> Iterator[httpx.Client]:
    with serving(app) as client:
        yield client
