"""A real Debian, booted, shut down, killed, rebuilt: reached by ssh each time without ever asking about its key."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rockpool.errors import NotFound
from rockpool.execute import image as images
from rockpool.execute import machine
from rockpool.execute.home import home
from rockpool.execute.machine import identity, serial
from rockpool.execute.machine.directory import directory
from rockpool.execute.machine.disks import Image
from rockpool.spec import GIB, Machine

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(1800)]

SPEC = Machine(name="booted", cpus=2, memory=2 * GIB, state=GIB, workspaces=GIB, forwards=())


@pytest.fixture
def vanilla() -> Image:
    try:
        found = images.find("vanilla")
    except NotFound as absent:
        pytest.skip(str(absent))
    return Image(name=found.name, key=found.key, path=found.path)


@pytest.fixture
def booted(vanilla: Image, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A machine in a home of its own, on the file system of the images."""
    own = Path(tempfile.mkdtemp(prefix="boot-", dir=home()))
    monkeypatch.setenv("ROCKPOOL_HOME", str(own))
    machine.create(SPEC, find=lambda _: vanilla)
    try:
        boot()
        yield SPEC.name
    finally:
        machine.destroy(SPEC.name)
        shutil.rmtree(own)


def boot() -> None:
    machine.start(SPEC.name)
    machine.await_ready(SPEC.name, 600)


def inside(*words: str) -> str:
    argv = machine.ssh_command(directory(SPEC.name), *words)
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_machine_lives_through_everything(booted: str, vanilla: Image) -> None:
    assert inside("hostname").strip() == booted
    assert inside("cat", "/etc/machine-id").strip() == directory(booted).uuid.replace("-", "")
    disks = inside("ls", "/dev/disk/by-id").split()
    assert {"virtio-system", "virtio-state", "virtio-workspaces"} <= set(disks)
    inside("echo kept > /root/kept && echo state | dd of=/dev/disk/by-id/virtio-state conv=fsync && sync")

    assert machine.stop(booted) == "shut down"
    assert "Power down" in serial.tail(directory(booted))

    boot()
    pid = identity.find(directory(booted))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    boot()
    assert inside("cat", "/root/kept").strip() == "kept"

    machine.rebuild(booted, find=lambda _: vanilla)
    boot()
    assert inside("test -e /root/kept || echo fresh").strip() == "fresh"
    assert inside("head -c 5 /dev/disk/by-id/virtio-state") == "state"
