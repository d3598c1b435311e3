"""Routes: Unix sockets from the door into workspaces, and the verbs that open and close them."""

from importlib.resources import files as package_files

from pyinfra.api.deploy import deploy

from deploys.parts.podman import USER, USER_UNITS
from rockpool.operations import files, units

PROGRAMS = {"ws-route": "route.py", "wsctl": "wsctl.py"}
UNITS = (
    "rockpool-route@.socket",
    "rockpool-route@.service",
    "rockpool-routes.service",
    "rockpool-wsctl.socket",
    "rockpool-wsctl@.service",
)


@deploy("Routes")
def routes() -> None:
    """Units of the workspaces' own user; nothing here is root's."""
    files.directory(name="Directory of programs", path="/usr/lib/rockpool")
    for program, source in PROGRAMS.items():
        files.config(
            name=f"Program {program}",
            dest=f"/usr/lib/rockpool/{program}",
            content=(package_files("rockpool.guest") / source).read_text(),
            mode="755",
            validate=("/usr/bin/python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", "{}"),
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
