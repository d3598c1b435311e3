"""What every request passes: its id, the limits of a body, other origins, and errors of one form."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from rockpool import errors
from rockpool.control.api import faults
from rockpool.control.api.gate import MOST_BYTES
from rockpool.control.log import Lines
from rockpool.control.queue import Memory
from rockpool.control.store import Store

FORM = {"code", "message", "fields"}


def code(answer: httpx.Response) -> tuple[int, str]:
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == FORM
    return answer.status_code, answer.json()["error"]["code"]


def test_every_kind_of_error_has_a_status() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RockpoolError)
    ]
    assert set(kinds) == set(faults.KINDS)


@pytest.mark.parametrize(
    ("content", "media", "wanted"),
    [
        (b"{}", "text/plain", (415, "unsupported_media_type")),
        (b"{}", "application/json; charset=utf-16", (415, "unsupported_media_type")),
        (b"{", "application/json", (400, "bad_request")),
        (b"\xff", "application/json", (400, "bad_request")),
        (b'{"name": "\\ud800"}', "application/json", (400, "bad_request")),
        (b'{"cpus": NaN}', "application/json", (400, "bad_request")),
        (b"[" * 50_000, "application/json", (400, "bad_request")),
        (b"[]", "application/json", (422, "invalid")),
        (b'{"cpus": %s}' % (b"9" * 5000), "application/json", (400, "bad_request")),
        (b" " * (MOST_BYTES + 1), "application/json", (413, "too_large")),
    ],
)
def test_a_body_that_is_none(api: httpx.Client, content: bytes, media: str, wanted: tuple[int, str]) -> None:
    assert code(api.post("/api/workspaces", content=content, headers={"content-type": media})) == wanted


def test_a_body_without_a_length_is_limited_too(api: httpx.Client) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 1024 + 1):
            yield b" " * 1024

    answer = api.post("/api/workspaces", content=parts(), headers={"content-type": "application/json"})
    assert code(answer) == (413, "too_large")


def test_what_is_not_there_is_told_in_the_same_form(api: httpx.Client) -> None:
    assert code(api.get("/api/nothing")) == (404, "not_found")
    assert code(api.get("/api/workspaces/")) == (404, "not_found")
    assert code(api.patch("/api/workspaces")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost:8082"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_page_of_another_origin_may_read_and_not_write(api: httpx.Client, headers: dict[str, str]) -> None:
    assert code(api.post("/api/workspaces", json={}, headers=headers)) == (403, "forbidden")
    assert api.get("/api/workspaces", headers=headers).status_code == 200


def test_our_own_page_may_write(api: httpx.Client) -> None:
    headers = {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}
    assert api.post("/api/workspaces", json={}, headers=headers).status_code == 202


def test_a_request_has_an_id_that_its_event_and_log_line_carry(
    api: httpx.Client, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rockpool.api")
    headers = {"X-Request-Id": "abc-1", "X-Remote-User": "ada"}
    answer = api.put("/api/workspaces/demo?", json={"env": {"KEY": "do-not-tell"}}, headers=headers)
    assert answer.headers["x-request-id"] == "abc-1"
    with closing(sqlite3.connect(store.path)) as database:
        assert database.execute("SELECT request_id, text FROM events").fetchall() == [
            ("abc-1", "create asked for by ada")
        ]
    lines = [Lines().format(record) for record in caplog.records if record.name == "rockpool.api"]
    line = json.loads(lines[-1])
    assert {"request": "abc-1", "workspace": "demo", "user": "ada", "status": 202}.items() <= line.items()
    assert "do-not-tell" not in "".join(lines)


@pytest.mark.parametrize("asked", ["", "a b", "x" * 65, "ü".encode("latin-1").decode("latin-1")])
def test_an_id_that_is_none_is_replaced(api: httpx.Client, asked: str) -> None:
    answer = api.get("/healthz", headers={"X-Request-Id": asked.encode("latin-1")})
    assert len(answer.headers["x-request-id"]) == 32


def test_a_database_that_is_away_is_503_and_what_was_acknowledged_is_there_after(
    api: httpx.Client, store: Store, queue: Memory
) -> None:
    assert api.put("/api/workspaces/demo", json={}).status_code == 202
    with closing(sqlite3.connect(store.path)) as database:
        database.execute("ALTER TABLE events RENAME TO away")
    assert code(api.put("/api/workspaces/other", json={})) == (503, "not_ready")
    with closing(sqlite3.connect(store.path)) as database:
        database.execute("ALTER TABLE away RENAME TO events")
    assert [item["name"] for item in api.get("/api/workspaces").json()["items"]] == ["demo"]
    assert len(queue.receive(0)) == 1


def test_what_nobody_foresaw_is_told_by_its_request_id_alone(
    api: httpx.Client, queue: Memory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(Memory, "dead")
    answer = api.get("/api/jobs", headers={"X-Request-Id": "abc-2"})
    assert code(answer) == (500, "internal")
    assert "abc-2" in answer.json()["error"]["message"]
    assert "AttributeError" not in answer.text
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    line = json.loads(Lines().format(record))
    assert (line["request"], "AttributeError" in line["trace"]) == ("abc-2", True)


def test_metrics_count_by_route_and_health_asks_the_database(api: httpx.Client) -> None:
    api.get("/api/workspaces/demo")
    api.request("BREW", "/api/workspaces/demo")
    told = api.get("/metrics").text
    assert 'rockpool_requests_total{method="GET",route="/api/workspaces/{name}",status="404"} 1.0' in told
    assert 'method="other"' in told
    assert "demo" not in told
    assert api.get("/healthz").text == "ok\n"
