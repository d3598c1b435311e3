"""Routes: Unix sockets from the door into workspaces, and the verbs that open and close them."""

from pyinfra.api.deploy import deploy

from deploys.parts.control import RELEASES
from deploys.parts.podman import USER, USER_UNITS
from rockpool.execute import release
from rockpool.operations import files, units

PROGRAMS = {"ws-route": "route", "wsctl": "wsctl"}
UNITS = (
    "rockpool-route@.socket",
    "rockpool-route@.service",
    "rockpool-routes.service",
    "rockpool-wsctl.socket",
    "rockpool-wsctl@.service",
    "rockpool-purge.service",
    "rockpool-purge.timer",
)


@deploy("Routes")
def routes() -> None:
    """Units of the workspaces' own user; nothing here is root's."""
    files.directory(name="Directory of programs", path="/usr/lib/rockpool")
    code = f"{RELEASES}/{release.current().name}"
    for program, module in PROGRAMS.items():
        files.config(
            name=f"Program {program}",
            dest=f"/usr/lib/rockpool/{program}",
            content=files.template("routes/program", code=code, module=module),
            mode="755",
        )
    files.config(
        name="Directories of routes at boot",
        dest="/etc/tmpfiles.d/rockpool-routes.conf",
        content=files.template("routes/tmpfiles.conf"),
    )
    for place, group in (("routes", "caddy"), ("wsctl", "rockpool-worker")):
        files.directory(
            name=f"Directory of {place}", path=f"/run/rockpool/{place}", mode="2750", user=USER, group=group
        )
    for unit in UNITS:
        files.config(name=f"Unit {unit}", dest=f"{USER_UNITS}/{unit}", content=files.template(f"routes/{unit}"))
    units.user_running(name="Verbs for workspaces", user=USER, unit="rockpool-wsctl.socket")
    units.user_running(name="Routes come back after a reboot", user=USER, unit="rockpool-routes.service")
    units.user_running(name="Kept homes go after a week", user=USER, unit="rockpool-purge.timer")
