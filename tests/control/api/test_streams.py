"""Streams follow the database, whoever writes, and begin where the client left off."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rockpool.control import events, journal
from rockpool.control.api import app as application
from rockpool.control.api import streams
from rockpool.control.store import Store
from tests.control.api.conftest import serving

WRITER = """
import sys
from pathlib import Path
from rockpool.control import events
from rockpool.control.store import Store
with Store(Path(sys.argv[1])).writing() as session:
    events.add(session, "step", "from elsewhere", workspace="demo")
"""


def note(store: Store, *texts: str, workspace: str = "demo", kind: str = "step") -> None:
    with store.writing() as session:
        for text in texts:
            events.add(session, kind, text, workspace=workspace)


@contextmanager
def stream(client: httpx.Client, path: str, **headers: str) -> Iterator[Iterator[str]]:
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ": hello"
        yield lines


def take(lines: Iterator[str], number: int) -> list[dict[str, Any]]:
    """Read so many events; the client's timeout is the deadline."""
    found: list[dict[str, Any]] = []
    for line in lines:
        if line.startswith("data: "):
            found.append(json.loads(line.removeprefix("data: ")))
        if len(found) == number:
            break
    return found


def until(ready: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_another_process_writes_is_told(served: httpx.Client, store: Store) -> None:
    with stream(served, "/api/events") as lines:
        subprocess.run((sys.executable, "-c", WRITER, str(store.path.parent)), check=True, timeout=60)
        (event,) = take(lines, 1)
    assert set(event) == {"id", "at", "workspace", "generation", "kind", "text"}
    assert (event["text"], event["workspace"]) == ("from elsewhere", "demo")


def test_a_client_that_comes_again_misses_nothing_and_sees_nothing_twice(served: httpx.Client, store: Store) -> None:
    note(store, *"abc")
    with stream(served, "/api/events", **{"Last-Event-ID": "1"}) as lines:
        note(store, "d")
        assert [event["text"] for event in take(lines, 3)] == ["b", "c", "d"]
    with stream(served, "/api/events?after=3") as lines:
        assert [event["id"] for event in take(lines, 1)] == [4]


def test_more_than_a_batch_comes_in_order(served: httpx.Client, store: Store) -> None:
    note(store, *(str(number) for number in range(450)))
    with stream(served, "/api/events?after=0") as lines:
        assert [event["id"] for event in take(lines, 450)] == list(range(1, 451))


def test_a_workspaces_stream_begins_with_its_newest_wish(served: httpx.Client, store: Store) -> None:
    note(store, "old")
    note(store, "wish", kind="wish")
    note(store, "other", workspace="other")
    note(store, "new")
    with stream(served, "/api/workspaces/demo/events") as lines:
        assert [event["text"] for event in take(lines, 2)] == ["wish", "new"]
    with stream(served, "/api/workspaces/demo/events", **{"Last-Event-ID": "0"}) as lines:
        assert [event["text"] for event in take(lines, 3)] == ["old", "wish", "new"]


def test_an_id_from_before_a_restore_does_not_silence_a_stream(served: httpx.Client, store: Store) -> None:
    note(store, "old")
    with stream(served, "/api/events", **{"Last-Event-ID": "1000"}) as lines:
        note(store, "new")
        assert [event["text"] for event in take(lines, 1)] == ["new"]


@pytest.mark.parametrize("asked", ["x", "-1", "1" * 40])
def test_an_id_that_is_none_is_a_fault(api: httpx.Client, asked: str) -> None:
    answer = api.get("/api/events", headers={"Last-Event-ID": asked})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["last-event-id"])


def test_a_silent_stream_says_that_it_is_alive(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert streams.HEARTBEAT == 20
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    with stream(served, "/api/events") as lines:
        assert [next(lines) for _ in range(4)] == ["", ": beat", "", ": beat"]


def test_nobody_looks_once_every_stream_has_ended(app: FastAPI, store: Store) -> None:
    follower = app.state.parts.follower
    with serving(app) as client:
        with stream(client, "/api/events"), stream(client, "/api/events"):
            until(lambda: follower.following == 2)
            assert not follower._looking.done()
        until(lambda: follower.following == 0 and follower._looking.done())


def test_too_many_streams_are_refused(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 1)
    with stream(served, "/api/events"):
        answer = served.get("/api/events")
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many")


def test_streams_end_at_once_when_the_api_stops(app: FastAPI) -> None:
    with serving(app) as client, stream(client, "/api/events") as lines:
        app.state.server.end()
        assert [line for line in lines if line] == []


def printing(directory: Path, script: str) -> journal.Journal:
    program = directory / "journalctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return journal.Journal((str(program),))


def test_logs_are_those_of_the_container_since_it_was_made(app: FastAPI, tmp_path: Path, store: Store) -> None:
    parts = replace(app.state.parts, logs=printing(tmp_path, 'printf "%s\\n" "$@"'))
    with serving(application.assemble(parts)) as client:
        client.put("/api/workspaces/demo", json={})
        told = client.get("/api/workspaces/demo/logs?tail=5").text.splitlines()
    assert {"CONTAINER_NAME=ws-demo", "--lines=5"} <= set(told)
    assert any(line.startswith("--since=@") for line in told)
    assert "--follow" not in told


def test_following_logs_ends_with_the_client(app: FastAPI, tmp_path: Path) -> None:
    follows = printing(tmp_path, f"echo $$ > {tmp_path}/pid; echo one; exec sleep 600")
    with serving(application.assemble(replace(app.state.parts, logs=follows))) as client:
        client.put("/api/workspaces/demo", json={})
        with client.stream("GET", "/api/workspaces/demo/logs?follow=true") as answer:
            assert next(answer.iter_lines()) == "one"
            pid = int((tmp_path / "pid").read_text())
        until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_machine_without_a_journal_says_so(app: FastAPI) -> None:
    absent = replace(app.state.parts, logs=journal.Journal(("/nowhere/journalctl",)))
    with serving(application.assemble(absent)) as client:
        client.put("/api/workspaces/demo", json={})
        assert client.get("/api/workspaces/demo/logs").json()["error"]["code"] == "not_ready"
