"""The deploy again, and the deploy killed: it changes nothing that is right, and comes to the same end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rockpool.current import State
from rockpool.execute import deploy, machine, pyinfra_words
from rockpool.execute.deploy import ROOT
from rockpool.execute.machine import identity
from rockpool.execute.machine.directory import existing
from rockpool.execute.pyinfra_words import Begins, Ends
from tests.bed import fingerprint, saved
from tests.bed.fingerprint import Operation
from tests.bed.guest import Guest
from tests.bed.note import Note
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
    "Queue: ElasticMQ starts",
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
usermod --shell /bin/sh rockpool-api
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


def killed(name: str, note: Note) -> None:
    """Deploy, and kill the whole process group when this operation has begun."""
    argv = (sys.executable, "-m", "pyinfra", "-y", "--json", "inventories/local.py", "deploys/root_vm.py")
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        process_group=0,
    ) as process:  # fmt: skip
        try:
            said, changed, begin = [], 0, time.monotonic()
            for line in process.stderr or ():
                said.append(line)
                event = pyinfra_words.read(line)
                changed += isinstance(event, Ends) and event.changed
                if "] Error" in line:
                    break
                if event == Begins(name=name):
                    note(f"killed at {name}", f"{changed} changes before, {time.monotonic() - begin:.0f} s")
                    return
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    pytest.fail(f"{name} never began:\n" + "".join(said[-30:]))


def comes_to(whole: dict[str, str], guest: Guest, managed: Sequence[Operation], note: Note) -> None:
    """Deploy to the end: the fingerprint is this one. Then once more: nothing changes."""
    note("then to the end", f"{pyinfra_words.totals(again().stdout)['success']} changes")
    assert fingerprint.differences(whole, fingerprint.fingerprint(guest, managed)) == []
    note("lines of the fingerprint that are the same", len(whole))
    refuse_changes(again())


def test_deploying_again_changes_nothing(own_site: Site, record_property: Note) -> None:
    done = again()
    refuse_changes(done)
    spoken = deploy.traffic(done)["qemu-root"]
    record_property("seconds", round(done.seconds))
    record_property("spoken with the machine", spoken)
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


def test_a_deploy_killed_three_times_comes_to_the_same_end(
    own_site: Site, managed: tuple[Operation, ...], record_property: Note
) -> None:
    whole = fingerprint.fingerprint(own_site.guest, managed)
    own_site.guest.sh(UNDO, seconds=300)
    undone = fingerprint.differences(whole, fingerprint.fingerprint(own_site.guest, managed))
    record_property("undone", f"{len(undone)} of {len(whole)} lines of the fingerprint differ")
    assert {line.partition(" ")[0] for line in undone} >= {"path", "unit", "package", "rule", "user", "entry"}
    for operation in KILLED_AT:
        killed(operation, record_property)
    comes_to(whole, own_site.guest, managed, record_property)


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
    vm: Guest, managed: tuple[Operation, ...], request: pytest.FixtureRequest, record_property: Note
) -> None:
    whole = fingerprint.fingerprint(vm, managed)
    vm.run("systemctl", "poweroff")
    name = request.getfixturevalue("empty")
    assert not machine.survey()
    for operation in KILLED_AT_FROM_NOTHING:
        killed(operation, record_property)
    assert machine.survey()[name].state is State.RUNNING
    comes_to(whole, saved.guest(name), managed, record_property)
