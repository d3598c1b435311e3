"""Homes of workspaces: each of one numeric user, made beside its place and moved there whole.

Beside the homes lie `.NAME.new`, one that is being made; `.NAME.gone`, one that is being deleted; `.NAME.cloned`, which
says that nothing is to be cloned into a home any more. What a killed verb has left, the next one takes away.
"""

from __future__ import annotations

import os
import time

from rockpool.guest import locks, namespace, places, quotas
from rockpool.guest.failure import Failure

KEPT_FOR = 7 * 24 * 3600
"""Seconds that a home is kept for."""


def create(name: str, user: int, size: int) -> None:
    """Make a home for one numeric user, whom no other home may belong to, of `size` bytes at most."""
    sweep()
    with locks.Names(name):
        try:
            if is_new := not is_there(name, user):
                begin(name, user)
            quotas.limit(name, size)  # before anything can be in it
            if is_new:
                unlink(f"{places.HOMES}/.{name}.cloned")
                os.rename(beside(name), f"{places.HOMES}/{name}")
        finally:
            clear(beside(name))


def restore(kept: str, name: str, user: int, size: int) -> None:
    """Give a kept home back, under this name or another."""
    sweep()
    with locks.Names(name, kept):
        if not is_there(name, user):
            _give_back(kept, name, user)
        quotas.limit(name, size)


def _give_back(kept: str, name: str, user: int) -> None:
    if not os.path.isdir(f"{places.KEPT}/{kept}"):
        raise Failure(f"no home is kept as {kept}")
    with locks.Users():
        refuse_taken(name, user, besides=kept)
        namespace.enter()
        was = namespace.workspace_user(os.stat(f"{places.KEPT}/{kept}").st_uid)
        if was != user:
            from rockpool.guest.trees import shift

            shift(f"{places.KEPT}/{kept}", was, user)
        touch(f"{places.HOMES}/.{name}.cloned")
        os.rename(f"{places.KEPT}/{kept}", f"{places.HOMES}/{name}")


def keep(name: str) -> None:
    """Move a home out of its place, so that nothing uses it by accident and it can still be given back."""
    with locks.Names(name):
        refuse_used(name)
        if os.path.isdir(f"{places.HOMES}/{name}"):
            namespace.enter()  # to move a directory, one has to be allowed to write it
            os.rename(f"{places.HOMES}/{name}", f"{places.KEPT}/{name}.{time.time_ns()}")
        unlink(f"{places.HOMES}/.{name}.cloned")


def remove(name: str) -> None:
    """Delete a home for good."""
    sweep()
    with locks.Names(name):
        refuse_used(name)
        _delete(places.HOMES, name)
        unlink(f"{places.HOMES}/.{name}.cloned")
    quotas.forget()


def purge(kept: str) -> None:
    """Delete a kept home for good."""
    sweep()
    with locks.Names(kept):
        _delete(places.KEPT, kept)
    quotas.forget()


def purge_old(now: float) -> None:
    """Delete what was kept for long enough, and what killed verbs have left. `now` is in seconds since 1970."""
    for kept in users(places.KEPT):
        if int(kept.partition(".")[2]) < (now - KEPT_FOR) * 1e9:
            purge(kept)
    sweep()
    quotas.forget()


def _delete(directory: str, name: str) -> None:
    gone = f"{directory}/.{name}.gone"
    if os.path.isdir(f"{directory}/{name}"):
        os.rename(f"{directory}/{name}", gone)
    clear(gone)


def cloned(name: str) -> None:
    """Remember that the repository was cloned into a home, or never will be."""
    if not os.path.isdir(f"{places.HOMES}/{name}"):
        raise Failure(f"{name} has no home")
    touch(f"{places.HOMES}/.{name}.cloned")


def is_cloned(name: str) -> bool:
    """Say whether nothing is to be cloned into a home any more."""
    return os.path.lexists(f"{places.HOMES}/.{name}.cloned")


def is_there(name: str, user: int) -> bool:
    """Say whether a home is there already. Raises Failure when it is somebody else's."""
    if not os.path.isdir(f"{places.HOMES}/{name}"):
        return False
    owner = namespace.workspace_user(os.stat(f"{places.HOMES}/{name}").st_uid)
    if owner != user:
        raise Failure(f"the home of {name} belongs to user {owner}, not {user}")
    return True


def beside(name: str) -> str:
    """Return where a home is made."""
    return f"{places.HOMES}/.{name}.new"


def begin(name: str, user: int) -> None:
    """Make an empty home beside its place. Whoever calls holds the name."""
    clear(beside(name))
    namespace.enter()
    with locks.Users():
        refuse_taken(name, user)
        os.mkdir(beside(name), 0o700)
        try:
            owner = namespace.file_owner(user)
            os.chown(beside(name), owner, owner)
        except BaseException:
            os.rmdir(beside(name))
            raise


def refuse_taken(name: str, user: int, *, besides: str = "") -> None:
    """Raise Failure when another home belongs to a user: kept ones count, and those that are being made."""
    kept = {one: owner for one, owner in users(places.KEPT).items() if one != besides}
    for other, owner in [*kept.items(), *users(places.HOMES).items(), *_being_made().items()]:
        if owner == user and other != name:
            raise Failure(f"user {user} belongs to the home of {other}: survey and plan again")


def users(directory: str) -> dict[str, int]:
    """Return the workspace user that owns each home: its owner is the record of who its workspace is."""
    with os.scandir(directory) as entries:
        return {
            entry.name: namespace.workspace_user(entry.stat(follow_symlinks=False).st_uid)
            for entry in entries
            if not entry.name.startswith(".")
        }


def _being_made() -> dict[str, int]:
    found = {}
    with os.scandir(places.HOMES) as entries:
        for entry in entries:
            if entry.name.endswith(".new"):
                uid = entry.stat(follow_symlinks=False).st_uid
                found[entry.name[1:-4]] = namespace.workspace_user(uid)
    return found


def sweep() -> None:
    """Take away what killed verbs have left, but for what somebody holds."""
    for directory in (places.HOMES, places.KEPT):
        for entry in os.listdir(directory):
            if entry.startswith(".") and entry.endswith((".new", ".gone")):
                name = entry[1:].rpartition(".")[0]
                if not locks.is_held(name):
                    with locks.Names(name):
                        clear(f"{directory}/{entry}")


def clear(path: str) -> None:
    """Delete a directory with everything in it, if it is there."""
    if os.path.lexists(path):
        namespace.enter()
        from rockpool.guest.trees import delete

        delete(path)


def refuse_used(name: str) -> None:
    """Raise Failure when a container of that name or label may have the home mounted."""
    from rockpool.guest import podman  # what only makes homes does not wait for it

    if podman.labelled(name) or podman.is_there(f"ws-{name}"):
        raise Failure(f"the container of {name} still uses its home")


def touch(path: str) -> None:
    """Make an empty file, unless it is there."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o640))


def unlink(path: str) -> None:
    """Remove a file, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
