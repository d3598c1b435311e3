"""The API as the process that runs in the root VM: what it loads, where it listens, how it stops and grows."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rockpool.execute.machine.until import until
from tests.bed.note import Note

LOADED = "import sys, rockpool.control.{}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"


@pytest.mark.parametrize("module", ["api.serve", "worker", "migrate"])
def test_what_runs_in_the_root_vm_loads_no_pyinfra(module: str) -> None:
    done = subprocess.run((sys.executable, "-c", LOADED.format(module)), capture_output=True, text=True, timeout=60)
    loaded = set(done.stdout.split())
    assert "rockpool" in loaded, done.stderr
    assert not loaded & {"pyinfra", "gevent", "invoke"}
    assert "alembic" not in loaded  # it is loaded when there is something to migrate


@contextmanager
def running(state: Path, *wrapper: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run the API in a process of its own until it answers; killed at the end."""
    with tempfile.TemporaryDirectory(prefix="rp") as directory:  # short: a socket's path may have 107 bytes
        path, told = Path(directory) / "api.sock", state / "control.json"
        stub = state / "stub"
        stub.mkdir(exist_ok=True)
        own = {"state": str(state), "socket": str(path), "runtime": "stub", "stub": str(stub), "queue": "memory"}
        told.write_text(json.dumps({**own, "sweep": "1s"}))
        environment = {**os.environ, "ROCKPOOL_CONTROL": str(told)}
        argv = (*wrapper, sys.executable, "-m", "rockpool.control.api.serve")
        with subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                _until_it_answers(process, path)
                yield process, path
            finally:
                process.kill()


@contextmanager
def working(state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker of the API that is running; killed at the end."""
    environment = {**os.environ, "ROCKPOOL_CONTROL": str(state / "control.json")}
    argv = (sys.executable, "-m", "rockpool.control.worker")
    with subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _client(path: Path) -> httpx.Client:
    return httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://api", timeout=30)


def _until_it_answers(process: subprocess.Popen[bytes], path: Path) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        with socket.socket(socket.AF_UNIX) as trying:
            if trying.connect_ex(str(path)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the API does not answer; exit code {process.returncode}")


def test_only_its_group_may_open_the_socket_and_sigterm_ends_it_with_streams_open(state: Path) -> None:
    with running(state) as (process, path), _client(path) as client:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with client.stream("GET", "/api/events") as answer:
            lines = answer.iter_lines()
            assert next(lines) == ": hello"
            process.send_signal(signal.SIGTERM)
            assert [line for line in lines if line] == []
        assert process.wait(10) in (0, -signal.SIGTERM)


def test_it_sleeps_while_nobody_asks(state: Path) -> None:
    with running(state) as (process, path), _client(path) as client:
        client.get("/healthz").raise_for_status()
        before, begin = _wakes(process.pid), time.monotonic()
        time.sleep(2)  # what is measured is this while
        assert _wakes(process.pid) - before < 4 * (time.monotonic() - begin), "it wakes up for nothing"


def test_what_was_acknowledged_outlives_a_full_disk_and_a_kill(state: Path) -> None:
    """A file size limit is what a full disk is to SQLite; reading goes on."""
    limit = ("sh", "-c", 'ulimit -f 512 && exec "$@"', "sh")  # blocks of 512 bytes
    with running(state, *limit) as (process, path), _client(path) as client:
        acknowledged = []
        for number in range(200):
            answer = client.put(f"/api/workspaces/demo{number}", json={"env": {"KEY": "x" * 4000}})
            if answer.status_code != 202:
                break
            acknowledged.append(f"demo{number}")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "not_ready"
        page = client.get("/api/workspaces", params={"limit": 100})
        assert [item["name"] for item in page.json()["items"]] == acknowledged
        process.kill()
        process.wait(10)
    with running(state) as (_, path), _client(path) as client:
        page = client.get("/api/workspaces", params={"limit": 100})
        assert [item["name"] for item in page.json()["items"]] == acknowledged
        assert client.put("/api/workspaces/after", json={}).status_code == 202


@pytest.mark.proof
def test_ten_thousand_requests_need_no_more_memory_than_two_thousand(state: Path, record_property: Note) -> None:
    with running(state) as (api, path), working(state) as worker, _client(path) as client:
        sizes: dict[str, dict[int, int]] = {"api": {}, "worker": {}}
        for number in range(1, 10_001):
            _ask(client, number)
            if number in (100, 2_000, 10_000):
                sizes["api"][number], sizes["worker"][number] = _rss(api.pid), _rss(worker.pid)
        client.put("/api/workspaces/last", json={}).raise_for_status()
        told = (client.get("/api/workspaces/last").json()["status"] for _ in until(60, 0.1))
        assert "running" in told, "the worker is at work"
        record_property("RSS in KiB after so many requests", sizes)
        assert max(size[10_000] - size[2_000] for size in sizes.values()) <= 5 * 1024, sizes


def _ask(client: httpx.Client, number: int) -> None:
    name = f"demo{number % 50}"
    match number % 8:
        case 0:
            client.put(f"/api/workspaces/{name}", json={"memory": f"{1 + number % 7}g"})
        case 1:
            client.post("/api/workspaces", json={"name": "NO", "cpus": 0})
        case 2:
            client.get("/api/workspaces", params={"limit": 100})
        case 3:
            client.get(f"/api/workspaces/{name}/nothing/{number}")
        case 4:
            client.get("/metrics")
        case 5:
            client.delete(f"/api/workspaces/{name}")
        case 6:
            with client.stream("GET", "/api/events?after=0") as answer:
                next(answer.iter_lines())
            client.get("/api/status")
        case _:
            client.get(f"/api/workspaces/{name}")


def _wakes(pid: int) -> int:
    """Return how often its threads were woken."""
    threads = (path.read_text().splitlines() for path in Path(f"/proc/{pid}/task").glob("*/status"))
    return sum(int(line.split()[1]) for lines in threads for line in lines if line.startswith("voluntary_ctxt"))


def _rss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
