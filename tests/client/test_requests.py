"""What is sent: the password in its header, every page, nothing by the user's proxy."""

import json

import httpx
import pytest

from rockpool.client import Address, Client, Connection
from rockpool.secret import Secret

ROW = {
    "name": "demo",
    "image": "workspace",
    "status": "running",
    "reason": "",
    "desired": "running",
    "url": "http://localhost:8081/workspace/demo/",
    "ports": [{"port": 5173, "label": "vite", "url": "http://localhost:8082/workspace/demo/port/5173/"}],
    "generation": 3,
    "observedGeneration": 2,
    "createdAt": "2026-11-21T10:00:00.000Z",
    "updatedAt": "2026-11-21T10:00:01.000Z",
}


class Asked:
    """Answers every request alike and remembers it."""

    def __init__(self, *answers: object) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = iter(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=next(self._answers))

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


def client(asked: Asked, address: Address | None = None) -> Client:
    return Client(Connection(address or Address(), httpx.MockTransport(asked)))


def test_an_answer_becomes_a_value() -> None:
    found = client(Asked(ROW)).workspace("demo")
    assert (found.name, found.generation, found.observed, found.ports[0].port) == ("demo", 3, 2, 5173)
    assert found.data == ROW


def test_every_page_is_asked_for() -> None:
    asked = Asked({"items": [ROW], "nextCursor": "abc="}, {"items": [ROW], "nextCursor": None})
    assert len(list(client(asked).workspaces(search="de mo", status="running"))) == 2
    assert asked.lines == [
        "GET /api/workspaces?limit=100&q=de+mo&status=running",
        "GET /api/workspaces?limit=100&q=de+mo&status=running&cursor=abc%3D",
    ]


def test_the_password_goes_in_a_header_and_is_not_shown() -> None:
    asked = Asked(ROW)
    address = Address(url="http://door", user="admin", password=Secret("s3cret"))
    client(asked, address).workspace("demo")
    assert asked.requests[0].headers["authorization"].startswith("Basic ")
    assert "s3cret" not in repr(address)


def test_a_proxy_of_the_user_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    asked = Asked(ROW)
    client(asked, Address(url="http://door")).workspace("demo")
    assert len(asked.requests) == 1


def test_each_wish_is_one_request() -> None:
    asked = Asked(*[ROW] * 7, {"steps": [{"why": "a"}]}, {"count": 2})
    ask = client(asked)
    ask.create({"name": "demo"})
    ask.act("demo", "restart")
    ask.clone("demo", "copy")
    ask.clone("demo", "")
    ask.delete("demo", purge=True)
    ask.add_port("demo", 5173, "vite")
    ask.remove_port("demo", 5173)
    assert ask.plan("demo") == ("a",)
    assert ask.redrive() == 2
    assert asked.lines == [
        "POST /api/workspaces",
        "POST /api/workspaces/demo/restart",
        "POST /api/workspaces/demo/clone",
        "POST /api/workspaces/demo/clone",
        "DELETE /api/workspaces/demo?purge=true",
        "POST /api/workspaces/demo/ports",
        "DELETE /api/workspaces/demo/ports/5173",
        "GET /api/workspaces/demo/plan",
        "POST /api/jobs/redrive",
    ]
    assert [json.loads(request.content) for request in asked.requests[2:4]] == [{"name": "copy"}, {}]


def test_a_log_that_is_followed_may_be_silent_for_ever() -> None:
    asked = Asked("", "")
    ask = client(asked)
    for follow in (False, True):
        with ask.logs("demo", tail=5, follow=follow) as lines:
            list(lines)
    assert asked.lines[1] == "GET /api/workspaces/demo/logs?tail=5&follow=true"
    assert [request.extensions["timeout"]["read"] for request in asked.requests] == [30.0, None]
