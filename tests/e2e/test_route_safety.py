"""A route leads to one workspace or nowhere, whatever whoever owns the containers puts in its way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rockpool.execute.machine.until import until
from tests.bed import saved, small
from tests.bed.boxes import DISK, OWNER, alone, answer, box, drop, user_unit, wsctl
from tests.bed.guest import Guest

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

SECRET = "not for workspaces"
TARGET = 9999
"""Where the machine itself serves something that no route may lead to."""

_SERVE = """
mkdir -p /run/target; echo "$1" >/run/target/index.html
systemd-run --quiet --unit=target python3 -m http.server --bind 127.0.0.1 --directory /run/target "$2"
until curl -sf "http://127.0.0.1:$2/" >/dev/null; do sleep 0.2; done
"""


@pytest.fixture(scope="module")
def guest(deployed: str) -> Iterator[Guest]:
    """A machine with a target on its own loopback and a workspace `web` whose route works."""
    with saved.restored("safety", deployed) as guest:
        alone(guest)
        small.load(guest)
        guest.sh(_SERVE, SECRET, str(TARGET))
        box(guest, "web")
        wsctl(guest, "route start web.ide", "route wait web.ide")
        yield guest


@pytest.fixture
def cold(guest: Guest) -> Guest:
    """The machine with `web` and nothing else, its route open and nobody behind it yet."""
    user_unit(guest, "stop", "rockpool-route@web.ide.service")
    yield guest
    names = guest.run(*guest.podman("ps", "--all", "--format={{.Names}}")).split()
    drop(guest, *(name.removeprefix("ws-") for name in names if name not in ("ws-web", "ws-demo")))


def journal(guest: Guest, route: str) -> str:
    unit = f"_SYSTEMD_USER_UNIT=rockpool-route@{route}.service"
    return guest.run("journalctl", "--quiet", "--output=cat", "--lines=20", unit)


def is_refused(guest: Guest, route: str, reason: str) -> None:
    wsctl(guest, f"route start {route}")
    assert answer(guest, route) == ""
    assert reason in journal(guest, route)
    wsctl(guest, f"route remove {route}")


def test_a_route_leads_to_its_workspace(cold: Guest) -> None:
    assert answer(cold, "web.ide") == "small"
    assert cold.run("curl", "-sf", f"http://127.0.0.1:{TARGET}/").strip() == SECRET, "the target is there"


def test_a_second_container_of_that_label_closes_it(cold: Guest) -> None:
    box(cold, "twin", label="web")
    assert answer(cold, "web.ide") == ""
    assert "2 containers are labelled as web" in journal(cold, "web.ide")
    drop(cold, "twin")
    assert answer(cold, "web.ide") == "small"


@pytest.mark.parametrize("name", ["we1", "webs", "web-2"])
def test_a_name_that_begins_like_another_leads_nowhere(name: str, cold: Guest) -> None:
    is_refused(cold, f"{name}.ide", f"no running container of {name}")


def test_a_container_of_another_name_is_not_taken_for_it(cold: Guest) -> None:
    box(cold, "other", label="named")
    is_refused(cold, "named.ide", "is not that of named")


def test_the_machines_own_network_is_not_joined(cold: Guest) -> None:
    box(cold, "hosty", "--network=host", "--env=PORT=19999", port=TARGET)
    is_refused(cold, "hosty.ide", "the machine's own network")


def test_a_network_that_a_workspace_has_made_for_itself_is_not_joined(cold: Guest) -> None:
    own = ("--security-opt=seccomp=unconfined", "--cap-add=SYS_ADMIN", "--entrypoint=/bin/sh")
    # Its first process moves on to a user namespace and a network of its own.
    cold.run(
        *cold.podman("create", *own, "--name=ws-nest", "--userns=nomap", *_labels("nest"), small.REFERENCE),
        "-c",
        "exec unshare -U -r -n sleep 1000",
    )
    cold.run(*cold.podman("start", "ws-nest"))
    is_refused(cold, "nest.ide", "network belongs to its user")


def _labels(name: str) -> list[str]:
    labels = {"workspace": name, "owner": "rockpool", "port": "8080"}
    return [f"--label=rockpool.{key}={text}" for key, text in labels.items()]


def test_a_planted_link_does_not_register_a_port(cold: Guest) -> None:
    cold.run(*OWNER, "touch", f"{DISK}/ports/web.5173")
    cold.run(*OWNER, "ln", "-s", "web.5173", f"{DISK}/ports/web.5174")
    user_unit(cold, "start", "rockpool-route@web.5174.socket")
    assert answer(cold, "web.5174") == ""
    assert "port 5174 of web is not registered" in journal(cold, "web.5174")
    wsctl(cold, "route remove web.5174", "route remove web.5173")
    assert "web" not in cold.run("ls", f"{DISK}/ports")


_STEERED = """
import os, signal, subprocess, sys
sys.path.append(open("/usr/lib/rockpool/ws-route").read().split('"')[1])
from rockpool.guest import namespace, podman, route

how, only, refuse = sys.argv[1], podman.only, route.refuse_foreign
stranger = subprocess.Popen(["sleep", "100"])
answers = 0

def changed(name):
    global answers
    answers += 1
    container = only(name)
    if how == "reused" or (how == "reused once" and answers == 1):
        container["Pid"] = stranger.pid
    return container

def late(network):
    refuse(network)
    pid = only("once")["Pid"]
    pinned = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    route.select.select([pinned], [], [])

podman.only = changed
if how == "ends":
    route.refuse_foreign = late
route.tie = lambda *_: None
route.become_proxy = lambda port: print("joined", port, os.readlink("/proc/self/ns/net"))
try:
    route.main(["ws-route", f"{sys.argv[2]}.ide"])
finally:
    stranger.kill()
"""


@pytest.mark.parametrize(
    ("how", "name", "reason"),
    [
        # Seen from the containers' side, processes outside of it cannot even be looked at.
        ("reused", "web", "Permission denied"),
        ("reused once", "web", "changed meanwhile"),
        ("ends", "once", "the container ended meanwhile"),
    ],
)
def test_the_number_of_a_process_is_not_enough(how: str, name: str, reason: str, cold: Guest) -> None:
    if name == "once":
        box(cold, name)
    argv = (*OWNER, "python3", "-IS", "-c", _STEERED, how, name)
    told = json.loads(cold.run("python3", "-c", _RUN, *argv))
    assert told["out"] == ""
    assert reason in told["err"]


def test_that_program_joins_when_nothing_is_wrong(cold: Guest) -> None:
    told = json.loads(cold.run("python3", "-c", _RUN, *OWNER, "python3", "-IS", "-c", _STEERED, "", "web"))
    assert told["out"].startswith("joined 8080 net:"), told["err"]


_RUN = """
import json, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True, cwd="/")
print(json.dumps({"out": done.stdout, "err": done.stderr}))
"""


def test_nothing_of_it_outlives_its_container_and_the_next_is_found(cold: Guest) -> None:
    unit = "rockpool-route@web.ide.service"
    assert answer(cold, "web.ide") == "small"
    processes = user_unit(cold, "show", unit, "--property=MainPID", "--value"), cold.run("pgrep", "-f", "socket-proxyd")
    assert processes[0] in processes[1].split()
    cold.run(*cold.podman("kill", "--signal=KILL", "ws-web"))
    assert any(user_unit(cold, "is-active", unit) == "inactive" for _ in until(60, 0.2)), "the proxy outlives it"
    cold.run(*cold.podman("start", "ws-web"))
    assert any(answer(cold, "web.ide") == "small" for _ in until(60, 0.2)), "the route does not heal"
    assert "tie.web.ide" in user_unit(cold, "list-units", "--plain", "tie.*")
