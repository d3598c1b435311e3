"""Quotas: how much each workspace may store, set by the one service that may."""

from pyinfra.api.deploy import deploy

from deploys.parts.control import RELEASES
from deploys.parts.podman import USER, WORKSPACES
from rockpool.execute import release
from rockpool.operations import files, units

PROGRAM = "/usr/lib/rockpool/quota"
SERVICE = "/etc/systemd/system/rockpool-quota.service"


@deploy("Quotas")
def quotas() -> None:
    """A socket that who runs workspaces may enter, and the service behind it, which starts when it is asked."""
    code = release.current()
    files.config(
        name="Program that sets quotas",
        dest=PROGRAM,
        content=files.template("routes/program", code=f"{RELEASES}/{code.name}", module="quota"),
        mode="755",
    )
    files.config(
        name="Directory of quotas at boot",
        dest="/etc/tmpfiles.d/rockpool-quota.conf",
        content=files.template("quota/tmpfiles.conf"),
    )
    files.directory(name="Directory of quotas", path="/run/rockpool/quota", mode="2750", group=USER)
    for unit in ("rockpool-quota.socket", "rockpool-quota.service"):
        files.config(
            name=f"Unit {unit}",
            dest=f"/etc/systemd/system/{unit}",
            content=files.template(f"quota/{unit}", program=PROGRAM, workspaces=WORKSPACES),
        )
    units.running(name="Quotas are taken", unit="rockpool-quota.socket", inputs=(SERVICE, PROGRAM))
