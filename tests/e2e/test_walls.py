"""What a workspace may do and what it is limited to, as Podman and the kernel say it: with sudo and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from rockpool import plan
from rockpool.errors import Damaged, StepFailed
from rockpool.spec import MIB, Workspace
from rockpool.step import Run
from tests.bed import driven, small
from tests.bed.guest import Guest
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

OPEN = Workspace.parse(
    {
        "name": "open-1",
        "image": small.NAME,
        "memory": "256m",
        "pids": 100,
        "cpus": 1,
        "disk": "128m",
        "env": {"TOKEN": "a b=#'\"$HOME"},
        "ports": [{"port": 3000}],
    }
)
SHUT = replace(OPEN, name="shut-1", sudo=False)
DEFAULT = {
    *("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE"),
    *("CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"),
}
"""What Podman gives to a root of its own mapping."""


@pytest.fixture(scope="module")
def guest(shared_site: Site) -> Iterator[Guest]:
    guest = shared_site.guest
    small.load(guest)
    for spec in (OPEN, SHUT):
        driven.carry_out(guest, "present", spec)
    yield guest
    for spec in (OPEN, SHUT):
        driven.carry_out(guest, "absent", spec)


def inspected(guest: Guest, spec: Workspace) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(guest.run(*guest.podman("inspect", f"ws-{spec.name}")))
    return found[0]


def process(guest: Guest, spec: Workspace) -> dict[str, str]:
    """Return what the kernel says of its first process."""
    pid = inspected(guest, spec)["State"]["Pid"]
    lines = guest.run("cat", f"/proc/{pid}/status").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def inside(guest: Guest, spec: Workspace, *argv: str) -> str:
    return guest.run(*guest.podman("exec", f"ws-{spec.name}", *argv))


@pytest.mark.parametrize("spec", [OPEN, SHUT], ids=["sudo", "no sudo"])
def test_the_plan_is_empty_afterwards(guest: Guest, spec: Workspace) -> None:
    assert plan.explain(driven.steps(guest, "present", spec)) == "nothing to do"


def test_capabilities_are_exactly_these(guest: Guest) -> None:
    assert set(inspected(guest, OPEN)["BoundingCaps"]) == DEFAULT
    assert inspected(guest, SHUT)["BoundingCaps"] in (None, [])
    held = process(guest, SHUT)
    assert {held[kind] for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert {held["NoNewPrivs"], process(guest, OPEN)["NoNewPrivs"]} == {"1", "0"}
    # A user that is not root holds none either way; sudo is what the bounding set allows.
    assert process(guest, OPEN)["CapEff"] == "0" * 16


@pytest.mark.parametrize("spec", [OPEN, SHUT], ids=["sudo", "no sudo"])
def test_walls_that_stand_either_way(guest: Guest, spec: Workspace) -> None:
    found = inspected(guest, spec)
    host = found["HostConfig"]
    assert [(mount["Source"], mount["Destination"]) for mount in found["Mounts"]] == [
        (f"/var/lib/rockpool-ws/homes/{spec.name}", "/home/coder")
    ]
    assert not any(host[key] for key in ("Privileged", "Devices", "PortBindings", "CapAdd", "Binds") if key != "Binds")
    assert (host["NetworkMode"], host["PidMode"], host["IpcMode"]) == ("pasta", "private", "shareable")
    assert "seccomp=unconfined" not in host["SecurityOpt"]
    assert process(guest, spec)["Seccomp"] == "2"


def test_limits_lie_on_its_cgroup(guest: Guest) -> None:
    pid = inspected(guest, OPEN)["State"]["Pid"]
    group = "/sys/fs/cgroup" + guest.run("cut", "-d:", "-f3", f"/proc/{pid}/cgroup").strip()
    told = guest.sh('cd "$1"; cat memory.max memory.swap.max pids.max cpu.max', group)
    assert told.split("\n")[:-1] == [str(256 * MIB), "0", "100", "100000 100000"]


def test_home_and_layer_are_full_together(guest: Guest) -> None:
    write = 'dd if=/dev/zero of="$1" bs=1M count="$2" 2>&1 || :'
    inside(guest, SHUT, "sh", "-c", write, "sh", "/home/coder/fill", "100")
    assert "No space left" in inside(guest, SHUT, "sh", "-c", write, "sh", "/tmp/fill", "100")
    inside(guest, SHUT, "rm", "/home/coder/fill", "/tmp/fill")


def test_env_arrives_as_it_was_given_and_is_seen_nowhere_else(guest: Guest) -> None:
    assert inside(guest, OPEN, "sh", "-c", 'echo "$TOKEN"') == "a b=#'\"$HOME\n"
    assert "a b=#" not in json.dumps(inspected(guest, OPEN)["Config"]["Labels"])
    assert "a b=#" not in guest.run(*driven.survey(guest)[0].survey.argv)
    runtime, there = driven.survey(guest)
    spec = there[OPEN.name].spec
    assert spec is not None
    assert runtime.recalled(spec, guest.run(*runtime.recall(spec).argv)) == OPEN


def test_a_layer_survives_stop_and_start_and_limits_change_while_it_runs(guest: Guest) -> None:
    inside(guest, OPEN, "sh", "-c", "echo layer > /tmp/kept; echo home > ~/kept")
    driven.carry_out(guest, "stopped", OPEN)
    assert plan.explain(driven.steps(guest, "stopped", OPEN)) == "nothing to do"
    larger = replace(OPEN, memory=512 * MIB, disk=256 * MIB, ports=())
    driven.carry_out(guest, "present", larger)
    assert inside(guest, OPEN, "cat", "/tmp/kept", "/home/coder/kept") == "layer\nhome\n"
    driven.carry_out(guest, "present", OPEN)
    assert plan.explain(driven.steps(guest, "present", OPEN)) == "nothing to do"


def test_a_paused_one_goes_on(guest: Guest) -> None:
    guest.run(*guest.podman("pause", f"ws-{SHUT.name}"))
    driven.carry_out(guest, "present", SHUT)
    assert plan.explain(driven.steps(guest, "present", SHUT)) == "nothing to do"


def test_another_image_makes_a_new_container_with_the_old_home(guest: Guest) -> None:
    guest.run(*guest.podman("tag", small.REFERENCE, "localhost/rockpool/other:latest"))
    inside(guest, SHUT, "sh", "-c", "echo layer > /tmp/lost; echo home > ~/kept")
    planned = driven.carry_out(guest, "present", replace(SHUT, image="other"))
    assert "outside the home is lost" in plan.explain(planned)
    assert inside(guest, SHUT, "sh", "-c", "ls /tmp; cat ~/kept") == "home\n"
    driven.carry_out(guest, "present", SHUT)


def test_an_image_that_is_missing_is_said_and_never_pulled(guest: Guest) -> None:
    missing = replace(OPEN, name="missing-1", image="nowhere")
    with pytest.raises(StepFailed, match="localhost/rockpool/nowhere:latest"):
        driven.carry_out(guest, "present", missing)
    planned = [step for step in driven.steps(guest, "present", missing) if isinstance(step, Run)]
    assert any("image.build nowhere" in step.fix for step in planned)
    driven.carry_out(guest, "absent", missing)
    assert driven.steps(guest, "absent", missing) == ()


def test_a_container_without_its_home_is_damaged(guest: Guest) -> None:
    lost = replace(SHUT, name="lost-1")
    driven.carry_out(guest, "stopped", lost)
    guest.run("mv", "/var/lib/rockpool-ws/homes/lost-1", "/var/lib/rockpool-ws/homes/.lost-1")
    with pytest.raises(Damaged, match="lost its home"):
        driven.steps(guest, "present", lost)
    driven.carry_out(guest, "absent", lost)
    guest.run("rm", "-r", "/var/lib/rockpool-ws/homes/.lost-1")
    assert driven.steps(guest, "absent", lost) == ()
