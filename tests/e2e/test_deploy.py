"""The deploy again, and the deploy killed: it changes nothing that is right, and comes to the same end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rockpool.current import State
from rockpool.execute import deploy, machine, pyinfra_words
from rockpool.execute.deploy import ROOT
from rockpool.execute.machine import identity
from rockpool.execute.machine.directory import existing
from rockpool.execute.progress import stage
from rockpool.execute.pyinfra_words import Begins, Ends
from tests.bed import fingerprint, saved
from tests.bed.fingerprint import Operation
from tests.bed.guest import Guest
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]

MOST_ROUND_TRIPS = 5
KILLED_AT = ("Base: Packages", "Podman: Podman's API", "Caddy: Ports are held")
KILLED_AT_FROM_NOTHING = (
    "Hypervisor: Images and our packages",
    "Hypervisor: Password of the door",
    "Hypervisor: Root VM",
    "Barrier: The machines answer",
    "Base: Packages",
    "Base: Workspaces disk",
    "Podman: User of the workspaces",
    "Podman: Image stores",
    "Queue: ElasticMQ answers",
    "Workspaces: Workspace demo",
)

UNDO = r"""
systemctl stop caddy.socket caddy.service
systemctl disable caddy.socket rockpool-firewall.service
setpriv --reuid=rockpool-ws --regid=rockpool-ws --init-groups env XDG_RUNTIME_DIR=/run/user/900 \
    systemctl --user stop rockpool-wsctl.socket podman.socket
cd /etc/systemd
rm -rf system/caddy.socket system/caddy.service system/rockpool-grow.service system/user@900.service.d
rm -rf user/rockpool-wsctl* user/podman.s*.d journald.conf.d
cd /etc
rm -rf caddy rockpool/firewall.nft tmpfiles.d/rockpool*.conf sysctl.d/90-rockpool.conf
rm -rf ssh/sshd_config.d/00-rockpool.conf apt/apt.conf.d/52rockpool
rm -rf /usr/lib/rockpool/grow /usr/lib/rockpool/ws* /run/rockpool/podman /run/rockpool/wsctl
systemctl daemon-reload
nft delete table inet rockpool
userdel rockpool-api
sysctl -qw fs.inotify.max_user_instances=128
dpkg --purge rockpool-caddy
"""
"""Takes away some of every kind of thing that was deployed, but nothing that takes minutes to come up again."""


@pytest.fixture(scope="module")
def managed() -> tuple[Operation, ...]:
    """Every operation that the deploy has for the root VM."""
    return fingerprint.operations()


def again() -> deploy.Run:
    """Deploy to the end."""
    done = deploy.run("-y", tell=lambda line: print(line, file=sys.stderr))
    deploy.refuse_failure(done)
    return done


def refuse_changes(done: deploy.Run) -> None:
    """Fail unless the deploy ended well and changed nothing."""
    totals = pyinfra_words.totals(done.stdout)
    assert (done.code, totals["success"], totals["error"]) == (0, 0, 0), done.log.read_text()
    assert '"failed_hosts": []' in done.stdout


def killed(name: str) -> int:
    """Deploy, and kill the whole process group when this operation has begun. Return how many had changed something."""
    argv = (sys.executable, "-m", "pyinfra", "-y", "--json", "inventories/local.py", "deploys/root_vm.py")
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        process_group=0,
    ) as process:  # fmt: skip
        try:
            said, changed = [], 0
            for line in process.stderr or ():
                said.append(line)
                event = pyinfra_words.read(line)
                changed += isinstance(event, Ends) and event.changed
                if event == Begins(name=name):
                    assert "] Error" not in "".join(said), "it failed before"
                    return changed
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    pytest.fail(f"{name} never began:\n" + "".join(said[-20:]))


def test_deploying_again_changes_nothing(own_site: Site) -> None:
    done = again()
    refuse_changes(done)
    spoken = deploy.traffic(done)["qemu-root"]
    print(f"{done.seconds:.1f} s, {spoken}", file=sys.stderr)
    assert spoken["round_trips"] <= MOST_ROUND_TRIPS


def test_a_plan_says_that_the_machine_is_stopped_and_leaves_it_so(own_site: Site) -> None:
    pid = identity.find(existing(own_site.name))
    assert pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    done = deploy.run("--dry", tell=lambda _: None)
    assert done.code != 0
    assert "machine root is stopped" in done.log.read_text()
    assert machine.survey()[own_site.name].state is State.STOPPED


def test_a_deploy_killed_three_times_comes_to_the_same_end(own_site: Site, managed: tuple[Operation, ...]) -> None:
    whole = fingerprint.fingerprint(own_site.guest, managed)
    own_site.guest.sh(UNDO, seconds=300)
    undone = fingerprint.differences(whole, fingerprint.fingerprint(own_site.guest, managed))
    print(f"{len(undone)} of {len(whole)} lines differ", file=sys.stderr)
    assert {line.partition(" ")[0] for line in undone} >= {"path", "unit", "package", "rule", "user", "entry"}
    healed(KILLED_AT, own_site.guest, managed, whole)


@pytest.fixture
def empty(deployed: str, bed: Path) -> Iterator[str]:
    """A home with images and a password, and nothing else; its machine is the one that was saved, to be made anew."""
    place = bed / "sites" / str(os.getpid())
    place.mkdir(mode=0o711, parents=True)
    (place / "images").symlink_to(bed / "images")
    shutil.copytree(bed / "secrets", place / "secrets")
    shutil.copy(bed / "settings.toml", place)
    os.environ["ROCKPOOL_HOME"] = str(place)
    try:
        yield deployed
    finally:
        machine.destroy(deployed)
        os.environ["ROCKPOOL_HOME"] = str(bed)
        shutil.rmtree(place)


@pytest.mark.proof
@pytest.mark.timeout(2 * 3600)
def test_a_deploy_from_nothing_killed_ten_times_comes_to_the_same_end(
    vm: Guest, managed: tuple[Operation, ...], request: pytest.FixtureRequest
) -> None:
    whole = fingerprint.fingerprint(vm, managed)
    vm.run("systemctl", "poweroff")
    name = request.getfixturevalue("empty")
    assert not machine.survey()
    healed(KILLED_AT_FROM_NOTHING, None, managed, whole, name)


def healed(
    kills: Sequence[str], guest: Guest | None, managed: Sequence[Operation], whole: dict[str, str], name: str = "root"
) -> None:
    """Deploy, killed at each of these operations, then to the end; compare, and deploy once more."""
    for kill in kills:
        with stage(f"kill at {kill}"):
            print(f"  {killed(kill)} changes before", file=sys.stderr)
    again()
    guest = guest or saved.guest(name)
    assert fingerprint.differences(whole, fingerprint.fingerprint(guest, managed)) == []
    refuse_changes(again())
