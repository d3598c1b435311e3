"""WebSockets through a real Caddy: many stay open while routes come and go, and what a reload does to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, unix_serve

from .conftest import AUTHORIZATION, Door, wait_until

OPEN = 50


def _echo(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)


@contextmanager
def websocket_route(door: Door, instance: str) -> Iterator[None]:
    with unix_serve(_echo, str(door.routes / f"{instance}.sock")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        (door.routes / instance).touch()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def dial(door: Door, target: str = "/workspace/ws-one/", *, login: bool = True) -> ClientConnection:
    headers = {"Authorization": AUTHORIZATION} if login else {}
    url = f"ws://127.0.0.1:{door.port('ide')}{target}"
    return connect(url, additional_headers=headers, compression=None, ping_interval=None, close_timeout=2, proxy=None)


def alive(connections: list[ClientConnection]) -> int:
    """Count the connections over which an echo still comes back."""
    return sum(_echoes(connection) for connection in connections)


def _echoes(connection: ClientConnection) -> bool:
    try:
        connection.send("hello")
        return connection.recv(timeout=5) == "hello"
    except (ConnectionClosed, TimeoutError):
        return False


@pytest.fixture
def streams(own_door: Callable[..., Door]) -> Iterator[Callable[..., tuple[Door, list[ClientConnection]]]]:
    """Open a Caddy with settings of the test's own and 50 WebSockets through it."""
    with ExitStack() as stack:

        def start(**changes: object) -> tuple[Door, list[ClientConnection]]:
            door = own_door(**changes)
            stack.enter_context(websocket_route(door, "ws-one.ide"))
            return door, [stack.enter_context(dial(door)) for _ in range(OPEN)]

        yield start


def test_a_websocket_needs_the_password(own_door: Callable[..., Door]) -> None:
    door = own_door()
    with websocket_route(door, "ws-one.ide"), pytest.raises(InvalidStatus) as refused:
        dial(door, login=False)
    assert refused.value.response.status_code == 401


def test_routes_come_and_go_without_dropping_a_websocket(
    streams: Callable[..., tuple[Door, list[ClientConnection]]],
) -> None:
    door, connections = streams()
    before = door.live()
    for number in range(20):
        instance = f"more-{number}.ide"
        door.serve(instance)
        assert door.ask("ide", f"/workspace/more-{number}/").status == 200
        (door.routes / instance).unlink()
        (door.routes / f"{instance}.sock").unlink()
        assert door.ask("ide", f"/workspace/more-{number}/").status == 503
    assert alive(connections) == OPEN
    assert door.live() == before


def test_a_changed_configuration_drops_websockets_unless_their_close_is_delayed(
    streams: Callable[..., tuple[Door, list[ClientConnection]]],
) -> None:
    # the control for the test above: this is what every route change would do if routes were configuration
    door, connections = streams(stream_close_seconds=0)
    door.load(replace(door.settings, user="somebody"))
    wait_until(lambda: alive(connections) == 0, "the reload drops every WebSocket")


def test_a_changed_configuration_keeps_websockets_for_the_delay(
    streams: Callable[..., tuple[Door, list[ClientConnection]]],
) -> None:
    door, connections = streams(stream_close_seconds=2)
    begin = time.monotonic()
    door.load(replace(door.settings, user="somebody"))
    assert alive(connections) == OPEN
    assert time.monotonic() - begin < 2
    wait_until(lambda: alive(connections) == 0, "the delay ends")


def test_loading_the_same_configuration_again_changes_nothing(
    streams: Callable[..., tuple[Door, list[ClientConnection]]],
) -> None:
    door, connections = streams(stream_close_seconds=0)
    door.load(door.settings)
    assert alive(connections) == OPEN


def test_a_stop_ends_within_its_grace_period_while_websockets_are_open(
    streams: Callable[..., tuple[Door, list[ClientConnection]]],
) -> None:
    door, connections = streams()
    begin = time.monotonic()
    door.process.terminate()
    assert door.process.wait(10) == 0
    assert time.monotonic() - begin < 8
    assert alive(connections) == 0


def test_a_workspace_that_restarts_loses_no_request(own_door: Callable[..., Door]) -> None:
    door = own_door()
    (door.routes / "slow.ide").touch()
    later = threading.Timer(1, door.serve, ["slow.ide"])
    later.start()
    assert door.ask("ide", "/workspace/slow/").status == 200
    later.join()


def test_a_workspace_that_does_not_come_back_is_unavailable_after_the_wait(own_door: Callable[..., Door]) -> None:
    door = own_door(try_seconds=1)
    (door.routes / "gone.ide").touch()
    begin = time.monotonic()
    reply = door.ask("ide", "/workspace/gone/")
    assert (reply.status, reply.json["error"]["code"]) == (503, "workspace_unavailable")
    assert 0.8 < time.monotonic() - begin < 4
