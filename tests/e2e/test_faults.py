"""What is killed or removed by hand comes back as it was wished for, and nothing acknowledged is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from rockpool.errors import StepFailed
from rockpool.execute.machine.until import until
from tests.bed import small
from tests.bed.api import GONE, PATIENCE, Api, api
from tests.bed.guest import WORKSPACE_USER
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(7200)]

HEALS_WITHIN = 60 * 9
"""Seconds: a minute, on a processor that is emulated nine times slower."""

SAMPLE = ("container", "socket")
"""What CI removes; a proof the rest."""

REMOVED = {
    "container": ("podman", "rm", "--force", "--time=0", "ws-hand"),
    "container that was stopped": ("podman", "stop", "--time=0", "ws-hand"),
    "socket": ("systemctl", "--user", "stop", "rockpool-route@hand.ide.socket"),
    "port's route": ("systemctl", "--user", "stop", "rockpool-route@hand.5173.socket"),
    "marker": ("rm", "/run/rockpool/routes/hand.ide"),
}


@pytest.fixture(scope="module")
def control(shared_site: Site) -> Iterator[Api]:
    small.load(shared_site.guest)
    with api(shared_site) as found:
        found.create("hand", image=small.NAME, memory="128m", cpus=1, ports=[{"port": 5173}])
        found.wait("hand", "running")
        yield found
        found.delete("hand")
        found.wait("hand", GONE)


def as_owner(control: Api, *argv: str) -> None:
    """Do something as the user who owns all containers."""
    guest = control.site.guest
    if argv[0] == "podman":
        guest.run(*guest.podman(*argv[1:]))
    elif argv[0] == "systemctl":
        guest.run("systemctl", "--user", "--machine=rockpool-ws@", *argv[2:])
    else:
        guest.run(*WORKSPACE_USER, *argv)


def is_whole(control: Api) -> bool:
    """Say whether it answers through the door and nothing is left to do."""
    ide = control.http.get(f"{control.site.ide}/workspace/hand/")
    if ide.status_code != 200 or control.told("hand")["status"] != "running":
        return False
    # Asked last: a plan takes a look at the whole machine, which would keep it from healing.
    return not control.ask("GET", "workspaces/hand/plan").json()["steps"]


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=() if what in SAMPLE else pytest.mark.proof) for what in REMOVED]
)
def test_what_is_removed_by_hand_comes_back(control: Api, what: str) -> None:
    assert any(is_whole(control) for _ in until(PATIENCE, 1))
    as_owner(control, *REMOVED[what])
    assert any(is_whole(control) for _ in until(HEALS_WITHIN, 1)), control.told("hand")


MOMENTS = ("create", "stop", "delete")


def live(control: Api, name: str, kill: Mapping[str, Callable[[], object]]) -> None:
    """Have a workspace created, stopped and deleted, and something killed as soon as one of that is accepted."""
    nothing = dict.fromkeys(MOMENTS, lambda: None)
    control.create(name, image=small.NAME, memory="128m", cpus=1)
    {**nothing, **kill}["create"]()
    await_told(control, name, "running")
    control.act(name, "stop")
    {**nothing, **kill}["stop"]()
    await_told(control, name, "stopped")
    persist(control, name)
    {**nothing, **kill}["delete"]()
    await_told(control, name, GONE)
    assert f"ws-{name}" not in states(control)


def stopped(control: Api, name: str) -> None:
    """Have a small workspace that ran and was stopped."""
    control.create(name, image=small.NAME, memory="128m", cpus=1)
    control.wait(name, "running")
    control.act(name, "stop")
    control.wait(name, "stopped")


def states(control: Api) -> dict[str, str]:
    """Return what Podman says of each container."""
    listed = control.site.guest.podman("ps", "--all", "--format", "{{.Names}} {{.State}}")
    return dict(line.split() for line in control.site.guest.run(*listed).splitlines())


@pytest.mark.proof
@pytest.mark.parametrize("unit", ["rockpool-api", "rockpool-worker", "elasticmq", "caddy"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_service_that_is_killed_loses_nothing(control: Api, unit: str, moment: str) -> None:
    kill = ("systemctl", "kill", "--signal=KILL", f"{unit}.service")
    name = f"kill-{moment}-{unit.removeprefix('rockpool-')}"
    live(control, name, {moment: lambda: control.site.guest.run(*kill)})


@pytest.mark.proof
def test_a_container_that_a_crash_has_torn_is_made_anew_with_its_home(control: Api) -> None:
    guest = control.site.guest
    kept = "/var/lib/rockpool-ws/homes/hand/kept"
    guest.run("tee", kept, stdin="kept")
    before = guest.run(*guest.podman("inspect", "--format", "{{.Id}} {{.GraphDriver.Data.UpperDir}}", "ws-hand"))
    layer = before.split()[1].removesuffix("/diff")
    guest.run("systemctl", "stop", "rockpool-worker")
    guest.run(*guest.podman("stop", "--time=0", "ws-hand"))
    guest.run("truncate", "--size=0", f"{layer}/link", f"{layer}/lower")
    with pytest.raises(StepFailed, match="invalid argument"):
        guest.run(*guest.podman("inspect", "ws-hand"))
    guest.run("systemctl", "start", "rockpool-worker")
    assert any(is_whole(control) for _ in until(PATIENCE, 1)), control.told("hand")
    assert guest.run(*guest.podman("inspect", "--format", "{{.Id}}", "ws-hand")).strip() != before.split()[0]
    assert guest.run("cat", kept) == "kept"


@pytest.mark.proof
def test_a_machine_that_is_killed_three_times_loses_nothing(control: Api) -> None:
    stopped(control, "still")

    def kill() -> None:
        control.site.kill()
        control.site.start()

    live(control, "plug", dict.fromkeys(MOMENTS, kill))
    assert any(is_whole(control) for _ in until(PATIENCE, 1)), "what was to run runs again"
    assert (control.told("still")["status"], states(control)["ws-still"]) == ("stopped", "exited")
    control.delete("still")
    control.wait("still", GONE)


def await_told(control: Api, name: str, wanted: str) -> None:
    """Wait for a state although the control plane may be away for a while."""
    for _ in until(PATIENCE, 1):
        try:
            told = control.told(name)
        except (httpx.HTTPError, KeyError, ValueError):
            continue
        if told.get("status") == wanted:
            return
    pytest.fail(f"{name} never came to be {wanted}")


def persist(control: Api, name: str) -> None:
    """Wish that it is gone until that was heard."""
    for _ in until(PATIENCE, 1):
        try:
            if control.ask("DELETE", f"workspaces/{name}").status_code in (202, 204, 404):
                return
        except httpx.HTTPError:
            continue


AT_ONCE = """
import http.client, json, socket, sys
from concurrent.futures import ThreadPoolExecutor

def ask(_):
    connection = http.client.HTTPConnection("localhost", timeout=300)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect("/run/rockpool/api/api.sock")
    connection.request("POST", "/api/workspaces", sys.argv[1], {"Content-Type": "application/json"})
    return connection.getresponse().status

with ThreadPoolExecutor(50) as pool:
    print(json.dumps(list(pool.map(ask, range(50)))))
"""
"""Asks from within: QEMU's user network resets connections that come many at once."""


def test_of_many_creates_of_one_name_one_wins(control: Api) -> None:
    spec = {"name": "one", "image": small.NAME, "memory": "128m", "cpus": 1}
    told = control.site.guest.run("python3", "-", json.dumps(spec), stdin=AT_ONCE, seconds=400)
    assert Counter(json.loads(told)) == {202: 1, 409: 49}
    control.delete("one")  # while it is being created
    control.wait("one", GONE)


@pytest.mark.proof
def test_of_fifty_names_all_run_in_their_turn(control: Api) -> None:
    names = [f"many-{number}" for number in range(50)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda name: control.create(name, image=small.NAME, memory="128m", cpus=1), names))
        for name in names:
            control.wait(name, "running", seconds=3600)
        list(pool.map(control.delete, names))
        for name in names:
            control.wait(name, GONE, seconds=3600)


@pytest.mark.proof
def test_a_home_that_is_removed_by_hand_is_an_error_and_never_an_empty_one(control: Api) -> None:
    stopped(control, "lost")
    control.site.guest.run("rm", "-rf", "/var/lib/rockpool-ws/homes/lost")
    control.ask("POST", "workspaces/lost/start")
    control.wait("lost", "error")
    assert "home" in control.told("lost")["reason"]
    assert control.site.guest.sh("ls /var/lib/rockpool-ws/homes").split().count("lost") == 0
    control.delete("lost")
    control.wait("lost", GONE)
