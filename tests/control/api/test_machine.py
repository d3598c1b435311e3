"""What the worker found is told; what only a survey could know is not guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from rockpool.control import clock, workspaces
from rockpool.control.api import app as application
from rockpool.control.figures import Cgroups
from rockpool.control.queue import Memory
from rockpool.control.store import Store
from rockpool.control.tables import ComponentRow, HomeRow, ImageRow, SurveyRow
from rockpool.spec import GIB, MIB
from tests.control.api.conftest import InProcess


def keep(store: Store, *rows: object) -> None:
    with store.writing() as session:
        session.add_all(rows)


def items(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(path).json()["items"]
    return found


def test_images_and_kept_homes_are_those_that_the_worker_found(api: httpx.Client, store: Store) -> None:
    at = 1_700_000_000_123
    keep(store, ImageRow(name="workspace", digest="sha256:1", size=3 * GIB, created_at=at))
    keep(store, HomeRow(id="demo.1700000000123000000", workspace="demo", kept_at=at, size=MIB + 1))
    assert items(api, "/api/images") == [
        {"name": "workspace", "digest": "sha256:1", "size": "3g", "createdAt": "2023-11-14T22:13:20.123Z"}
    ]
    (home,) = items(api, "/api/homes")
    assert (home["size"], home["keptAt"], home["purging"]) == ("2m", "2023-11-14T22:13:20.123Z", False)
    assert api.delete(f"/api/homes/{home['id']}").json()["purging"]
    assert api.delete("/api/homes/other.1").status_code == 404


def test_jobs_are_wishes_that_lag_and_dead_letters(api: httpx.Client, store: Store, queue: Memory) -> None:
    for name in ("idle", "busy", "done"):
        api.put(f"/api/workspaces/{name}", json={})
    with store.writing() as session:
        busy, done = workspaces.get(session, "busy"), workspaces.get(session, "done")
        busy.lease_holder, busy.lease_until = "w1", clock.now() + 60_000
        done.observed_generation = done.generation
    queue.put("poison")
    queue.bury(next(message for message in queue.receive(0) if message.body == "poison"))
    told = [(job["state"], job["workspace"], job["holder"]) for job in items(api, "/api/jobs")]
    assert told == [("waiting", "idle", ""), ("running", "busy", "w1"), ("dead", "", "")]
    assert api.post("/api/jobs/redrive").json() == {"count": 1}
    assert [job["state"] for job in items(api, "/api/jobs")] == ["waiting", "running"]


def test_a_worker_that_is_silent_is_down(api: httpx.Client, store: Store) -> None:
    keep(store, ComponentRow(name="worker", state="ok", at=clock.now() - 100_000))
    keep(store, ComponentRow(name="caddy", state="ok", version="2.11", at=clock.now() - 100_000))
    told = {row["name"]: row["state"] for row in api.get("/api/status").json()["components"]}
    assert told == {"api": "ok", "caddy": "ok", "worker": "down"}


def test_a_backup_is_made_and_listed(api: httpx.Client) -> None:
    made = api.post("/api/backup")
    assert made.status_code == 201
    assert [copy["name"] for copy in items(api, "/api/backup")] == [made.json()["name"]]


def test_old_backups_go(api: httpx.Client) -> None:
    made = [api.post("/api/backup").json()["name"] for _ in range(16)]
    assert [copy["name"] for copy in items(api, "/api/backup")] == made[:1:-1]


def test_a_plan_says_what_would_be_done_and_does_nothing(api: httpx.Client, store: Store) -> None:
    assert api.post("/api/plan", json={}).json()["error"]["code"] == "not_ready"
    keep(store, SurveyRow(runtime="stub", at=1_700_000_000_000, stdout=""))
    api.put("/api/workspaces/demo", json={})
    told = api.get("/api/workspaces/demo/plan").json()
    assert told["surveyedAt"] == "2023-11-14T22:13:20.000Z"
    assert told["steps"][0]["why"].startswith("create workspace demo")
    assert api.post("/api/plan", json={"name": "demo"}).json() == told
    assert len(items(api, "/api/workspaces")) == 1


def test_figures_come_from_the_cgroup(app: FastAPI, store: Store, tmp_path: Path, portal: BlockingPortal) -> None:
    parts = replace(app.state.parts, figures=Cgroups(tmp_path))
    api = httpx.Client(transport=InProcess(application.assemble(parts), portal), base_url="http://api")
    api.put("/api/workspaces/demo", json={})
    assert api.get("/api/workspaces/demo/stats").status_code == 409
    (tmp_path / "scope").mkdir()
    files = {
        "cpu.stat": "usage_usec 1500000\nuser_usec 1\n",
        "memory.current": "1048576\n",
        "memory.max": "max\n",
        "pids.current": "7\n",
        "pids.max": "4096\n",
    }
    for name, text in files.items():
        (tmp_path / "scope" / name).write_text(text)
    with store.writing() as session:
        workspaces.get(session, "demo").cgroup = "/scope"
    told = api.get("/api/workspaces/demo/stats").json()
    del told["at"]
    assert told == {"cpuSeconds": 1.5, "memoryBytes": MIB, "memoryLimitBytes": None, "pids": 7, "pidsLimit": 4096}
    with store.writing() as session:
        workspaces.get(session, "demo").cgroup = "../" + tmp_path.name + "/scope"
    assert api.get("/api/workspaces/demo/stats").status_code == 409
