"""The user namespace of rootless Podman, whose root alone may touch what belongs to containers."""

from __future__ import annotations

import fcntl
import os
import sys

from rockpool.guest import places

PAUSE = "libpod/tmp/pause.pid"
NS_GET_USERNS = 0xB701
NS_GET_OWNER_UID = 0xB704

_entered = False


def enter() -> None:
    """Become its root, for good. Outside of it, this process is still the same user. Raises OSError."""
    global _entered  # a process is in one user namespace
    if not _entered:
        join()
        os.setgid(0)
        os.setuid(0)
        _entered = True


def join() -> None:
    """Join it; Podman's pause process holds it open. Raises OSError when it is not the caller's own."""
    path = f"{os.environ['XDG_RUNTIME_DIR']}/{PAUSE}"
    if not os.path.exists(path):
        _make()
    with open(path, encoding="ascii") as file:
        pause = int(file.read())
    users = os.open(f"/proc/{pause}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    if owner(users) != os.getuid() or os.path.samestat(os.stat("/proc/self/ns/user"), os.fstat(users)):
        raise OSError(f"process {pause} is not in a user namespace of ours")
    os.setns(users, os.CLONE_NEWUSER)  # type: ignore[attr-defined]  # Python 3.12
    os.close(users)


def owner(users: int) -> int:
    """Return the owner of a user namespace, as a user number of the namespace that this process is in."""
    found = fcntl.ioctl(users, NS_GET_OWNER_UID, bytes(4))
    return int.from_bytes(found, sys.byteorder)


def workspace_user(uid: int) -> int:
    """Return which workspace's user a file's owner is."""
    return uid - (1 if _entered else places.SUBORDINATE)


def file_owner(user: int) -> int:
    """Return the owner of a workspace user's files, as this process sees it."""
    return user + (1 if _entered else places.SUBORDINATE)


def _make() -> None:
    import subprocess  # slow to import, and only the first after a boot may need it

    done = subprocess.run(("/usr/bin/podman", "unshare", "true"), timeout=60, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"podman unshare exited {done.returncode}: {done.stderr[-200:].decode(errors='replace')}")
