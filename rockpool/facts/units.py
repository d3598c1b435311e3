"""The live state of a systemd unit beside the change times of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class UnitState:
    """What the manager says of a unit; times are seconds since the epoch, 0 for never.

    `started` is when it last left the inactive state, `changed` when it last changed at all (a reload counts).
    `files` are the change times (ctime: an upgraded package counts too) of `own` (its unit file and drop-ins) and of
    the inputs asked for, as far as they exist.
    """

    load: str = ""
    active: str = ""
    enabled: str = ""
    type: str = ""
    result: str = ""
    remains: bool = False
    needs_reload: bool = False
    started: float = 0
    changed: float = 0
    own: list[str] = field(default_factory=list)
    files: dict[str, float] = field(default_factory=dict)


class Unit(FactBase[UnitState | None]):
    """One unit of the system manager, or of `user`'s; None when that manager does not run."""

    def requires_command(self, *_args: object, **_kwargs: object) -> str:
        """Need systemd."""
        return "systemctl"

    def command(self, unit: str, inputs: tuple[str, ...] = (), user: str = "") -> StringCommand:
        """Ask the manager, then for the files that it named and the inputs."""
        return script("unit", user, unit, *inputs)

    def process(self, output: list[str]) -> UnitState:
        """Read `Key=value` lines, and `file=SECONDS PATH` lines."""
        pairs = [line.partition("=")[::2] for line in output if "=" in line]
        told = dict(pairs)
        files = [value.partition(" ")[::2] for key, value in pairs if key == "file"]
        return UnitState(
            load=told.get("LoadState", ""),
            active=told.get("ActiveState", ""),
            enabled=told.get("UnitFileState", ""),
            type=told.get("Type", ""),
            result=told.get("Result", ""),
            remains=told.get("RemainAfterExit") == "yes",
            needs_reload=told.get("NeedDaemonReload") == "yes",
            started=_seconds(told.get("InactiveExitTimestamp", "")),
            changed=_seconds(told.get("StateChangeTimestamp", "")),
            own=_own(told),
            files={path: float(seconds) for seconds, path in files},
        )


def _seconds(stamp: str) -> float:
    """Read systemd's `us+utc` form, such as `Sat 2026-11-21 06:38:08.795702 UTC`."""
    if stamp in ("", "n/a"):
        return 0
    _day, date, time, _zone = stamp.split(" ")
    return datetime.fromisoformat(f"{date}T{time}+00:00").timestamp()


def _own(told: dict[str, str]) -> list[str]:
    """Return the files that a person wrote: a generated unit is written anew at each reload, its source is not.

    A mount out of fstab has no file of its own, because any other line there would count as a change of it.
    """
    named = [told.get("FragmentPath", ""), *told.get("DropInPaths", "").split(" ")]
    own = [path for path in named if path and not path.startswith("/run/systemd/generator")]
    source = told.get("SourcePath", "")
    return [*own, source] if source and source != "/etc/fstab" else own
