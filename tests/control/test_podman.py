"""What Podman's API says, from a server that answers as it does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from urllib.parse import parse_qs, urlparse

import pytest

from rockpool.control import podman
from rockpool.control.record import Image
from rockpool.errors import Damaged, HostNotReady

IMAGES = [
    {
        "Id": "a1",
        "Names": ["localhost/rockpool/workspace:latest", "localhost/rockpool/mine:2"],
        "Size": 5,
        "Created": 7,
    },
    {"Id": "b2", "Names": ["docker.io/library/nginx:1"], "Size": 6, "Created": 8},
    {"Id": "c3", "Names": None, "Size": 6, "Created": 8},
    {"Id": "d4", "RepoTags": ["<none>:<none>"], "Size": 6, "Created": 8},
]
HAPPENED = [
    {"Type": "container", "Action": "died", "Actor": {"Attributes": {"name": "ws-demo"}}},
    {"Type": "container", "Action": "start", "Actor": {"Attributes": {"name": "builder"}}},
    {"Type": "container", "Action": "remove", "Actor": {"Attributes": {"name": "ws-a-b"}}},
]
BODIES = {
    "/v5.0.0/libpod/images/json": json.dumps(IMAGES),
    "/v5.0.0/libpod/containers/ws-demo/json": json.dumps({"State": {"CgroupPath": "/user.slice/x.scope"}}),
    "/v5.0.0/libpod/containers/ws-off/json": json.dumps({"State": {"CgroupPath": ""}}),
}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlparse(self.path)
        if path.path.endswith("/events"):
            self.events(parse_qs(path.query))
            return
        body = BODIES.get(path.path, '{"cause": "no such container"}').encode()
        self.send_response(200 if path.path in BODIES else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self, asked: dict[str, list[str]]) -> None:
        assert asked["stream"] == ["true"]
        assert "died" in json.loads(asked["filters"][0])["event"]
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for happening in HAPPENED:
            line = json.dumps(happening).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def address_string(self) -> str:
        return "worker"

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def api(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "podman.sock")
    with Server(path, Api) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield path
        server.shutdown()


def test_what_happens_to_workspaces_is_followed(api: str) -> None:
    assert list(podman.happenings(api)) == ["demo", "a-b"]


def test_images_have_the_names_that_a_spec_gives_them(api: str) -> None:
    assert podman.images(api) == [
        Image(name="workspace", digest="a1", size=5, created_at=7000),
        Image(name="mine:2", digest="a1", size=5, created_at=7000),
        Image(name="docker.io/library/nginx:1", digest="b2", size=6, created_at=8000),
    ]


@pytest.mark.parametrize(("name", "cgroup"), [("demo", "/user.slice/x.scope"), ("off", ""), ("none", "")])
def test_where_a_workspace_is_counted(api: str, name: str, cgroup: str) -> None:
    assert podman.cgroup(name, api) == cgroup


def test_podman_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostNotReady, match="Podman does not answer"):
        list(podman.happenings(str(tmp_path / "none")))
    with pytest.raises(HostNotReady):
        podman.images(str(tmp_path / "none"))


def test_an_answer_of_another_kind_is_told(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BODIES, "/v5.0.0/libpod/images/json", '[{"Names": ["x"]}]')
    with pytest.raises(Damaged, match="cannot read Podman's images"):
        podman.images(api)
