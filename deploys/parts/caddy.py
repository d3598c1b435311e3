"""The door: Caddy on three ports that systemd holds for it."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.execute.settings import PORTS
from rockpool.operations import caddy as door
from rockpool.operations import files, units

STATE = "/var/lib/rockpool/caddy"
API_SOCKET = "/run/rockpool/api/api.sock"


@deploy("Caddy")
def caddy() -> None:
    """Stock Caddy, its one static configuration, and a unit that can reach routes and nothing else."""
    files.directory(name="Caddy's directory", path="/etc/caddy", mode="750", group="caddy")
    files.config(
        name="Ports of the door",
        dest="/etc/systemd/system/caddy.socket",
        content=files.template("caddy/caddy.socket", address=host.data.door_address, ports=list(PORTS.values())),
    )
    files.config(
        name="Caddy's unit",
        dest="/etc/systemd/system/caddy.service",
        content=files.template("caddy/caddy.service", state=STATE, config=door.CONFIG),
    )
    door.configuration(name="Caddy's configuration", urls=host.data.base_urls, control_socket=API_SOCKET)
    units.running(name="Ports are held", unit="caddy.socket")
    units.running(name="Caddy runs", unit="caddy.service", inputs=("/usr/bin/caddy",))
