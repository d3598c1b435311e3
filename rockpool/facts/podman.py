"""The image stores that packages brought, and what Podman's user is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class StoresState:
    """Stores by key. `stores` are newest first; `units` has the sha256 of each mount unit, `conf` that of the file."""

    stores: list[str] = field(default_factory=list)
    mounted: list[str] = field(default_factory=list)
    enabled: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    conf: str = ""


class Stores(FactBase[StoresState]):
    """Every squashed image store in a directory, and how far it is in use."""

    default = StoresState

    def requires_command(self, *_args: object, **_kwargs: object) -> str:
        """Need mounts."""
        return "findmnt"

    def command(self, directory: str, mountpoints: str, conf: str) -> StringCommand:
        """List them."""
        return script("stores", directory, mountpoints, conf)

    def process(self, output: list[str]) -> StoresState:
        """Read a word and its values from each line."""
        rows = [line.split() for line in output]
        stores = {file.removesuffix(".squashfs"): float(time) for word, time, file in _of(rows, "store", 3)}
        return StoresState(
            stores=sorted(stores, key=lambda key: (-stores[key], key)),
            mounted=sorted(row[1] for row in _of(rows, "mounted", 2)),
            enabled=sorted(row[1] for row in _of(rows, "enabled", 2)),
            units={key: digest for _, digest, key in _of(rows, "unit", 3)},
            conf=next((row[1] for row in rows if row[:1] == ["conf"]), ""),
        )


def _of(rows: list[list[str]], word: str, length: int) -> list[list[str]]:
    return [row for row in rows if row[:1] == [word] and len(row) == length]
