"""A user account with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script

Range = tuple[int, int]
"""First id and how many."""


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """A user and the group of its name; `uid` and `group` are None when there is none.

    `gid` is the user's primary group. `groups` are the names of those that list it as a member. `subuids` and `subgids`
    hold the ranges of every account.
    """

    uid: int | None = None
    gid: int | None = None
    group: int | None = None
    home: str = ""
    shell: str = ""
    groups: list[str] = field(default_factory=list)
    subuids: dict[str, list[Range]] = field(default_factory=dict)
    subgids: dict[str, list[Range]] = field(default_factory=dict)
    linger: bool = False


class Account(FactBase[AccountState]):
    """The account called `user`."""

    @staticmethod
    def default() -> AccountState:
        """Return what is told when nothing is known."""
        return AccountState()

    def command(self, user: str) -> StringCommand:
        """Read everybody's lines: the text is the same for every user, so it can be fetched once for all."""
        self._user = user
        return script("account")

    def process(self, output: list[str]) -> AccountState:
        """Read lines such as `/etc/group:caddy:x:990:`."""
        rows: dict[str, list[list[str]]] = {}
        for line in output:
            file, *row = line.split(":")
            rows.setdefault(file.removeprefix("/etc/"), []).append(row)
        passwd = next((row for row in rows.get("passwd", []) if row[0] == self._user), None)
        groups = {row[0]: row for row in rows.get("group", [])}
        own = groups.get(self._user)
        return AccountState(
            uid=int(passwd[2]) if passwd else None,
            gid=int(passwd[3]) if passwd else None,
            home=passwd[5] if passwd else "",
            shell=passwd[6] if passwd else "",
            group=int(own[2]) if own else None,
            groups=sorted(name for name, row in groups.items() if self._user in row[3].split(",")),
            subuids=_ranges(rows.get("subuid", [])),
            subgids=_ranges(rows.get("subgid", [])),
            linger=[self._user] in rows.get("linger", []),
        )


def _ranges(rows: list[list[str]]) -> dict[str, list[Range]]:
    """Read `NAME:FIRST:COUNT`."""
    ranges: dict[str, list[Range]] = {}
    for name, first, count in rows:
        ranges.setdefault(name, []).append((int(first), int(count)))
    return ranges
