"""`@qemu/NAME`: a machine on this host's QEMU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyinfra.api.exceptions import InventoryError

from rockpool.connectors.lazy import Address, LazyConnector, Presence


class QemuConnector(LazyConnector):
    """Reaches a machine of `ROCKPOOL_HOME` by the port, key and host key that its directory holds."""

    start_hint = "invoke vm.start"

    @staticmethod
    def make_names_data(name: str | None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Offer one machine: `@qemu/NAME`, there or not."""
        if not name:
            raise InventoryError("@qemu needs a machine's name: @qemu/NAME")
        yield f"@qemu/{name}", {}, ["@qemu"]

    def look(self) -> Presence:
        """Ask the machine's directory and process."""
        from rockpool.current import State
        from rockpool.execute import machine

        current = machine.survey().get(self.machine)
        if current is None or current.state is State.INCOMPLETE:
            return Presence.ABSENT
        return Presence.RUNNING if current.state is State.RUNNING else Presence.STOPPED

    def address(self) -> Address:
        """Return the forwarded port, which the host may have picked when it made the machine."""
        from rockpool.execute import machine

        return machine.ssh_address(self.machine)
