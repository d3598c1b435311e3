"""Who uses a workspace is read from real sockets; what nobody uses is stopped by a wish like a user's."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import pytest
from sqlalchemy import select

from rockpool.control import usage, workspaces
from rockpool.control.figures import NoFigures
from rockpool.control.idle import Watch
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.tables import WorkspaceRow
from rockpool.control.unix import Connection
from rockpool.control.usage import Usage
from rockpool.execute.machine.until import until
from rockpool.spec import Workspace
from tests.control.world import BY, texts, wish

SOCKETS = Path("/proc/net/unix").read_text
"""Of this process: here nothing has a network of its own."""

ANSWER = {"body": b'{"status": "alive", "lastHeartbeat": 1795000000000}'}


class Editor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER["body"])))
        self.end_headers()
        self.wfile.write(ANSWER["body"])

    def address_string(self) -> str:
        return "browser"

    def log_message(self, *_: object) -> None:
        pass


class Server(UnixStreamServer):
    def get_request(self):  # type: ignore[no-untyped-def]
        return super().get_request()[0], ("browser", 0)


@pytest.fixture
def route(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "demo.ide.sock"
    with Server(str(path), Editor) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield path
        server.shutdown()


@pytest.fixture
def watched(store: Store, tmp_path: Path) -> Usage:
    spec = Workspace(name="demo", idle_timeout=600)
    wish(store, lambda session: workspaces.create(session, spec, BY))
    with store.writing() as session:
        for row in session.scalars(select(WorkspaceRow)):
            row.status, row.observed_generation = Status.RUNNING, 1
    return Usage(store=store, wake=lambda: None, figures=NoFigures(), routes=tmp_path, sockets=SOCKETS)


def desired(store: Store) -> str:
    with store.reading() as session:
        (row,) = session.scalars(select(WorkspaceRow))
        return row.desired


def used_at(store: Store) -> int:
    with store.reading() as session:
        (row,) = session.scalars(select(WorkspaceRow))
        return row.last_used_at


def long_ago(watch: Watch) -> Watch:
    return replace(watch, used_at=watch.used_at - 600)


def test_a_connection_is_seen_while_it_is_open(route: Path, watched: Usage) -> None:
    connection = Connection(str(route), 10)
    connection.request("GET", "/")
    connection.getresponse().read()
    sockets = watched.sockets()
    assert usage.connections(sockets, route.parent)["demo"] == 1
    connection.close()
    gone = (usage.connections(watched.sockets(), route.parent)["demo"] == 0 for _ in until(10))
    assert any(gone)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no json", b'{"lastHeartbeat": "x"}'])
def test_an_application_without_a_heartbeat_has_none(route: Path, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWER, "body", body)
    assert usage.heartbeat(route) is None


def test_nobody_there_is_no_heartbeat(tmp_path: Path) -> None:
    assert usage.heartbeat(tmp_path / "none.sock") is None


def test_silence_stops_it_by_a_wish_with_its_event(route: Path, watched: Usage) -> None:
    watched()
    assert desired(watched.store) == Desired.RUNNING
    watched.watches["demo"] = long_ago(watched.watches["demo"])
    for _ in until(10):  # until the server has seen that its own question is over
        if not usage.connections(watched.sockets(), route.parent):
            break
    watched()
    assert desired(watched.store) == Desired.STOPPED
    assert texts(watched.store, "wish")[-1] == "stop asked for by its idle timeout"
    assert used_at(watched.store) == 0


def test_an_open_connection_keeps_it(route: Path, watched: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "heartbeat", lambda _route: None)  # the one server is taken by the connection
    connection = Connection(str(route), 10)
    connection.request("GET", "/")
    connection.getresponse().read()
    watched()
    watched.watches["demo"] = long_ago(watched.watches["demo"])
    watched()
    assert desired(watched.store) == Desired.RUNNING
    assert used_at(watched.store) > 0
    connection.close()


def test_without_a_timeout_nothing_is_watched(route: Path, watched: Usage) -> None:
    wish(watched.store, lambda session: workspaces.put(session, Workspace(name="demo"), BY))
    watched()
    assert watched.watches == {}


def test_another_wish_meanwhile_is_left_alone(route: Path, watched: Usage) -> None:
    with watched.store.reading() as session:
        (seen,) = session.scalars(select(WorkspaceRow))
    wish(watched.store, lambda session: workspaces.restart(session, "demo", BY))
    watched._stop(seen)
    assert desired(watched.store) == Desired.RUNNING


def test_while_the_door_cannot_be_asked_nothing_is_idle(route: Path, watched: Usage, tmp_path: Path) -> None:
    watched.sockets = (tmp_path / "no door").read_text
    watched()
    watched.watches["demo"] = long_ago(watched.watches["demo"])
    watched()
    assert desired(watched.store) == Desired.RUNNING


@pytest.mark.parametrize("processes", ["", "4000000\n"])
def test_a_door_that_does_not_run_is_told(processes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "DOOR", tmp_path / "cgroup.procs")
    usage.DOOR.write_text(processes)
    with pytest.raises(OSError, match=r"door|No such"):
        usage.of_the_door()


def test_the_sockets_are_those_of_the_door(route: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "DOOR", tmp_path / "cgroup.procs")
    usage.DOOR.write_text(f"{os.getpid()}\n")
    assert str(route) in usage.of_the_door()
