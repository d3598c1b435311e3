"""`rockpool dev`: everything in one process, and nothing left of it when it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rockpool.execute.machine.until import until

CREATED = {"name": "demo", "ports": [{"port": 5173}]}


def free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


TOOLS = str(Path(shutil.which("sh") or "/bin/sh").parent)
"""Where no caddy is."""

CADDY = """#!/bin/sh
echo $$ > "$ROCKPOOL_HOME/caddy.pid"
exec sleep 1000
"""


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with serving(tmp_path, TOOLS) as found:
        yield found


@contextmanager
def serving(home: Path, path: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Have `dev serve` run with that PATH for the block."""
    port = free()
    argv = (sys.executable, "-m", "rockpool.cli.main", "dev", "serve", f"--port={port}")
    env = {**os.environ, "ROCKPOOL_HOME": str(home), "PATH": path}
    with subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            lines = iter(process.stderr.readline, "")
            assert any("ready in" in line for line in lines)
            yield process, f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


@pytest.mark.skipif(
    shutil.which("caddy") == "/usr/bin/caddy", reason="a caddy beside sh stands in the way of this test"
)
def test_a_workspace_comes_and_goes_without_any_machine(dev: tuple[subprocess.Popen[str], str]) -> None:
    process, url = dev
    with httpx.Client(base_url=url, timeout=20) as http:
        assert http.post("/api/workspaces", json=CREATED).status_code == 202
        assert any(http.get("/api/workspaces/demo").json()["status"] == "running" for _ in until(20, 0.1))
        assert http.get("/app/workspaces").status_code == 200
        assert http.delete("/api/workspaces/demo").status_code == 202
        assert any(http.get("/api/workspaces/demo").status_code == 404 for _ in until(20, 0.1))
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_caddy_ends_with_it(tmp_path: Path, sign: signal.Signals) -> None:
    caddy = tmp_path / "bin" / "caddy"
    caddy.parent.mkdir()
    caddy.write_text(CADDY)
    caddy.chmod(0o755)
    with serving(tmp_path, f"{caddy.parent}:{TOOLS}") as (process, _):
        pid = tmp_path / "caddy.pid"
        assert any(pid.exists() and pid.read_text() for _ in until(20, 0.1))
        process.send_signal(sign)
        assert process.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
