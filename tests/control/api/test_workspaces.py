"""Workspaces over HTTP: what is wished for is in the database and hinted at; what is wrong is told field by field."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rockpool.control import workspaces
from rockpool.control.queue import Memory
from rockpool.control.states import Status
from rockpool.control.store import Store


def create(api: httpx.Client, name: str = "demo", **fields: object) -> dict[str, Any]:
    answer = api.post("/api/workspaces", json={"name": name, **fields})
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def settle(store: Store, name: str, status: Status) -> None:
    """Do as the worker does when a wish has come true."""
    with store.writing() as session:
        row = workspaces.get(session, name)
        row.status, row.observed_generation = status, row.generation


def fields_of(answer: httpx.Response, status: int = 422) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "fields"}
    fields: dict[str, str] = error["fields"]
    return fields


def test_a_create_is_accepted_and_hinted_at(api: httpx.Client, queue: Memory) -> None:
    told = create(api, ports=[{"port": 5173, "label": "web"}], idleTimeout="30m", env={"KEY": "x"})
    assert told["status"] == "creating"
    assert told["url"] == "http://localhost:8081/workspace/demo/"
    assert told["ports"] == [
        {"port": 5173, "label": "web", "url": "http://localhost:8082/workspace/demo/port/5173/"},
    ]
    assert (told["generation"], told["observedGeneration"], told["idleTimeout"]) == (1, 0, "30m")
    hints = [message.hint for message in queue.receive(0)]
    assert [(hint.name, hint.generation) for hint in hints if hint] == [("demo", 1)]
    assert api.get("/api/workspaces/demo").json() == told


def test_one_without_a_name_is_called_like_what_it_is_made_from(api: httpx.Client) -> None:
    answer = api.post("/api/workspaces", json={"repository": "https://example.org/team/tool.git"})
    assert answer.json()["name"].startswith("tool-")
    assert answer.headers["location"] == f"/api/workspaces/{answer.json()['name']}"


def test_every_fault_is_told_at_once_under_the_name_that_clients_use(api: httpx.Client) -> None:
    body = {
        "name": "NO",
        "idleTimeout": "soon",
        "idle_timeout": "30m",
        "cpus": 0,
        "env": {"A\u0000": "x"},
        "ports": [{"port": 1, "label": "a\nb"}],
        "runtime": "podman",
    }
    fields = fields_of(api.post("/api/workspaces", json=body))
    assert set(fields) == {
        "name",
        "idleTimeout",
        "idle_timeout",
        "cpus",
        "env",
        "ports[0].port",
        "ports[0].label",
        "runtime",
    }


@pytest.mark.parametrize("name", ["", None, 5, "a--b", "www", "ünïcode", "a\u0000b", "a" * 64])
def test_a_wrong_name_is_a_fault_of_the_name(api: httpx.Client, name: object) -> None:
    assert set(fields_of(api.post("/api/workspaces", json={"name": name}))) == {"name"}


def test_values_of_variables_are_told_only_when_one_asks_for_them(api: httpx.Client, store: Store) -> None:
    told = create(api, env={"TOKEN": "do-not-tell", "EDITOR": "vi"})
    settle(store, "demo", Status.RUNNING)
    answers = [api.get("/api/workspaces"), api.get("/api/workspaces/demo"), api.post("/api/workspaces/demo/restart")]
    assert [answer for answer in answers if "do-not-tell" in answer.text] == []
    assert told["env"] == {"EDITOR": None, "TOKEN": None}
    assert api.get("/api/workspaces/demo?env=true").json()["env"] == {"EDITOR": "vi", "TOKEN": "do-not-tell"}
    assert api.get("/api/workspaces?env=true").status_code == 422


def test_a_variable_that_is_null_keeps_its_value(api: httpx.Client) -> None:
    create(api, env={"TOKEN": "kept", "OLD": "goes", "EDITOR": "vi"})
    assert api.put("/api/workspaces/demo", json={"env": {"TOKEN": None, "EDITOR": "ed"}}).status_code == 202
    assert api.get("/api/workspaces/demo?env=true").json()["env"] == {"EDITOR": "ed", "TOKEN": "kept"}
    wrong = {"env": {"OLD": None, "TOKEN": None}, "cpus": 0}
    assert set(fields_of(api.put("/api/workspaces/demo", json=wrong))) == {"env.OLD", "cpus"}
    assert set(fields_of(api.post("/api/workspaces", json={"env": {"NEW": None}}))) == {"env.NEW"}


def test_putting_twice_is_once(api: httpx.Client, store: Store) -> None:
    assert api.put("/api/workspaces/demo", json={"memory": "2g"}).status_code == 202
    settle(store, "demo", Status.RUNNING)
    again = api.put("/api/workspaces/demo", json={"name": "demo", "memory": "2048m"})
    assert (again.status_code, again.json()["generation"]) == (200, 1)


def test_the_body_may_not_name_another(api: httpx.Client) -> None:
    assert set(fields_of(api.put("/api/workspaces/demo", json={"name": "other"}))) == {"name"}


def test_what_the_state_forbids_is_told_with_what_it_allows(api: httpx.Client, store: Store) -> None:
    create(api)
    answer = api.post("/api/workspaces/demo/start")
    assert answer.status_code == 409
    assert "now allowed: stop, change, ports, delete" in answer.json()["error"]["message"]
    settle(store, "demo", Status.RUNNING)
    for act, status in (("restart", "starting"), ("stop", "stopping")):
        assert api.post(f"/api/workspaces/demo/{act}").json()["status"] == status


def test_a_delete_says_whether_the_home_goes_too(api: httpx.Client, store: Store) -> None:
    create(api)
    assert api.delete("/api/workspaces/demo", params={"purge": True}).json()["desired"] == "absent"
    with store.reading() as session:
        assert workspaces.get(session, "demo").purge
    assert set(fields_of(api.delete("/api/workspaces/demo", params={"purge": "maybe"}))) == {"purge"}


def test_a_clone_may_have_no_body(api: httpx.Client, store: Store) -> None:
    create(api)
    settle(store, "demo", Status.STOPPED)
    assert api.post("/api/workspaces/demo/clone").json()["home"] == "copy/demo"
    assert api.post("/api/workspaces/demo/clone", json={"name": "twin"}).json()["name"] == "twin"
    assert set(fields_of(api.post("/api/workspaces/demo/clone", json={"name": 1, "x": 2}))) == {"name", "x"}
    assert set(fields_of(api.post("/api/workspaces/demo/clone", json={"name": ""}))) == {"name"}


def test_ports_come_and_go(api: httpx.Client) -> None:
    create(api)
    assert api.post("/api/workspaces/demo/ports", json={"port": 3000}).status_code == 202
    assert [port["port"] for port in api.get("/api/workspaces/demo/ports").json()["items"]] == [3000]
    assert api.delete("/api/workspaces/demo/ports/3000").json()["ports"] == []
    assert api.delete("/api/workspaces/demo/ports/3000").status_code == 404
    assert set(fields_of(api.delete("/api/workspaces/demo/ports/80"))) == {"port"}
    assert set(fields_of(api.post("/api/workspaces/demo/ports", json={"label": 5, "x": 1}))) == {"port", "label", "x"}
    assert set(fields_of(api.post("/api/workspaces/demo/ports", json={"port": 8080}))) == {"port"}


def test_pages_follow_a_cursor_and_nothing_is_twice(api: httpx.Client) -> None:
    for number in range(5):
        create(api, f"demo{number}")
    first = api.get("/api/workspaces", params={"limit": 3}).json()
    api.delete(f"/api/workspaces/{first['items'][0]['name']}")
    create(api, "demo5")
    second = api.get("/api/workspaces", params={"limit": 3, "cursor": first["nextCursor"]}).json()
    names = [item["name"] for item in first["items"] + second["items"]]
    assert (names, second["nextCursor"]) == ([f"demo{number}" for number in range(6)], None)
    assert len(api.get("/api/workspaces", params={"status": "deleting"}).json()["items"]) == 1
    assert len(api.get("/api/workspaces", params={"q": "mo3"}).json()["items"]) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("cursor", "x"), ("cursor", "-1"), ("cursor", "9" * 30), ("limit", "101"), ("limit", "a"), ("q", "a\x00"),
     ("q", "a" * 256), ("status", "gone"), ("other", "1")],
)  # fmt: skip
def test_a_wrong_query_is_told_by_its_field(api: httpx.Client, field: str, value: str) -> None:
    assert set(fields_of(api.get("/api/workspaces", params={field: value}))) == {field}


def test_of_fifty_at_once_one_is_accepted(served: httpx.Client) -> None:
    def attempt(_: int) -> int:
        return served.post("/api/workspaces", json={"name": "demo"}).status_code

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(attempt, range(50))) == [202] + [409] * 49


@pytest.mark.parametrize("path", ["", "/plan", "/ports", "/events", "/logs", "/stats"])
def test_an_unknown_workspace_is_not_found(api: httpx.Client, path: str) -> None:
    fields_of(api.get(f"/api/workspaces/absent{path}"), 404)


def test_a_spec_of_a_later_or_an_earlier_version_is_told_as_far_as_it_is_known(api: httpx.Client, store: Store) -> None:
    create(api)
    settle(store, "demo", Status.RUNNING)
    with store.writing() as session:
        row = workspaces.get(session, "demo")
        row.spec = {**{field: value for field, value in row.spec.items() if field != "sudo"}, "colour": "red"}
    told = api.get("/api/workspaces/demo").json()
    assert told["sudo"] is True
    assert "colour" not in told
    assert api.post("/api/workspaces/demo/ports", json={"port": 3000}).status_code == 202
    assert api.put("/api/workspaces/demo", json={}).status_code == 202
