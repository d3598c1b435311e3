"""Whole trees of files that belong to containers: copied, given to another user, deleted. In their namespace only."""

from __future__ import annotations

import errno
import os
import stat
import subprocess

from rockpool.guest import namespace
from rockpool.guest.failure import Failure

_CAPABILITY = "security.capability"


def copy(source: str, target: str) -> None:
    """Copy a directory to a path that is not there yet, sharing its blocks: links, holes and attributes stay."""
    _run("/usr/bin/cp", "--archive", "--reflink=always", "--no-target-directory", "--", source, target)


def delete(path: str) -> None:
    """Delete a directory. A program that holds no directory open goes as deep as anybody may have made it."""
    _run("/usr/bin/rm", "--recursive", "--force", "--one-file-system", "--", path)


def _run(*argv: str) -> None:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Failure(lines[-1] if lines else f"{argv[0]} exited {done.returncode}")


def shift(root: str, was: int, user: int) -> None:
    """Give all that belongs to one workspace user to another. The root comes last: its owner says whose it is."""
    old, new = namespace.file_owner(was), namespace.file_owner(user)
    for _, directories, files, directory in os.fwalk(root):
        for entry in (*directories, *files):
            _give(entry, directory, old, new)
    _give(root, None, old, new)


def _give(path: str, directory: int | None, old: int, new: int) -> None:
    found = os.stat(path, dir_fd=directory, follow_symlinks=False)
    if old not in (found.st_uid, found.st_gid):
        return
    owner, group = (new if one == old else -1 for one in (found.st_uid, found.st_gid))
    is_program = stat.S_ISREG(found.st_mode) and found.st_mode & 0o111
    capability = _capability(path, directory) if is_program else b""
    os.chown(path, owner, group, dir_fd=directory, follow_symlinks=False)
    # A new owner costs a program its special rights.
    if is_program and found.st_mode & (stat.S_ISUID | stat.S_ISGID):
        os.chmod(path, stat.S_IMODE(found.st_mode), dir_fd=directory)
    if capability:
        _capability(path, directory, capability)


def _capability(path: str, directory: int | None, wanted: bytes = b"") -> bytes:
    """Return the capabilities of a program, empty when it has none; set them when some are wanted."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    try:
        if wanted:
            os.setxattr(file, _CAPABILITY, wanted)
        return os.getxattr(file, _CAPABILITY)
    except OSError as error:
        if error.errno == errno.ENODATA:
            return b""
        raise
    finally:
        os.close(file)
