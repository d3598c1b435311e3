"""What is at a path."""

from __future__ import annotations

from dataclasses import dataclass

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A path's kind (`file`, `directory`, `link` or stat's own words), owner, and mode in octal digits.

    `content` is the sha256 of a file, the target of a link, and empty otherwise.
    """

    kind: str
    mode: str
    user: str
    group: str
    content: str = ""


_KINDS = {"regular file": "file", "regular empty file": "file", "symbolic link": "link"}


class Path(FactBase[Entry | None]):
    """The entry at `path`, a link itself and not what it points to; None when nothing is there."""

    def command(self, path: str) -> StringCommand:
        """Describe the path."""
        return script("file", path)

    def process(self, output: list[str]) -> Entry:
        """Read the line of stat, then the checksum or the target."""
        mode, user, group, kind = output[0].split(" ", 3)
        content = output[1].removesuffix("  -") if len(output) > 1 else ""
        return Entry(kind=_KINDS.get(kind, kind), mode=mode, user=user, group=group, content=content)


class Strays(FactBase[int]):
    """How many things below the directory `path` belong to none of `users`, or not to `group`."""

    default = int

    def command(self, path: str, users: tuple[str, ...], group: str) -> StringCommand:
        """Count them."""
        return script("strays", path, group, *users)

    def process(self, output: list[str]) -> int:
        """Read the number."""
        return int(output[0]) if output else 0
