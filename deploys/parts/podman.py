"""Podman: rootless, of a user of its own, with its images from packages."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.operations import accounts, files, packages, podman, units

WORKSPACES = "/var/lib/rockpool-ws"
USER = "rockpool-ws"
USER_UNITS = "/etc/systemd/user"


@deploy("Podman")
def podman_of_workspaces() -> None:
    """The user that all workspaces run as, its Podman, and an API that one more user may reach."""
    uid, subids = host.data.workspace_uid, host.data.workspace_subids
    packages.present(
        name="Podman's packages",
        names=["catatonit", "crun", "curl", "dbus-user-session", "netavark", "passt", "podman", "python3", "uidmap"],
    )
    manager = f"/etc/systemd/system/user@{uid}.service.d"
    files.directory(name="Directory of the workspaces' manager", path=manager)
    # Before the user lingers: its manager reads this when it starts, and is never restarted.
    files.config(
        name="Workspaces' manager",
        dest=f"{manager}/rockpool.conf",
        content=files.template("podman/user.conf", workspaces=WORKSPACES),
    )
    accounts.system_user(name="User of the workspaces", user=USER, uid=uid, home=WORKSPACES, subids=subids, linger=True)
    _directories()
    podman.stores(
        name="Image stores",
        directory="/usr/share/rockpool/stores",
        mountpoints="/usr/share/rockpool/store",
        user=USER,
        uid=uid,
        home=WORKSPACES,
    )
    _units()


def _directories() -> None:
    # A container starts by way of a directory in tmp, as its own root, who is a stranger outside.
    private = dict.fromkeys(("homes", "kept", "ports", "containers", ".config", ".config/systemd", ".local"), "700")
    for place, mode in {**private, "tmp": "711"}.items():
        files.directory(name=f"Workspaces' {place}", path=f"{WORKSPACES}/{place}", mode=mode, user=USER, group=USER)
    files.directory(name="Podman's settings", path=f"{WORKSPACES}/.config/containers")
    files.config(
        name="Podman's defaults",
        dest=f"{WORKSPACES}/.config/containers/containers.conf",
        content=files.template("podman/containers.conf"),
    )
    files.config(
        name="Podman's directory at boot",
        dest="/etc/tmpfiles.d/rockpool-podman.conf",
        content=files.template("podman/tmpfiles.conf"),
    )
    files.directory(
        name="Podman's directory", path="/run/rockpool/podman", mode="2750", user=USER, group="rockpool-worker"
    )


def _units() -> None:
    for unit in ("podman.socket", "podman.service", "podman-restart.service"):
        files.directory(name=f"Drop-ins of {unit}", path=f"{USER_UNITS}/{unit}.d")
        files.config(
            name=f"Drop-in of {unit}",
            dest=f"{USER_UNITS}/{unit}.d/rockpool.conf",
            content=files.template(f"podman/{unit}.conf"),
        )
    # Only a link: its stop ends every workspace, so nothing may ever restart it.
    files.directory(name="Units of each user's boot", path=f"{USER_UNITS}/default.target.wants")
    files.link(
        name="Workspaces come back after a reboot",
        path=f"{USER_UNITS}/default.target.wants/podman-restart.service",
        target="/usr/lib/systemd/user/podman-restart.service",
    )
    files.config(
        name="Unit of fair shares",
        dest="/etc/systemd/system/rockpool-fair.service",
        content=files.template("podman/rockpool-fair.service", workspaces=WORKSPACES),
    )
    units.running(name="The disk is shared fairly", unit="rockpool-fair.service")
    units.user_running(name="Podman's API", user=USER, unit="podman.socket")
