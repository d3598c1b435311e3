"""A Debian that knows nothing of us becomes the root VM: a machine without our packages, or anybody's by ssh."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rockpool.execute import image as images
from rockpool.execute import machine, settings
from rockpool.execute.deploy import ROOT
from rockpool.execute.machine.directory import existing
from tests.bed import site
from tests.bed.door import ask, await_status, basic
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(7200)]

PATIENCE = 3600
"""Seconds for a deploy that fetches and unpacks every package on an emulated and busy machine."""


@pytest.fixture(autouse=True)
def vanilla(bed: Path) -> None:
    images.build(("vanilla",))


def test_a_machine_without_our_packages_becomes_the_same() -> None:
    with site.empty(image="vanilla") as fresh:
        up(fresh)
        verified = fresh.rockpool("host", "verify", seconds=PATIENCE)
        assert verified.returncode == 0, verified.stdout
        assert "nothing had to be changed" in up(fresh)


def up(fresh: Site) -> str:
    done = fresh.rockpool("up", seconds=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_any_debian_by_ssh_becomes_the_same(tmp_path: Path) -> None:
    with site.empty() as own:
        somebodys("nas", tmp_path)
        by_ssh = {**os.environ, "HOME": str(tmp_path), "ROCKPOOL_HOST": "nas"}
        assert deploy(by_ssh)["success"] > 50
        with tunnel("nas", own):
            health = f"{own.ide}/workspace/demo/healthz"
            await_status(200, health, basic(own.password), seconds=600)
            assert ask(health, {}).status == 401
        assert deploy(by_ssh) == {"success": 0, "error": 0}


def somebodys(name: str, user_home: Path) -> None:
    """Have a Debian that runs, and that this user's ssh knows by its name."""
    machine.create(replace(settings.machine(name), image="vanilla", forwards=()))
    machine.start(name)
    machine.await_ready(name)
    (user_home / ".ssh").mkdir(mode=0o700)
    (user_home / ".ssh/config").symlink_to(existing(name).path / "ssh_config")


def deploy(env: Mapping[str, str]) -> dict[str, Any]:
    """Deploy as a person does; return how many operations changed something, and how many failed."""
    argv = (sys.executable, "-m", "pyinfra", "-y", "--json", "inventories/ssh.py", "deploys/root_vm.py")
    done = subprocess.run(
        argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-5000:]
    totals = json.loads(done.stdout)["results"]["totals"]
    return {key: totals[key] for key in ("success", "error")}


@contextmanager
def tunnel(name: str, own: Site) -> Iterator[None]:
    """Have the doors of a host on this one's ports for the block: they listen on its loopback alone."""
    spec = settings.machine()
    leads = [f"{forward.host_port}:127.0.0.1:{forward.guest_port}" for forward in spec.forwards]
    control = own.home / "tunnel"
    ssh = machine.ssh_command(existing(name))
    options = ("-N", "-f", "-M", "-S", str(control), "-o", "ExitOnForwardFailure=yes")
    subprocess.run((*ssh[:-1], *options, *(word for lead in leads for word in ("-L", lead)), name), check=True)
    try:
        yield
    finally:
        subprocess.run((*ssh[:-1], "-S", str(control), "-O", "exit", name), check=True, capture_output=True)
