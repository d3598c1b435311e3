"""Projects of XFS on a file system that has none: what is asked of the kernel."""

import ctypes
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rockpool.guest import xfs

Marks = dict[str, tuple[int, bool]]


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Marks:
    """What was marked, in order, by path below the tree: its project and whether that is inherited."""
    found: Marks = {}

    def ioctl(file: int, request: int, data: bytes) -> bytes:
        path = str(Path(f"/proc/self/fd/{file}").readlink().relative_to(tmp_path))
        if request == 0x801C581F:
            project, inherit = found.get(path, (0, False))
            return struct.pack("=IIIII8x", 0x8000 | 0x200 * inherit, 1, 2, project, 3)
        flags, size, extents, project, copied = struct.unpack("=IIIII8x", data)
        assert (flags & ~0x200, size, extents, copied) == (0x8000, 1, 2, 3), "what else is set stays"
        found[path] = (project, bool(flags & 0x200))
        return data

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/file").touch()
    (tmp_path / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    file = os.open(tmp_path, os.O_RDONLY)
    yield file
    os.close(file)


def test_a_tree_is_marked_with_all_that_holds_something(tree: int, marks: Marks) -> None:
    xfs.mark(tree, 5001)
    assert marks == {"deep": (5001, True), "deep/er": (5001, True), "deep/file": (5001, False), ".": (5001, True)}
    assert list(marks)[-1] == ".", "a marked root says that the rest is"
    assert list(marks).index("deep") < list(marks).index("deep/file"), "what is made meanwhile inherits"


def test_a_marked_root_is_not_looked_into(tree: int, marks: Marks) -> None:
    marks["."] = (5001, True)
    xfs.mark(tree, 5001)
    assert list(marks) == ["."]
    xfs.mark(tree, 5002)
    assert marks["deep/file"] == (5002, False)


def test_what_is_made_beside_it_meanwhile_is_marked_too(
    tree: int, marks: Marks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_project = xfs._set_project

    def late(file: int, project: int) -> None:
        if "." not in marks and file == tree:
            (tmp_path / "late").touch()
        set_project(file, project)

    monkeypatch.setattr(xfs, "_set_project", late)
    xfs.mark(tree, 5001)
    assert marks["late"] == (5001, False)


class Kernel:
    """Answers quotactl_fd as XFS does; `limits` are bytes by project."""

    def __init__(self) -> None:
        self.limits: dict[int, int] = {}

    def syscall(self, number: int, disk: int, command: Any, project: Any, buffer: Any) -> int:
        assert (number, disk, command.value & 0xFF) == (443, 7, 2)
        fields = list(struct.unpack("=bbHIQQQQQQ56x", buffer.raw[:112]))
        if command.value >> 8 == 0x5804:
            assert fields[:4] == [1, 2, 0xA, project.value]
            self.limits[project.value] = fields[4] * 512
            return 0
        rest = [one for one in sorted(self.limits) if one >= project.value]
        if not rest:
            ctypes.set_errno(2)
            return -1
        buffer.raw = struct.pack("=bbHIQQQQQQ56x", 1, 2, 0, rest[0], self.limits[rest[0]] // 512, *[0] * 5)
        return 0


def test_limits_are_set_dropped_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    monkeypatch.setattr(xfs, "_libc", kernel)
    xfs.set_limit(7, 5001, 64 << 20)
    xfs.set_limit(7, 5003, 1 << 30)
    xfs.set_limit(7, 5002, 0)
    assert kernel.limits == {5001: 64 << 20, 5002: 0, 5003: 1 << 30}
    assert xfs.limited(7, 5001) == [5001, 5003]
    assert xfs.limited(7, 5002) == [5003]


def test_a_refusal_of_the_kernel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        ctypes.set_errno(1)
        return -1

    monkeypatch.setattr(xfs, "_libc", type("Kernel", (), {"syscall": staticmethod(refuse)}))
    with pytest.raises(PermissionError):
        xfs.set_limit(7, 5001, 4096)
