"""Events arrive once each and in order, whatever happens to the connection."""

from collections.abc import Iterator

import httpx
import pytest

from rockpool.client import Address, Connection, stream
from rockpool.errors import Damaged, NotFound


def block(number: int) -> str:
    row = f'{{"id":{number},"at":"t","workspace":"demo","generation":1,"kind":"step","text":"ü{number}"}}'
    return f"id: {number}\nevent: event\ndata: {row}\n\n"


def numbers(text: str) -> list[int]:
    return [event.id for event in stream.parse(text.split("\n"))]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        (": heartbeat\n\n", []),
        (block(1) + ": heartbeat\n\n" + block(2), [1, 2]),
        (block(1).replace("\n", "\n: between\n", 1), [1]),
        (block(1).replace("data: ", "data:"), [1]),
        (block(1).replace(",", ",\ndata: ", 1), [1]),
        (block(1) + block(2)[:-2], [1]),
        ("retry: 500\n\n" + block(7), [7]),
    ],
)
def test_a_stream_is_read_as_its_standard_says(text: str, ids: list[int]) -> None:
    assert numbers(text) == ids


@pytest.mark.parametrize("data", ["{", "[]", "{}", '{"id":"x"}'])
def test_what_is_no_event_is_told(data: str) -> None:
    with pytest.raises(Damaged):
        numbers(f"data: {data}\n\n")


class Server:
    """Gives each connection one of these bodies; a body ends in a break when an exception stands in it."""

    def __init__(self, *bodies: list[str | Exception]) -> None:
        self.continued: list[str] = []
        self._bodies = iter(bodies)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.continued.append(request.headers.get("last-event-id", ""))
        body = next(self._bodies, None)
        if body is None:
            return httpx.Response(404, json={"error": {"code": "not_found", "message": "gone", "fields": {}}})
        return httpx.Response(200, stream=Body(body))


class Body(httpx.SyncByteStream):
    def __init__(self, parts: list[str | Exception]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, Exception):
                raise part
            yield part.encode()


def test_a_connection_that_ends_goes_on_where_it_ended() -> None:
    server = Server([block(1), block(2)], [block(3)])
    connection = Connection(Address(), httpx.MockTransport(server))
    with stream.events(connection, "/x", every=30) as events:
        assert [event.id for event in (next(events), next(events), next(events)) if event] == [1, 2, 3]
        with pytest.raises(NotFound):
            next(events)
    assert server.continued == ["", "2", "3"]


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadError("reset"),
        httpx.ReadTimeout("silence"),
        httpx.RemoteProtocolError("half"),
        httpx.ConnectError("no"),
    ],
)
def test_a_connection_that_breaks_loses_no_event(fault: Exception) -> None:
    server = Server([block(1), block(2)[:10], fault], [fault], [block(2)])
    connection = Connection(Address(), httpx.MockTransport(server))
    with stream.events(connection, "/x", every=30) as events:
        assert [event.id for event in (next(events), next(events)) if event] == [1, 2]
    assert server.continued[:3] == ["", "1", "1"]


def test_silence_is_told() -> None:
    connection = Connection(Address(), httpx.MockTransport(Server([": beat\n\n"], [": beat\n\n"])))
    with stream.events(connection, "/x", every=0.01) as events:
        assert next(events) is None
