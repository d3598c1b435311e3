"""Each operation carried out twice on a machine in memory: the second time there is nothing left to do."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rockpool.operations import accounts, disks, files, packages, sysctl, units
from rockpool.secret import Secret

SERVICE = "/etc/systemd/system/caddy.service"
DISK = "/dev/disk/by-id/virtio-state"

WISHES = {
    "files.config": (files.config, {"dest": "/etc/motd", "content": "hello\n", "mode": "0640", "group": "adm"}),
    "files.config of a secret": (files.config, {"dest": "/etc/token", "content": Secret("é"), "mode": "600"}),
    "files.directory": (files.directory, {"path": "/run/x", "mode": "2750", "user": "caddy", "group": "caddy"}),
    "files.link": (files.link, {"path": "/etc/a", "target": "/usr/lib/a"}),
    "units.running": (units.running, {"unit": "caddy.service", "inputs": ("/etc/caddy.json",)}),
    "units.running by reload": (units.running, {"unit": "ssh.service", "inputs": ("/etc/x",), "reload": True}),
    "units.user_running": (units.user_running, {"user": "rockpool-ws", "unit": "podman.socket"}),
    "packages.present": (
        packages.present,
        {
            "names": ["podman", "tree"],
            "debs": [SimpleNamespace(package="rockpool-caddy", version="2", path=Path("/x.deb"))],
        },
    ),
    "accounts.system_user": (
        accounts.system_user,
        {
            "user": "ws",
            "uid": 900,
            "home": "/var/lib/ws",
            "groups": ["caddy"],
            "subids": (100000, 65536),
            "linger": True,
        },
    ),
    "sysctl.present": (sysctl.present, {"values": {"a.b": "1", "c.d": "2 3"}, "file": "/etc/sysctl.d/90-x.conf"}),
    "disks.filesystem": (
        disks.filesystem,
        {"serial": "state", "fstype": "ext4", "label": "rockstate", "mountpoint": "/srv", "options": "noatime"},
    ),
    "disks.image": (
        disks.image,
        {"path": "/i.img", "size": 9, "fstype": "xfs", "label": "ws", "mountpoint": "/srv", "options": "prjquota"},
    ),
}


@pytest.fixture(params=WISHES)
def wish(request: pytest.FixtureRequest, machine: Any) -> Any:
    machine.disks[DISK] = {}
    machine.groups["caddy"] = "980"
    return WISHES[request.param]


def test_the_second_time_nothing_is_left_to_do(wish: Any, converge: Any) -> None:
    operation, wanted = wish
    assert "failed" not in converge(operation, **wanted)
    assert converge(operation, **wanted) == []


def test_killed_after_any_command_it_is_brought_to_the_same_end(wish: Any, converge: Any, machine: Any) -> None:
    operation, wanted = wish
    for survived in range(1, 8):
        machine.dies_after = len(machine.changes) + survived
        if "failed" not in converge(operation, **wanted):
            break
    else:
        machine.dies_after = 1000
        assert "failed" not in converge(operation, **wanted)
    assert converge(operation, **wanted) == []


def test_an_input_written_after_the_start_restarts_though_the_deploy_was_killed(converge: Any, machine: Any) -> None:
    wanted = {"unit": "caddy.service", "inputs": ("/etc/caddy.json",)}
    converge(units.running, **wanted)
    converge(files.config, dest="/etc/caddy.json", content="{}")
    assert converge(units.running, **wanted) == ["systemctl restart caddy.service"]
    assert converge(units.running, **wanted) == []


def test_a_new_unit_file_is_reloaded_and_restarted_once(converge: Any) -> None:
    converge(units.running, unit="caddy.service")
    converge(files.config, dest=SERVICE, content="[Service]\n")
    assert converge(units.running, unit="caddy.service") == [
        "systemctl daemon-reload",
        "systemctl restart caddy.service",
    ]
    assert converge(units.running, unit="caddy.service") == []


def test_a_disk_of_somebody_else_fails_and_is_not_touched(converge: Any, machine: Any) -> None:
    machine.disks[DISK] = {"TYPE": "ext4", "LABEL": "photos"}
    operation, wanted = WISHES["disks.filesystem"]
    assert converge(operation, **wanted)[0] == "failed"
    assert machine.disks[DISK] == {"TYPE": "ext4", "LABEL": "photos"}
