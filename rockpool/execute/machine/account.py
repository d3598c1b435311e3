"""The account that QEMU runs as: never root."""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass

from rockpool.errors import HostNotReady
from rockpool.execute.machine.directory import Directory
from rockpool.step import Argv

NAME = "rockpool-vm"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom QEMU runs as. `separate` when that is not ourselves; `groups` are what it needs besides its own."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    separate: bool = False

    @property
    def prefix(self) -> Argv:
        """The prefix that runs a command as this account, unable to gain anything."""
        if not self.separate:
            return ("setpriv", "--no-new-privs")
        groups = ("--groups", ",".join(map(str, self.groups))) if self.groups else ("--clear-groups",)
        ids = ("--reuid", str(self.uid), "--regid", str(self.gid))
        return ("setpriv", *ids, *groups, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs")


def account() -> Account:
    """Return the account: for root the system account `rockpool-vm`, for others themselves. Raises HostNotReady."""
    if os.geteuid():
        return Account(uid=os.geteuid(), gid=os.getegid())
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError as error:
        raise HostNotReady(
            f"there is no account {NAME!r}",
            why="QEMU does not run as root, and root starts it as this account",
            fix="run the deploy (make up), which makes it, or: "
            f"useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin {NAME}",
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, groups=_kvm_group(), separate=True)


def give(machine: Directory, account: Account) -> None:
    """Let the account make files in the machine's directory, and touch none of ours.

    The sticky bit keeps it from replacing `ssh_config` or a key, which root uses. Nothing in there is ever changed by
    name as root: the account could have put a link in its place.
    """
    if account.separate:
        os.chown(machine.path, 0, account.gid)
        machine.path.chmod(0o1770)


def _kvm_group() -> tuple[int, ...]:
    try:
        return (grp.getgrnam("kvm").gr_gid,)
    except KeyError:
        return ()
