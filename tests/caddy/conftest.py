"""A real Caddy on loopback with upstreams behind Unix sockets."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

import bcrypt
import pytest

from rockpool.caddy.config import render
from rockpool.caddy.settings import Entrance, Settings
from rockpool.execute import image
from rockpool.secret import Secret
from tests.bed import lanes

PASSWORD = "correct horse"
AUTHORIZATION = "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="  # admin:correct horse


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"gave up after {seconds:g} s: {what}")
        time.sleep(0.02)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "caddy" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.image)


@pytest.fixture(scope="session")
def caddy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Caddy to test: `ROCKPOOL_CADDY`, or the one in the package that the image build makes."""
    if found := os.environ.get("ROCKPOOL_CADDY"):
        return found
    request.getfixturevalue("bed")
    with lanes.alone("build"):
        image.build(("caddy",))
    (package,) = image.find("caddy").path.glob("*.deb")
    unpacked = tmp_path_factory.mktemp("package")
    subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], check=True, timeout=60)
    return str(unpacked / "usr/bin/caddy")


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str | None:
        return self.headers["Location"]


class _Echo(BaseHTTPRequestHandler):
    """Answers with what arrived."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        seen = {
            "upstream": self.server.server_address,
            "method": self.command,
            "target": self.path,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
        }
        body = json.dumps(seen).encode()
        self.send_response(200)
        for name, value in self.server.answer_headers:  # type: ignore[attr-defined]
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, *args: object) -> None: ...


class _UnixServer(ThreadingMixIn, HTTPServer):
    address_family = socket.AF_UNIX
    daemon_threads = True

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "unix", 0

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        return self.socket.accept()[0], ("unix", 0)


@dataclass
class Door:
    """A running Caddy with its ports, its directory and what stands behind it."""

    binary: str
    directory: Path
    settings: Settings
    process: subprocess.Popen[bytes]
    sockets: dict[str, socket.socket]
    upstreams: list[_UnixServer] = field(default_factory=list)

    @property
    def routes(self) -> Path:
        return self.directory / "routes"

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()

    def port(self, entrance: str) -> int:
        port: int = self.sockets[entrance].getsockname()[1]
        return port

    def ask(
        self,
        entrance: str,
        target: str,
        *,
        method: str = "GET",
        headers: list[tuple[str, str]] | None = None,
        login: bool = True,
        body: bytes | None = None,
    ) -> Reply:
        """Send one request with exactly this target."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port(entrance), timeout=20)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            if login:
                connection.putheader("Authorization", AUTHORIZATION)
            for name, value in headers or []:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def raw(self, entrance: str, request: bytes) -> bytes:
        """Send bytes as they are and return the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port(entrance)), timeout=10) as connection:
            connection.sendall(request)
            return connection.makefile("rb").readline()

    def serve(self, instance: str, *, answer_headers: tuple[tuple[str, str], ...] = (), marker: bool = True) -> None:
        """Open the route `NAME.ide` or `NAME.PORT` to an upstream that tells what it sees."""
        server = _UnixServer(str(self.routes / f"{instance}.sock"), _Echo)  # type: ignore[arg-type]
        server.answer_headers = answer_headers  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.upstreams.append(server)
        if marker:
            (self.routes / instance).touch()

    def live(self) -> str:
        """Return the configuration that Caddy runs now."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.settings.admin_socket)
            connection.sendall(b"GET /config/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.makefile("rb").read().partition(b"\r\n\r\n")[2].decode()

    def load(self, settings: Settings, *extra: str) -> None:
        """Replace the running configuration."""
        config = self.directory / "next.json"
        config.write_text(render(settings).reveal())
        address = f"unix/{self.settings.admin_socket}"
        argv = [self.binary, "reload", "--config", str(config), "--address", address, *extra]
        subprocess.run(argv, check=True, capture_output=True, timeout=20)
        self.settings = settings

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        for held in self.sockets.values():
            held.close()
        for server in self.upstreams:
            server.shutdown()
            server.server_close()


def open_door(binary: str, directory: Path, **changes: Any) -> Door:
    """Start Caddy with the settings of the root VM, on listening sockets handed over as systemd does it."""
    (directory / "routes").mkdir()
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in ("app", "ide", "preview")}
    port = {name: held.getsockname()[1] for name, held in sockets.items()}
    listen = {name: f"fd/{held.fileno()}" for name, held in sockets.items()}
    password = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    settings = Settings(
        password_hash=Secret(password),
        app=Entrance(listen=listen["app"], url=f"http://localhost:{port['app']}"),
        ide=Entrance(listen=listen["ide"], url=f"http://localhost:{port['ide']}"),
        preview=Entrance(listen=listen["preview"], url=f"https://preview.example.test:{port['preview']}"),
        admin_socket=str(directory / "admin.sock"),
        routes_dir=str(directory / "routes"),
        data_dir=str(directory / "data"),
    )
    settings = replace(settings, **changes)
    (directory / "caddy.json").write_text(render(settings).reveal())
    home = {"HOME": str(directory), "XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    argv = [binary, "run", "--config", str(directory / "caddy.json")]
    descriptors = [held.fileno() for held in sockets.values()]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, env=os.environ | home, pass_fds=descriptors)
    door = Door(binary, directory, settings, process, sockets)
    wait_until(lambda: process.poll() is not None or _answers(port["app"]), "Caddy answers on /healthz")
    if process.poll() is not None:
        pytest.fail(f"Caddy ended: {door.log}")
    return door


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="session")
def door(caddy: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One Caddy for all tests that do not change its configuration; the workspaces `demo` and `other` run."""
    opened = open_door(caddy, tmp_path_factory.mktemp("c"))
    for instance in ("demo.ide", "demo.5173", "other.ide"):
        opened.serve(instance)
    yield opened
    opened.close()


@pytest.fixture
def own_door(caddy: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Door]]:
    """Open a Caddy of the test's own; keyword arguments change its settings."""
    opened: list[Door] = []

    def start(**changes: Any) -> Door:
        opened.append(open_door(caddy, tmp_path_factory.mktemp("c"), **changes))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
