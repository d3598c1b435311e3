"""The API as a process: on the socket that systemd hands it, or on a path."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from rockpool.control import log, notify, settings
from rockpool.control.api.app import create
from rockpool.control.settings import Settings
from rockpool.errors import HostNotReady, RockpoolError

_FIRST = 3
"""The file descriptor of the first socket that systemd hands over."""

_MOST_SECONDS = 3
"""What requests and streams get to end after SIGTERM."""


def listen(path: Path) -> socket.socket:
    """Return a socket at a path that only our group may open, in place of a dead one. Raises HostNotReady."""
    listening = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o117)
    try:
        path.unlink(missing_ok=True)
        listening.bind(str(path))
    except OSError as error:
        listening.close()
        raise HostNotReady(f"cannot listen at {path}", why=str(error), fix="set `socket` in the settings") from error
    finally:
        os.umask(mask)
    return listening


def handed() -> socket.socket | None:
    """Return the socket that systemd hands to this process, if it does."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST)


class Server(uvicorn.Server):
    """Says when it is ready, sleeps while nobody asks, and ends event streams first, so that nobody waits for them."""

    _wake: Callable[[], object] | None = None

    def end(self) -> None:
        """Ask it to end, from whatever thread."""
        self.should_exit = True
        if self._wake:
            self._wake()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End for a signal."""
        super().handle_exit(sig, frame)
        self.end()

    async def main_loop(self) -> None:
        """Sleep until the end. uvicorn's own would look ten times a second, whose price shows where nothing happens."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(ended.set)
        if not self.should_exit:
            await ended.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start."""
        await super().startup(sockets)
        notify.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        app: FastAPI = self.config.app  # type: ignore[assignment]  # it is what `server` was given
        await app.state.parts.follower.end()
        await super().shutdown(sockets)


def server(app: FastAPI) -> Server:
    """Return a server for the application; its logs are ours."""
    return Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,  # it would be as old as the start; Caddy says the date
            proxy_headers=False,
            timeout_graceful_shutdown=_MOST_SECONDS,
        )
    )


def main(application: Callable[[Settings], FastAPI] = create) -> None:
    """Serve what `application` makes of this machine's settings, until SIGTERM."""
    log.setup()
    try:
        told = settings.load()
        listening = handed() or listen(told.socket)
    except RockpoolError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    serving = server(application(told))
    gc.freeze()
    gc.enable()
    serving.run(sockets=[listening])


if __name__ == "__main__":
    main()
