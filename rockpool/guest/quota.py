"""`quota`: the one thing about workspaces that root alone may do, how much each may store.

It is told a name and a size. Where that lies, and whose it is, it finds out by itself, through no link. It answers on
the socket that systemd hands over, a line for each line, and ends when nobody has asked for a while.
"""

from __future__ import annotations

import _socket  # `socket` imports much that nobody needs here
import os
import select

from rockpool.guest import places, podman, xfs
from rockpool.guest.failure import Failure

IDLE = 60.0
"""Seconds without a question after which it ends."""

_LONGEST = 200
_LISTENER = 3
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def main(_argv: list[str]) -> int:
    """Serve the socket that systemd hands over."""
    serve(_socket.socket(fileno=_LISTENER))
    return 0


def serve(listener: _socket.socket) -> None:
    """Answer whoever connects, one line at a time, until nobody has asked for a while."""
    asking: dict[int, _socket.socket] = {}
    while (ready := select.select([listener.fileno(), *asking], [], [], IDLE)[0]) or asking:
        for file in ready:
            if file == listener.fileno():
                connection = _socket.socket(fileno=listener._accept()[0])  # type: ignore[attr-defined]  # no stubs
                asking[connection.fileno()] = connection
            elif not answer(asking[file]):
                asking.pop(file).close()


def answer(connection: _socket.socket) -> bool:
    """Answer what one connection asks. Return whether it goes on."""
    try:
        asked = connection.recv(_LONGEST)
        if not asked.endswith(b"\n"):  # whoever asks sends a line at a time, so this is the end or nonsense
            return False
        for line in asked.decode().splitlines():
            connection.sendall(f"{_answered(line)}\n".encode())
    except (OSError, ValueError):
        return False
    return True


def _answered(line: str) -> str:
    try:
        do(line)
    except (Failure, OSError, ValueError, LookupError, TypeError) as error:
        return f"error {' '.join(str(error).split())}"
    return "ok"


def do(line: str) -> None:
    """Carry out `limit NAME BYTES` or `forget`. Raises Failure, or OSError."""
    match line.split(" "):
        case ["limit", name, size] if places.is_name(name) and places.is_number(size, 1, 2**60):
            limit(name, -(-int(size) // xfs.BLOCK) * xfs.BLOCK)
        case ["forget"]:
            forget()
        case _:
            raise Failure(f"not a verb: {line!r}")


def limit(name: str, size: int) -> None:
    """Let home and layer of a workspace hold `size` bytes together.

    The limit comes before the marks, so that what is marked has one. The layer outlives a crash from then on. Raises
    Failure, or OSError.
    """
    container = podman.only(name)
    layer = podman.layer(podman.inspected(container["Id"])) if container else ""
    with Disk() as disk:
        home = disk.home(name)
        project = _user(os.fstat(home).st_uid)
        if not places.FIRST_USER <= project <= places.LAST_USER:
            raise Failure(f"the home of {name} belongs to nobody who runs a workspace")
        xfs.set_limit(disk.root, project, size)
        xfs.mark(home, project)
        if layer:
            own = disk.layer(layer)
            xfs.mark(own, project)
            _sync(own)


def _sync(layer: int) -> None:
    """Have on the disk what leads from a layer to its image: without that, a crash makes it useless.

    Podman writes these files when it makes a container, and does not wait for the disk.
    """
    for name in ("link", "lower"):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=layer)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def forget() -> None:
    """Drop the limits of users that have no home any more, kept or in its place."""
    with Disk() as disk:
        users = {_user(uid) for uid in disk.owners("homes") | disk.owners("kept")}
        for project in xfs.limited(disk.root, places.FIRST_USER):
            if project <= places.LAST_USER and project not in users:
                xfs.set_limit(disk.root, project, 0)


def _user(uid: int) -> int:
    return uid - places.SUBORDINATE


class Disk:
    """The directories on the disk of the workspaces, open, each reached through no link and onto no other disk."""

    def __enter__(self) -> Disk:
        """Open its root."""
        self.root = os.open(places.WORKSPACES, _DIRECTORY)
        self._open = [self.root]
        return self

    def __exit__(self, *_: object) -> None:
        """Close all."""
        for file in self._open:
            os.close(file)

    def home(self, name: str) -> int:
        """Open the home of a workspace, or the one that is being made."""
        try:
            return self.directory("homes", name)
        except FileNotFoundError:
            return self.directory("homes", f".{name}.new")

    def layer(self, layer: str) -> int:
        """Open the layer of a container. Raises Failure when it does not belong to a container's root."""
        directory = self.directory("containers", "overlay", layer)
        if os.fstat(directory).st_uid != places.SUBORDINATE:
            raise Failure(f"layer {layer} does not belong to a container")
        return directory

    def owners(self, place: str) -> set[int]:
        """Return whose the entries of a directory are."""
        with os.scandir(self.directory(place)) as entries:
            return {entry.stat(follow_symlinks=False).st_uid for entry in entries}

    def directory(self, *way: str) -> int:
        """Open a directory below the root. Raises OSError, Failure."""
        found = self.root
        for name in way:
            found = os.open(name, _DIRECTORY, dir_fd=found)
            self._open.append(found)
            if os.fstat(found).st_dev != os.fstat(self.root).st_dev:
                raise Failure(f"{name!r} lies on another disk")
        return found
