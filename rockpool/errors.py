"""Everything that may go wrong on purpose, with one exit code per kind.

RockpoolError            1   none of the kinds below
├── InputError           2   the caller's values are wrong; lists every fault
├── HostNotReady         3   this machine lacks something: a tool, a port, memory, disk, privilege
├── Refused              4   the wish is understood and would destroy or shrink something
├── NotFound             5   no such machine, workspace, image
├── Busy                 6   another process is doing this right now
├── StepFailed           7   a command that a plan needed has failed
├── DeadlinePassed       8   something did not happen in time
├── Damaged              9   data of ours fails its check
└── Conflict            10   not in this state; says what is allowed
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class RockpoolError(Exception):
    """A fault told as what happened, why, and how to mend it."""

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.fix = what, why, fix

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """One wrong value: the field's dotted path, and what it has to be instead."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"`{self.field}` {self.message}"


class InputError(RockpoolError):
    """Values that cannot be accepted. Carries every fault at once; nothing was changed."""

    exit_code = 2

    def __init__(self, subject: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        listed = "; ".join(str(fault) for fault in self.faults)
        super().__init__(f"{subject} is not valid", why=listed, fix="correct these values; nothing was changed")


class HostNotReady(RockpoolError):
    """This machine lacks something that is needed."""

    exit_code = 3


class Refused(RockpoolError):
    """The wish is understood, and carrying it out would lose something."""

    exit_code = 4


class NotFound(RockpoolError):
    """No such thing."""

    exit_code = 5


class Busy(RockpoolError):
    """Another process holds the lock for this."""

    exit_code = 6


class StepFailed(RockpoolError):
    """A command that a plan needed has failed."""

    exit_code = 7


class DeadlinePassed(RockpoolError):
    """Something that was waited for did not happen in time."""

    exit_code = 8


class Damaged(RockpoolError):
    """Data of ours fails its own check."""

    exit_code = 9


class Conflict(RockpoolError):
    """The wish does not fit the state that the thing is in; the fix names what does."""

    exit_code = 10
