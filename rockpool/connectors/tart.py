"""`@tart/NAME`: a machine on this Mac's Tart. What it needs for a plan; the rest of the Mac has an issue of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyinfra.api.exceptions import InventoryError

from rockpool.connectors.lazy import Address, LazyConnector, Presence

_STATES = {"running": Presence.RUNNING, "stopped": Presence.STOPPED, "suspended": Presence.STOPPED}


@dataclass(frozen=True, kw_only=True)
class TartAddress:
    """Where a Tart machine answers."""

    host: str
    key: Path
    known_hosts: Path
    port: int = 22
    user: str = "root"


class TartConnector(LazyConnector):
    """Reaches a machine by the address that `tart ip` tells."""

    start_hint = "invoke vm.start"

    @staticmethod
    def make_names_data(name: str | None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Offer one machine: `@tart/NAME`, there or not."""
        if not name:
            raise InventoryError("@tart needs a machine's name: @tart/NAME")
        yield f"@tart/{name}", {}, ["@tart"]

    def look(self) -> Presence:
        """Ask `tart list`; without Tart there is no machine."""
        from rockpool.execute import process

        if shutil.which("tart") is None:
            return Presence.ABSENT
        rows = json.loads(process.run(("tart", "list", "--source", "local", "--format", "json")))
        return next((_STATES[row["State"]] for row in rows if row["Name"] == self.machine), Presence.ABSENT)

    def address(self) -> Address:
        """Ask `tart ip`."""
        from rockpool.execute import home, process

        directory = home.machines() / self.machine
        ip = process.run(("tart", "ip", self.machine)).strip()
        return TartAddress(host=ip, key=directory / "id_ed25519", known_hosts=directory / "known_hosts")
