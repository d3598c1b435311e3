"""What dpkg knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script

UPLOADS = "/var/cache/rockpool-debs"
"""Where packages of ours lie for the seconds of their installation; root's alone."""


@dataclass(frozen=True, kw_only=True)
class PackageState:
    """`installed` has the version of each package that is wholly installed.

    `broken`: dpkg was interrupted, or has a package half done. `damaged` are those whose files differ from what they
    came with. `uploads` are files that a killed run left behind.
    """

    installed: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    damaged: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)


class Packages(FactBase[PackageState]):
    """All packages; the files of those in `verify` are compared with their checksums."""

    @staticmethod
    def default() -> PackageState:
        """Return what is told of a machine that is not there yet."""
        return PackageState()

    def requires_command(self, *_args: object, **_kwargs: object) -> str:
        """Need dpkg."""
        return "dpkg-query"

    def command(self, verify: tuple[str, ...] = ()) -> StringCommand:
        """Ask dpkg once for everything: reading its database is the cost, not the answer."""
        return script("packages", UPLOADS, *verify)

    def process(self, output: list[str]) -> PackageState:
        """Read `STATE PACKAGE VERSION` lines and the few others."""
        rows = [line.split(" ") for line in output]
        whole = ("installed", "not-installed", "config-files", "damaged", "upload")
        return PackageState(
            installed={row[1]: row[2] for row in rows if row[0] == "installed"},
            broken=any(row[0] not in whole for row in rows),
            damaged=sorted(row[1] for row in rows if row[0] == "damaged"),
            uploads=sorted(row[1] for row in rows if row[0] == "upload"),
        )
