"""A home as a copy of another one, which may be in use meanwhile."""

from __future__ import annotations

import os

from rockpool.guest import homes, locks, namespace, places, podman, quotas, trees
from rockpool.guest.failure import Failure


def copy(source: str, name: str, user: int, size: int) -> None:
    """Make a home as a copy of another's, of `size` bytes at most.

    While it is made, the source's container is paused: the copy is what its files were at one moment, as after a power
    failure that lost nothing that was written. Raises Failure, and then there is no new home.
    """
    homes.sweep()
    with locks.Names(source, name):
        if homes.is_there(name, user):
            quotas.limit(name, size)
        elif os.path.isdir(f"{places.HOMES}/{source}"):
            _copy(source, name, user, size)
        else:
            raise Failure(f"{source} has no home")


def _copy(source: str, name: str, user: int, size: int) -> None:
    homes.begin(name, user)
    try:
        quotas.limit(name, size)  # first, so that no copy takes more than its workspace may
        copied = f"{homes.beside(name)}/home"
        with Still(source):
            trees.copy(f"{places.HOMES}/{source}", copied)
        trees.shift(copied, namespace.workspace_user(os.stat(copied).st_uid), user)
        homes.touch(f"{places.HOMES}/.{name}.cloned")
        os.rename(copied, f"{places.HOMES}/{name}")
    finally:
        homes.clear(homes.beside(name))


class Still:
    """Holds the container of a workspace still, and lets it go on in every case.

    Whoever is killed in between leaves it paused: the survey shows that, and so does the next copy, which ends it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Pause it, if it runs. Raises OSError when there is more than one, or one that is not ours."""
        self._state = self._now()
        if self._state == "running":
            podman.post(f"/containers/ws-{self._name}/pause")
        if self._state in ("running", "paused"):
            self._state = "paused"

    def __exit__(self, kind: object, *_: object) -> None:
        """Let it go on. Raises Failure when it was not still all the time."""
        after = self._now()
        if after == "paused":
            podman.post(f"/containers/ws-{self._name}/unpause")
        if kind is None and after != self._state:
            raise Failure(f"{self._name} was {self._state} and then {after or 'gone'}, so its copy is not whole: again")

    def _now(self) -> str:
        container = podman.only(self._name)
        return str(container["State"]) if container else ""
