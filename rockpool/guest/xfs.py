"""Projects of XFS: which one a file counts for, and how much all of them may hold together."""

from __future__ import annotations

import ctypes
import fcntl
import os
import stat
import struct

INHERIT = 0x200
"""What is made in such a directory counts for the same project."""

BLOCK = 4096
"""What a file takes at least, in bytes."""

_GET, _SET, _ATTRIBUTES = 0x801C581F, 0x401C5820, "=IIIII8x"  # FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, struct fsxattr
_QUOTACTL_FD = 443  # the same on every architecture
_PROJECT, _GET_NEXT, _SET_LIMITS = 2, (ord("X") << 8) + 9, (ord("X") << 8) + 4
_QUOTA = "=bbHIQQQQQQ56x"  # struct fs_disk_quota: version, flags, fields, id, limits of blocks and files, use
_HARD = 0x8 | 0x2  # of blocks, of files
_SECTOR = 512
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_libc = ctypes.CDLL(None, use_errno=True)


def set_limit(disk: int, project: int, size: int) -> None:
    """Let a project hold so many bytes, and a file for each block of them; 0 is no limit. `disk` is its open root."""
    files = size // BLOCK
    quota = struct.pack(_QUOTA, 1, _PROJECT, _HARD, project, size // _SECTOR, 0, files, 0, 0, 0)
    _quotactl(disk, _SET_LIMITS, project, ctypes.create_string_buffer(quota))


def limited(disk: int, first: int) -> list[int]:
    """Return the projects from `first` on that have a limit."""
    found: list[int] = []
    while True:
        buffer = ctypes.create_string_buffer(struct.calcsize(_QUOTA))
        try:
            _quotactl(disk, _GET_NEXT, first, buffer)
        except FileNotFoundError:  # that was the last
            return found
        _, _, _, project, blocks, _, files, _, _, _ = struct.unpack(_QUOTA, buffer.raw[: struct.calcsize(_QUOTA)])
        if blocks or files:
            found.append(project)
        first = project + 1


def _quotactl(disk: int, command: int, project: int, buffer: ctypes.Array[ctypes.c_char]) -> None:
    whole = (command << 8) | _PROJECT
    if _libc.syscall(_QUOTACTL_FD, disk, ctypes.c_uint(whole), ctypes.c_uint(project), buffer):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def mark(tree: int, project: int) -> None:
    """Count a directory and all in it for a project. `tree` is the open directory.

    Its root comes after all that is in it, so that a marked one says that all of it is; what is made in the root
    meanwhile is seen by looking again.
    """
    if _project(tree) == (project, True):
        return
    _mark_entries(tree, project)
    _set_project(tree, project)
    _mark_entries(tree, project)


def _mark_entries(tree: int, project: int) -> None:
    """Mark all below the root of a tree, each directory before what is in it."""
    for _, directories, files, directory in os.fwalk(".", dir_fd=tree):
        for entry in (*directories, *files):
            _mark_entry(entry, directory, project)


def _mark_entry(entry: str, directory: int, project: int) -> None:
    try:
        mode = os.stat(entry, dir_fd=directory, follow_symlinks=False).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # the others hold nothing, and cannot be opened
            return
        file = os.open(entry, _OPEN, dir_fd=directory)
    except FileNotFoundError:  # it is in use
        return
    try:
        _set_project(file, project)
    finally:
        os.close(file)


def _project(file: int) -> tuple[int, bool]:
    flags, _, _, project, _ = struct.unpack(_ATTRIBUTES, fcntl.ioctl(file, _GET, bytes(28)))
    return project, bool(flags & INHERIT)


def _set_project(file: int, project: int) -> None:
    """Count one file or directory for a project."""
    flags, size, extents, was, copied = struct.unpack(_ATTRIBUTES, fcntl.ioctl(file, _GET, bytes(28)))
    wanted = flags | INHERIT if stat.S_ISDIR(os.fstat(file).st_mode) else flags
    if (was, flags) != (project, wanted):
        fcntl.ioctl(file, _SET, struct.pack(_ATTRIBUTES, wanted, size, extents, project, copied))
