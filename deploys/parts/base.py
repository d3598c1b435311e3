"""What every service stands on: packages, disks, accounts, time, logs, the way in."""

from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.execute import image
from rockpool.execute.image import client
from rockpool.execute.image.pins import architecture, pins
from rockpool.operations import accounts, certificates, disks, files, packages, sysctl, units
from rockpool.operations.packages import Deb
from rockpool.spec import parse_size

STATE = "/var/lib/rockpool"
WORKSPACES = "/var/lib/rockpool-ws"
_LIST = Path(__file__).resolve().parents[2] / "images/root_vm/packages.txt"

LIMITS = {
    # One user runs all workspaces, and the kernel counts these by user.
    "fs.inotify.max_user_instances": "8192",
    "fs.inotify.max_user_watches": "1048576",
    "kernel.keys.maxbytes": "2000000",
    "kernel.keys.maxkeys": "20000",
}


@deploy("Base")
def base() -> None:
    """Everything that is not ours to run, and has to be right before what is."""
    if host.data.get("like_this_host", host.name.startswith(("@qemu/", "@tart/", "@incus/"))):
        _client()
    _software()
    _disks()
    _accounts()
    _way_in()
    _upkeep()


def _client() -> None:
    """Let a machine of ours reach package sources the way this host does; anybody else's has its own way."""
    known = client.read(pins(architecture()).suite)
    trusted = {name: content.decode() for name, content in known.certificates.items()}
    certificates.trusted(name="Authorities of this host", certificates=trusted)
    if known.apt_sources:
        # The file that mmdebstrap writes, so that an image has each source once.
        sources = "/etc/apt/sources.list.d/0000main.sources"
        files.config(name="Package sources of this host", dest=sources, content=known.apt_sources)
    options = "".join(f"{option}\n" for option in known.apt_options)
    files.config(name="Package options of this host", dest="/etc/apt/apt.conf.d/51rockpool-host", content=options)


def _software() -> None:
    packages.present(name="Packages", names=_names(), debs=_debs, verify=["rockpool-caddy", "rockpool-elasticmq"])


def _names() -> list[str]:
    lines = _LIST.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _debs() -> Sequence[Deb]:
    return image.debs()


def _disks() -> None:
    """Give state and workspaces a disk each; a machine that has none to give uses its root disk."""
    serials = host.data.get("disks") or {"state": None, "workspaces": None}
    if serials["state"]:
        disks.filesystem(
            name="State disk",
            serial=serials["state"],
            fstype="ext4",
            label="rockstate",
            mountpoint=STATE,
            options="noatime,nodev,nosuid",
        )
    files.directory(name="State", path=STATE)
    # Containers need setuid programs in here, so no nosuid; quotas keep each workspace to its share.
    workspaces = {"fstype": "xfs", "label": "rockws", "mountpoint": WORKSPACES, "options": "noatime,prjquota"}
    if serials["workspaces"]:
        disks.filesystem(name="Workspaces disk", serial=serials["workspaces"], **workspaces)
    else:
        size = parse_size(host.data.machine["workspaces"])
        disks.image(name="Workspaces disk", path=f"{STATE}-disks/workspaces.img", size=size, **workspaces)
    files.directory(name="Programs", path="/usr/lib/rockpool")
    files.config(
        name="Program that grows file systems",
        dest="/usr/lib/rockpool/grow",
        content=files.template("base/grow.sh"),
        mode="755",
        validate=("sh", "-n", "{}"),
    )
    files.config(
        name="Unit that grows file systems",
        dest="/etc/systemd/system/rockpool-grow.service",
        content=files.template("base/grow.service", mountpoints=["/", STATE, WORKSPACES]),
    )
    units.running(name="File systems as large as their disks", unit="rockpool-grow.service")


def _accounts() -> None:
    # Nobody runs as rockpool-control: its group has the database, which two services share.
    for user in ("caddy", "elasticmq", "rockpool-control", "rockpool-api", "rockpool-worker"):
        accounts.system_user(name=f"User {user}", user=user, home=f"{STATE}/{user.removeprefix('rockpool-')}")
    files.config(
        name="Directory of sockets at boot",
        dest="/etc/tmpfiles.d/rockpool.conf",
        content=files.template("base/tmpfiles.conf"),
    )
    files.directory(name="Directory of sockets", path="/run/rockpool")


def _way_in() -> None:
    drop_in = "/etc/ssh/sshd_config.d/00-rockpool.conf"
    files.config(
        name="ssh by keys only",
        dest=drop_in,
        content=files.template("base/sshd.conf"),
        validate=("/usr/sbin/sshd", "-t", "-f", "{}"),
    )
    units.running(name="ssh", unit="ssh.service", inputs=(drop_in,), reload=True)


def _upkeep() -> None:
    journald = "/etc/systemd/journald.conf.d/rockpool.conf"
    files.directory(name="Drop-ins of the journal", path="/etc/systemd/journald.conf.d")
    files.config(name="Limits of the journal", dest=journald, content=files.template("base/journald.conf"))
    units.running(name="Journal", unit="systemd-journald.service", inputs=(journald,))
    units.running(name="Time", unit="systemd-timesyncd.service")
    files.config(
        name="Security updates",
        dest="/etc/apt/apt.conf.d/52rockpool",
        content=files.template("base/upgrades.conf"),
        validate=("apt-config", "-c", "{}", "shell"),
    )
    for timer in ("apt-daily.timer", "apt-daily-upgrade.timer"):
        units.running(name=f"Timer {timer}", unit=timer)
    sysctl.present(name="Kernel limits", values=LIMITS, file="/etc/sysctl.d/90-rockpool.conf")
