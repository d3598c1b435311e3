"""What one workspace does to itself, no other one feels: forks, memory, files, watches and a full disk.

Run it alone. Beside another machine that is busy, an attack slows this whole machine, neighbour and all.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest

from rockpool.errors import DeadlinePassed, StepFailed
from tests.bed.api import GONE, Api, api
from tests.bed.door import ask, basic
from tests.bed.guest import Guest
from tests.bed.note import Note
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(3600)]

REQUESTS = 60
MOST_TIMES_SLOWER = 3

WATCHES = """
import ctypes, time
c = ctypes.CDLL(None)
for _ in range(2000):
    fd = c.inotify_init()
    if fd < 0 or any(c.inotify_add_watch(fd, str(n).encode(), 0xFFF) < 0 for n in range(1, 20000)):
        break
time.sleep(60)
"""
ATTACKS = {
    "forks": "bomb() { bomb | bomb & }; bomb; sleep 60",
    "memory": "python3 -c 'x = []\nwhile True: x.append(bytearray(1 << 20))'",
    "files": "mkdir -p ~/many; cd ~/many; seq 100000 | xargs touch",
    "watches": f"mkdir -p ~/watched; cd ~/watched; seq 20000 | xargs mkdir -p; python3 -c '{WATCHES}'",
    "disk": "dd if=/dev/zero of=~/full bs=1M count=100000; dd if=/dev/zero of=/var/tmp/full bs=1M count=100000",
}


@pytest.fixture(scope="module")
def control(shared_site: Site) -> Iterator[Api]:
    with api(shared_site) as found:
        yield found


@pytest.fixture
def bomb(control: Api) -> Iterator[Guest]:
    """A small workspace that may harm itself."""
    control.create("bomb", memory="512m", cpus=1, pids=512, disk="512m")
    control.wait("bomb", "running")
    guest = control.site.guest
    yield Guest(ssh=guest.ssh, container="ws-bomb")
    control.delete("bomb")
    control.wait("bomb", GONE)


def p95(site: Site, seconds: float = 30) -> float:
    """Return the 95th percentile of the seconds that the neighbour takes to answer."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while len(took) < REQUESTS or time.monotonic() < end:
        begin = time.monotonic()
        assert ask(f"{site.ide}/workspace/demo/healthz", basic(site.password)).status == 200
        took.append(time.monotonic() - begin)
    return statistics.quantiles(took, n=20)[18]


def oom_kills(guest: Guest, container: str) -> int:
    """Return how many processes the kernel has ended for want of memory in a container's cgroup."""
    container_id = guest.run(*guest.podman("inspect", "--format", "{{.Id}}", container)).strip()
    scope = f"/sys/fs/cgroup/user.slice/user-900.slice/user@900.service/user.slice/libpod-{container_id}.scope"
    told = guest.sh('cat "$1/memory.events"', scope)
    return int(dict(line.split() for line in told.splitlines())["oom_kill"])


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_neighbour_goes_on_as_before(control: Api, bomb: Guest, attack: str, record_property: Note) -> None:
    site = control.site
    quiet, before = p95(site), oom_kills(bomb, "ws-demo")
    detached = bomb.podman("exec", "--detach", bomb.container, "bash", "-c", f"{ATTACKS[attack]}; touch ~/done")
    bomb.run(*detached)
    meanwhile = p95(site)
    record_property("p95", f"{quiet:.3f} s quiet, {meanwhile:.3f} s meanwhile, {meanwhile / quiet:.1f} times")
    assert oom_kills(bomb, "ws-demo") == before
    if attack == "memory":
        assert oom_kills(bomb, bomb.container) > 0, "the bomb did go off"
    if attack == "disk":
        assert is_full(bomb)
    # The database still writes.
    assert control.ask("PUT", "workspaces/demo", {**writable(control), "idleTimeout": "9h"}).status_code < 300
    assert meanwhile / quiet <= MOST_TIMES_SLOWER


def is_full(bomb: Guest) -> bool:
    """Say whether its disk takes nothing any more."""
    try:
        bomb.run(*bomb.workspace, "sh", "-c", "head -c 8388608 /dev/zero > ~/more && sync ~/more", seconds=120)
    except (StepFailed, DeadlinePassed):
        return True
    return False


def writable(control: Api) -> dict[str, object]:
    told = control.told("demo")
    return {key: told[key] for key in ("name", "memory", "cpus", "disk")}
