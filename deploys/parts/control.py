"""The control plane: API and worker, from one release of this source."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from deploys.parts.caddy import API_SOCKET
from deploys.parts.podman import WORKSPACES
from deploys.parts.queue import UNIT as QUEUE
from rockpool.execute import image, release
from rockpool.operations import files, releases, units

STATE = "/var/lib/rockpool/control"
RELEASES = "/usr/lib/rockpool/control"
CONFIG = "/etc/rockpool/control.json"
RELEASE = "/etc/rockpool/control.env"
SERVICES = ("rockpool-migrate.service", "rockpool-worker.service", "rockpool-api.service")


@deploy("Release")
def code() -> None:
    """Our code for the machine, beside earlier releases: the services and the small programs run from it."""
    releases.present(name="Release of this source", directory=RELEASES, release=release.current())


@deploy("Control plane")
def control() -> None:
    """Directories, settings, units. Deploying another release is an upgrade; an older one, the way back."""
    _directories()
    wanted = release.current()
    files.config(
        name="Which release runs",
        dest=RELEASE,
        content=files.template("control/control.env", code=f"{RELEASES}/{wanted.name}"),
    )
    files.config(
        name="Settings of the control plane",
        dest=CONFIG,
        content=files.template("control/control.json", settings=_settings()),
        mode="640",
        group="rockpool-control",
    )
    _units()
    _backups()


def _directories() -> None:
    files.directory(
        name="State of the control plane", path=STATE, mode="2770", user="rockpool-control", group="rockpool-control"
    )
    # A group that is made anew has another number, and so may have every account of a new system disk.
    files.owned(
        name="Owners of the state",
        path=STATE,
        users=("rockpool-api", "rockpool-worker", "rockpool-control"),
        group="rockpool-control",
    )
    files.config(
        name="Directory of the API at boot",
        dest="/etc/tmpfiles.d/rockpool-api.conf",
        content=files.template("control/tmpfiles.conf"),
    )
    files.directory(
        name="Directory of the API", path="/run/rockpool/api", mode="2750", user="rockpool-api", group="caddy"
    )


def _settings() -> dict[str, object]:
    return {
        "state": STATE,
        "runtime": "podman",
        "queue": "http://127.0.0.1:9324",
        "urls": dict(host.data.base_urls),
        "socket": API_SOCKET,
        "answer": host.data.get("answer", "180s"),  # an emulated or busy machine takes longer than the minute it should
    }


def _units() -> None:
    python = f"/usr/lib/rockpool/python/{image.current()['control'].key}/bin/python"
    units_of_ours = ("rockpool-api.socket", *SERVICES)
    for unit in units_of_ours:
        files.config(
            name=f"Unit {unit}",
            dest=f"/etc/systemd/system/{unit}",
            content=files.template(
                f"control/{unit}", python=python, state=STATE, workspace_uid=host.data.workspace_uid
            ),
        )
    units.running(name="The API's socket is held", unit="rockpool-api.socket")
    units.running(name="The queue answers", unit=QUEUE)
    for service in SERVICES:
        units.running(name=f"Runs: {service}", unit=service, inputs=(RELEASE, CONFIG))


def _backups() -> None:
    values = {"state": STATE, "workspaces": WORKSPACES}
    files.config(
        name="Program that makes backups",
        dest="/usr/lib/rockpool/backup",
        content=files.template("control/backup"),
        mode="755",
        validate=("sh", "-n", "{}"),
    )
    for unit in ("rockpool-backup.service", "rockpool-backup.timer"):
        files.config(
            name=f"Unit {unit}",
            dest=f"/etc/systemd/system/{unit}",
            content=files.template(f"control/{unit}", **values),
        )
    units.running(name="Daily backup", unit="rockpool-backup.timer")
