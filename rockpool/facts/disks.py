"""What a disk holds, and where it is mounted."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class DiskState:
    """A disk or an image of one, and its mount.

    `blank`: nothing is known to be on it. `holds` is what is: a file system, or `a partition table (gpt)`. `bytes` is
    the size of an image, 0 for a disk. `mounted` is the label of what is mounted at the mount point, with `options`.
    `unit` is the sha256 of the mount unit's file.
    """

    there: bool = False
    blank: bool = False
    holds: str = ""
    label: str = ""
    bytes: int = 0
    mounted: str = ""
    options: list[str] = field(default_factory=list)
    unit: str = ""
    enabled: bool = False


class Disk(FactBase[DiskState]):
    """The disk or image at `source`, meant for `mountpoint` by the mount unit in the file `unit`."""

    @staticmethod
    def default() -> DiskState:
        """Return what is told of a machine that is not there yet."""
        return DiskState()

    def command(self, source: str, mountpoint: str, unit: str) -> StringCommand:
        """Probe the disk itself, not a cache."""
        return script("disk", source, mountpoint, unit)

    def process(self, output: list[str]) -> DiskState:
        """Read `KEY=value` lines, blkid's among them; blkid says 2 when it knows nothing of what is there."""
        told = dict(line.partition("=")[::2] for line in output)
        label, fstype, options = [*told.get("MOUNT", "").split(" "), "", "", ""][:3]
        return DiskState(
            there="THERE" in told,
            blank=told.get("PROBE") == "2",
            holds=_holds(told),
            label=told.get("LABEL", ""),
            bytes=int(told.get("BYTES", 0)),
            mounted=f"{fstype} {label}".strip(),
            options=[option for option in options.split(",") if option],
            unit=told.get("UNIT", "").removesuffix("  -"),
            enabled="ENABLED" in told,
        )


def _holds(told: dict[str, str]) -> str:
    if "PTTYPE" in told:
        return f"a partition table ({told['PTTYPE']})"
    if told.get("PROBE", "2") != "2":
        return "signatures of several kinds"
    return told.get("TYPE", "")
