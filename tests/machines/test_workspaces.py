"""The declared workspaces, on the machine that runs."""

import json
from typing import Any

import pytest

from rockpool import plan
from rockpool.runtimes.podman import Podman
from rockpool.spec import Workspace

pytestmark = pytest.mark.vm

PODMAN = "podman --url unix:///run/rockpool/podman/podman.sock"


@pytest.fixture(scope="module")
def inspected(host: Any) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(host.check_output(f"{PODMAN} inspect ws-demo"))
    return found[0]


def test_the_world_is_as_declared(host: Any) -> None:
    told = host.check_output("/usr/lib/rockpool/wsctl survey")
    runtime = Podman().surveyed(told)
    demo = Workspace.parse({"name": "demo"})
    assert plan.explain(plan.present(demo, runtime.parse(told).get("demo"), runtime)) == "nothing to do"


def test_nothing_is_published_and_no_device_is_given(inspected: dict[str, Any]) -> None:
    assert not inspected["HostConfig"]["PortBindings"]
    assert not inspected["HostConfig"]["Devices"]
    assert inspected["HostConfig"]["NetworkMode"] == "pasta"
    assert not inspected["HostConfig"]["Privileged"]


def test_only_its_home_is_mounted(inspected: dict[str, Any]) -> None:
    mounts = [(mount["Source"], mount["Destination"]) for mount in inspected["Mounts"]]
    assert mounts == [("/var/lib/rockpool-ws/homes/demo", "/home/coder")]


def test_limits_lie_on_its_cgroup(host: Any, inspected: dict[str, Any]) -> None:
    (scope,) = host.check_output(
        f"find /sys/fs/cgroup/user.slice/user-900.slice -name libpod-{inspected['Id']}.scope"
    ).split()
    # crun limits its own group inside of the scope; to the scope it tells swap and memory together.
    limits = {
        name: host.file(f"{scope}/container/{name}").content_string.strip() for name in ("memory.swap.max", "pids.max")
    }
    assert limits == {"memory.swap.max": "0", "pids.max": "4096"}
    assert host.file(f"{scope}/memory.max").content_string.strip() == str(4 * 1024**3)


def test_the_disk_is_shared_fairly_between_workspaces(host: Any, inspected: dict[str, Any]) -> None:
    disk = host.check_output("findmnt -nro MAJ:MIN /var/lib/rockpool-ws")
    assert f"{disk} enable=1" in host.file("/sys/fs/cgroup/io.cost.qos").content_string
    (scope,) = host.check_output(f"find /sys/fs/cgroup/user.slice -name libpod-{inspected['Id']}.scope").split()
    assert host.file(f"{scope}/container/io.weight").content_string.strip() == "default 100"


def test_its_processes_run_as_a_number_that_nobody_has(host: Any, inspected: dict[str, Any]) -> None:
    pid = inspected["State"]["Pid"]
    assert host.check_output(f"stat -c %u /proc/{pid}") == "105001"
    assert host.file("/var/lib/rockpool-ws/homes/demo").mode == 0o700
    assert host.check_output("stat -c %u /var/lib/rockpool-ws/homes/demo") == "105001"


def test_container_root_is_neither_root_nor_the_owner_of_workspaces(host: Any, inspected: dict[str, Any]) -> None:
    mapped = host.check_output(f"cat /proc/{inspected['State']['Pid']}/uid_map").split()
    assert mapped == ["0", "100000", "65536"]


def test_there_is_sudo_inside(host: Any) -> None:
    assert host.check_output(f"{PODMAN} exec ws-demo sudo -n id -u") == "0"
    assert host.check_output(f"{PODMAN} exec ws-demo id -un") == "coder"
