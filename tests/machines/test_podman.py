"""Podman of the workspaces, on the machine that runs."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.vm

API = "/run/rockpool/podman/podman.sock"
LIST = f"curl -fsS --max-time 20 --unix-socket {API} http://d/v5.0.0/libpod/info"


def as_user(host: Any, user: str, command: str) -> Any:
    return host.run(f"setpriv --reuid={user} --regid={user} --init-groups {command}")


def test_its_user_lingers_and_has_no_login(host: Any) -> None:
    user = host.user("rockpool-ws")
    assert (user.uid, user.shell) == (900, "/usr/sbin/nologin")
    assert host.file("/var/lib/systemd/linger/rockpool-ws").exists


def test_the_worker_reaches_the_api(host: Any) -> None:
    told = as_user(host, "rockpool-worker", LIST)
    assert told.rc == 0, told.stderr
    assert json.loads(told.stdout)["host"]["security"]["rootless"] is True


@pytest.mark.parametrize("user", ["caddy", "elasticmq", "rockpool-api", "nobody"])
def test_nobody_else_reaches_the_api(host: Any, user: str) -> None:
    told = host.run(f"setpriv --reuid={user} --clear-groups {LIST}")
    assert told.rc != 0
    assert host.run(LIST).rc == 0  # the probe itself works


def test_every_controller_that_limits_need_is_delegated(host: Any) -> None:
    path = "/sys/fs/cgroup/user.slice/user-900.slice/user@900.service/cgroup.controllers"
    assert {"cpu", "io", "memory", "pids"} <= set(host.file(path).content_string.split())


def test_its_storage_lies_on_the_workspaces_disk(host: Any) -> None:
    told = as_user(host, "rockpool-worker", LIST)
    store = json.loads(told.stdout)["store"]
    assert store["graphRoot"] == "/var/lib/rockpool-ws/containers"
    assert host.mount_point("/var/lib/rockpool-ws").filesystem == "xfs"


def test_image_stores_cannot_be_written(host: Any) -> None:
    stores = host.check_output("findmnt -rnt squashfs -o TARGET,OPTIONS").splitlines()
    ours = [line.split() for line in stores if line.startswith("/usr/share/rockpool/store/")]
    assert ours
    assert [path for path, options in ours if not {"ro", "nosuid", "nodev"} <= set(options.split(","))] == []


def test_workspaces_come_back_after_a_reboot(host: Any) -> None:
    link = host.file("/etc/systemd/user/default.target.wants/podman-restart.service")
    assert link.linked_to == "/usr/lib/systemd/user/podman-restart.service"
