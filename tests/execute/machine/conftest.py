"""A home of its own for each test, and a guest of a few bytes: it greets on the serial console and halts."""

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rockpool.execute.machine import create, identity
from rockpool.execute.machine.directory import directory
from rockpool.execute.machine.disks import Image
from rockpool.execute.machine.room import free_port
from rockpool.spec import GIB, MIB, Machine

LOAD = 0x100000
GREETING = b"tiny guest\n"


def tiny_kernel() -> bytes:
    """Return a Multiboot kernel that writes its greeting to the first serial port, then halts."""
    magic, flags = 0x1BADB002, 0x10000
    header = struct.pack("<8I", magic, flags, -(magic + flags) & 0xFFFFFFFF, LOAD, LOAD, 0, 0, LOAD + 32)
    speak = b"".join(b"\xb0" + bytes([letter]) + b"\xee" for letter in GREETING)  # mov al, letter; out dx, al
    return (header + b"\x66\xba\xf8\x03" + speak + b"\xf4\xeb\xfd").ljust(8192, b"\0")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "home"
    monkeypatch.setenv("ROCKPOOL_HOME", str(path))
    return path


@pytest.fixture
def image(tmp_path: Path, home: Path) -> Image:
    path = home / "images" / "tiny"
    path.mkdir(parents=True)
    (path / "vmlinuz").write_bytes(tiny_kernel())
    (path / "initrd.img").write_bytes(b"none")
    with (path / "disk.raw").open("wb") as disk:
        disk.truncate(64 * MIB)
    return Image(name="root-vm", key="0123456789ab", path=path)


@pytest.fixture
def find(image: Image) -> Callable[[str], Image]:
    return lambda name: replace(image, name=name)


@pytest.fixture
def spec() -> Iterator[Machine]:
    """A small machine; its QEMU ends with the test."""
    spec = Machine(
        name="tiny",
        cpus=1,
        memory=512 * MIB,
        system=4 * GIB,
        state=GIB,
        workspaces=GIB,
        ssh_port=free_port(()),
        forwards=(),
    )
    yield spec
    found = directory(spec.name)
    while pid := identity.find(found):
        identity.kill(pid, found.uuid)
        identity.wait_gone(pid, found.uuid, 10)
        reap(pid)


@pytest.fixture
def tiny(spec: Machine, find: Callable[[str], Image]) -> Machine:
    """A machine that is made and does not run."""
    create(spec, find=find)
    return spec


def reap(pid: int) -> None:
    """Take the end of a child that a start in this process left."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return
