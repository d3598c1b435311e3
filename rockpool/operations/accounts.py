"""Users that services run as."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.errors import Refused
from rockpool.facts.accounts import Account, AccountState, Range
from rockpool.facts.script import Commands, argv
from rockpool.operations.refuse import refuse


@operation()
def system_user(
    user: str,
    *,
    uid: int | None = None,
    home: str,
    shell: str = "/usr/sbin/nologin",
    groups: Sequence[str] = (),
    subids: tuple[int, int] | None = None,
    linger: bool = False,
) -> Commands:
    """A system account with a group of its own name, and no password.

    + uid: also the group's number; None lets the system pick
    + home: path of its home, which is not made here
    + groups: every other group that it is in
    + subids: first subordinate id and how many, for user and group ids alike; None leaves them alone
    + linger: its manager runs without a login

    A number that is already there and differs is refused, and so are subordinate ids that somebody else has.
    """
    current = host.get_fact(Account, user=user)
    fault = _fault(current, user=user, uid=uid, subids=subids)
    if fault:
        yield refuse(fault)
        return
    acts = [
        *_groups(current, user=user, uid=uid),
        *_users(current, user=user, uid=uid, home=home, shell=shell, groups=groups),
        *_subids(current, user=user, subids=subids),
    ]
    if linger and not current.linger:
        acts.append(("loginctl", "enable-linger", user))
    for act in acts:
        yield argv(*act)
    if not acts:
        host.noop(f"user {user} is as wanted")


Acts = list[tuple[str, ...]]


def _fault(current: AccountState, *, user: str, uid: int | None, subids: Range | None) -> Refused | None:
    for kind, number in (("user", current.uid), ("group", current.group)):
        if uid is not None and number not in (None, uid):
            return Refused(
                f"cannot make {kind} {user} with number {uid}",
                why=f"it is there with number {number}, and files belong to that number",
                fix=f"remove the {kind} and what it owns, or free the name, and deploy again",
            )
    for other, first in _overlaps(current, user=user, subids=subids):
        return Refused(
            f"cannot give user {user} the subordinate ids from {subids[0] if subids else 0}",
            why=f"user {other} has ids from {first} on that overlap, so it could act as a workspace",
            fix=f"give {other} another range (usermod --del-subuids, --add-subuids and the same for gids)",
        )
    return None


def _overlaps(current: AccountState, *, user: str, subids: Range | None) -> list[tuple[str, int]]:
    if subids is None:
        return []
    start, end = subids[0], subids[0] + subids[1]
    return [
        (name, first)
        for ranges in (current.subuids, current.subgids)
        for name, taken in sorted(ranges.items())
        for first, count in taken
        if name != user and first < end and start < first + count
    ]


def _groups(current: AccountState, *, user: str, uid: int | None) -> Acts:
    """Return what makes the group; apart from the user, because a killed useradd may have made only one of them."""
    if current.group is not None:
        return []
    number = uid if uid is not None else current.gid
    return [("groupadd", "--system", *(["--gid", str(number)] if number is not None else []), user)]


def _users(current: AccountState, *, user: str, uid: int | None, home: str, shell: str, groups: Sequence[str]) -> Acts:
    wanted = ["--home-dir", home, "--shell", shell, "--groups", ",".join(sorted(groups)), "--gid", user]
    if current.uid is None:
        number = ["--uid", str(uid)] if uid is not None else []
        return [("useradd", "--system", "--no-create-home", *number, *wanted, user)]
    same = current.group is None or current.gid == current.group
    if same and (current.home, current.shell, current.groups) == (home, shell, sorted(groups)):
        return []
    return [("usermod", *["--home" if word == "--home-dir" else word for word in wanted], user)]


def _subids(current: AccountState, *, user: str, subids: Range | None) -> Acts:
    if subids is None:
        return []
    changes: list[str] = []
    for kind, ranges in (("subuids", current.subuids), ("subgids", current.subgids)):
        taken = [(first, count) for first, count in ranges.get(user, [])]
        for first, count in taken:
            changes += [f"--del-{kind}", f"{first}-{first + count - 1}"] if (first, count) != tuple(subids) else []
        if tuple(subids) not in taken:
            changes += [f"--add-{kind}", f"{subids[0]}-{sum(subids) - 1}"]
    return [("usermod", *changes, user)] if changes else []
