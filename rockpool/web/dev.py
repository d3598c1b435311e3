"""The whole control plane as one process on loopback: for working on the API and the pages, without any machine.

Workspaces are only remembered (runtime `stub`) and hints wait in memory. With a `caddy` on PATH the door stands before
it, with its real configuration and the password `rockpool`.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rockpool.caddy import config as caddy
from rockpool.caddy import settings as caddy_settings
from rockpool.control import migrate, worker
from rockpool.control.api.serve import listen, server
from rockpool.control.queue import MEMORY, Memory
from rockpool.control.settings import Settings, Urls
from rockpool.control.store import Store
from rockpool.errors import HostNotReady
from rockpool.secret import Secret
from rockpool.web.application import create

FIRST_PORT = 8180
"""Of the API itself; the three doors are the next ones."""

_PASSWORD_HASH = Secret("$2b$04$zXqrXFVKDOuNBSNIGwyyZeHQVRGT6bMF8T1kJA7pgj6AZjYhzj73C")  # of "rockpool"


def run(state: Path, tell: Callable[[str], None], *, first_port: int = FIRST_PORT) -> None:
    """Serve until Ctrl-C, with everything below `state`. Raises HostNotReady when a port is taken."""
    begin, program = time.monotonic(), shutil.which("caddy")
    chosen = _settings(state, first_port, door=bool(program))
    chosen.stub.mkdir(parents=True, exist_ok=True)
    migrate.migrate(chosen.state)
    hints = Memory()
    serving = server(create(chosen, hints=hints))

    def ready() -> None:
        while not serving.started:
            time.sleep(0.02)
        tell(f"{chosen.urls.app}/app/workspaces  (ready in {time.monotonic() - begin:.1f} s)")
        tell("user admin, password rockpool" if program else "without the door: there is no caddy on PATH")

    with ExitStack() as stack:
        sockets = [stack.enter_context(_loopback(first_port)), stack.enter_context(listen(_short(stack)))]
        if program:
            stack.enter_context(_door(program, chosen, state, str(sockets[1].getsockname()), first_port))
        crew = worker.build(chosen, Store(chosen.state), hints)
        working = threading.Thread(target=crew.run)
        working.start()
        threading.Thread(target=ready, daemon=True).start()
        try:
            serving.run(sockets=sockets)
        finally:
            crew.stop()
            working.join()


def _settings(state: Path, first_port: int, *, door: bool) -> Settings:
    at = [f"http://localhost:{first_port + offset}" for offset in range(4)]
    urls = Urls(app=at[1] if door else at[0], ide=at[2], preview=at[3])
    return Settings(state=state, stub=state / "workspaces", runtime="stub", queue=MEMORY, urls=urls, sweep=5)


def _short(stack: ExitStack) -> Path:
    """Return where the socket is: a socket's path may have 107 bytes, and a home's may be longer."""
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rockpool-dev-"))) / "api.sock"


@contextmanager
def _loopback(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            fix = "end what listens there, or choose another one with --port"
            raise HostNotReady(f"port {port} is taken", why=str(error), fix=fix) from error
        yield listening


@contextmanager
def _door(program: str, chosen: Settings, state: Path, control: str, first_port: int) -> Iterator[None]:
    """Have Caddy run with the door's configuration for the block."""
    settings = caddy_settings.Settings(
        password_hash=_PASSWORD_HASH,
        app=caddy_settings.Entrance(listen=f"127.0.0.1:{first_port + 1}", url=chosen.urls.app),
        ide=caddy_settings.Entrance(listen=f"127.0.0.1:{first_port + 2}", url=chosen.urls.ide),
        preview=caddy_settings.Entrance(listen=f"127.0.0.1:{first_port + 3}", url=chosen.urls.preview),
        admin_socket=str(Path(control).with_name("admin.sock")),
        control_socket=control,
        data_dir=str(Path(control).parent),
        routes_dir=str(Path(control).parent),
    )
    path = state / "caddy.json"
    path.write_text(caddy.render(replace(settings, log_level="WARN")).reveal())
    with subprocess.Popen((program, "run", "--config", str(path)), stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
