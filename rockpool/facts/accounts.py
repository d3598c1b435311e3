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

    `gid` is the user's primary group. `groups` are the names of the others. `subuids` and `subgids` hold the ranges of
    every account.
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
        """Ask the name service, the files of subordinate ids and logind's mark."""
        return script("account", user)

    def process(self, output: list[str]) -> AccountState:
        """Read lines that begin with the kind of what follows."""
        lines = [line.partition(":")[::2] for line in output]
        told = dict(lines)
        passwd = told["passwd"].split(":") if "passwd" in told else None
        group = told["group"].split(":") if "group" in told else None
        return AccountState(
            uid=int(passwd[2]) if passwd else None,
            gid=int(passwd[3]) if passwd else None,
            home=passwd[5] if passwd else "",
            shell=passwd[6] if passwd else "",
            group=int(group[2]) if group else None,
            groups=sorted(told.get("groups", "").split(" ")[1:]),
            subuids=_ranges([text for kind, text in lines if kind == "subuid"]),
            subgids=_ranges([text for kind, text in lines if kind == "subgid"]),
            linger="linger" in told,
        )


def _ranges(lines: list[str]) -> dict[str, list[Range]]:
    """Read `NAME:FIRST:COUNT` lines, as in /etc/subuid."""
    ranges: dict[str, list[Range]] = {}
    for name, first, count in (line.split(":") for line in lines if line.count(":") == 2):
        ranges.setdefault(name, []).append((int(first), int(count)))
    return ranges
