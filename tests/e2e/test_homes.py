"""Homes and quotas, on a real disk: what counts, what is copied, what a kill leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rockpool.errors import StepFailed
from rockpool.execute.machine.until import until
from tests.bed import saved, small
from tests.bed.boxes import DISK, OWNER, alone, box, drop, user_unit, wsctl
from tests.bed.guest import Guest

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

MIB = 1 << 20
USER, OTHER = 5101, 5102


@pytest.fixture(scope="module")
def guest(deployed: str) -> Iterator[Guest]:
    """A machine with a workspace `full` of 32 MiB, whose home has one of everything."""
    with saved.restored("homes", deployed) as guest:
        alone(guest)
        small.load(guest)
        wsctl(guest, f"home create full {USER} {32 * MIB}")
        box(guest, "full", user=USER)
        wsctl(guest, f"quota full {32 * MIB}")
        guest.run(*guest.podman("exec", "--user=0", "ws-full", "sh", "-euc", _ONE_OF_EVERYTHING))
        guest.sh(_RIGHTS, f"{DISK}/homes/full")
        yield guest


_ONE_OF_EVERYTHING = """
cd /home/coder
umask 022
echo text >file; ln file hard; ln -s file link; mkfifo pipe; mkdir -p deep/er; echo 1 >deep/er/one
dd if=/dev/zero of=sparse bs=1 count=1 seek=20M 2>/dev/null
chown -R 5101:5101 .
echo root >roots; chmod 600 roots
cp /bin/busybox setuid; chown 5101:5101 setuid; chmod 4755 setuid
cp /bin/busybox able; chown 5101:5101 able; chmod 755 able
touch -t 200102030405 deep
"""
_RIGHTS = """
cd "$1"
python3 -c '
import os, socket
os.setxattr("able", "security.capability", bytes.fromhex("0100000300200000000000000000000000000000a0860100"))
os.setxattr("file", "user.note", b"mine")
socket.socket(socket.AF_UNIX).bind("socket"); os.chown("socket", 105101, 105101)
'
"""

_TOLD = """
import json, os, stat, sys
told = {}
for root, directories, files in os.walk(sys.argv[1]):
    for entry in [*directories, *files]:
        path = os.path.join(root, entry)
        found = os.lstat(path)
        links, size = (found.st_nlink, found.st_size) if stat.S_ISREG(found.st_mode) else (0, 0)
        told[os.path.relpath(path, sys.argv[1])] = [
            stat.filemode(found.st_mode), found.st_uid, found.st_gid, links, size, int(found.st_mtime),
            {key: os.getxattr(path, key).hex() for key in os.listxattr(path, follow_symlinks=False)},
        ]
print(json.dumps(told))
"""


def tree(guest: Guest, home: str) -> dict[str, list[Any]]:
    """Return every entry of a home: kind and mode, owner, group, names, size, time, attributes."""
    told: dict[str, list[Any]] = json.loads(guest.run("python3", "-c", _TOLD, f"{DISK}/homes/{home}"))
    return told


def state(guest: Guest, name: str) -> str:
    return guest.run(*guest.podman("inspect", "--format={{.State.Status}}", f"ws-{name}")).strip()


def homes(guest: Guest) -> set[str]:
    return set(guest.run("ls", "-A", f"{DISK}/homes").split()) - {".lock", "demo", "full"}


def used(guest: Guest) -> int:
    return int(guest.run("df", "--output=used", "--block-size=1", DISK).split()[1])


def test_home_and_layer_count_together_for_root_in_the_container_too(guest: Guest) -> None:
    fill = "dd if=/dev/zero of=$1 bs=1M count=$2 && sync"
    inside = guest.podman("exec", "--user=0", "ws-full", "sh", "-euc", fill, "sh")
    guest.run(*inside, "/home/coder/half", "12")
    guest.run(*inside, "/half", "12")
    for path in ("/home/coder/more", "/more"):
        with pytest.raises(StepFailed, match="No space left"):
            guest.run(*inside, path, "12")
    told = json.loads(wsctl(guest, "survey"))
    assert told["homes"]["full"]["disk"] == 32 * MIB
    assert next(one["disk"] for one in told["containers"] if one["name"] == "full") == 32 * MIB
    guest.run(
        *guest.podman("exec", "--user=0", "ws-full", "sh", "-c", "rm -f /half /more /home/coder/half /home/coder/more")
    )


def test_a_copy_is_the_same_of_another_owner_and_takes_no_room(guest: Guest) -> None:
    before = used(guest)
    wsctl(guest, f"home copy full copied {OTHER} {32 * MIB}")
    shift = {105101: 105102}
    wanted = {
        path: [mode, shift.get(owner, owner), shift.get(group, group), *rest]
        for path, (mode, owner, group, *rest) in tree(guest, "full").items()
    }
    assert tree(guest, "copied") == wanted
    assert wanted["setuid"][0] == "-rwsr-xr-x"
    assert wanted["able"][-1]
    assert wanted["hard"][3] == 2
    assert used(guest) - before < MIB, "blocks are shared"
    assert state(guest, "full") == "running"
    assert guest.run("stat", "--format=%u %a", f"{DISK}/homes/copied") == "105102 700\n"
    wsctl(guest, "home remove copied")


def test_a_copy_that_is_too_large_leaves_nothing(guest: Guest) -> None:
    with pytest.raises(StepFailed, match="No space left"):
        wsctl(guest, f"home copy full copied {OTHER} {MIB}")
    assert homes(guest) == set()
    assert state(guest, "full") == "running"


def test_a_killed_copy_is_seen_and_the_next_leaves_nothing_of_it(guest: Guest) -> None:
    # Held up in the middle, so that it can be killed there.
    guest.run(*OWNER, "python3", "-c", _HELD, seconds=60)
    assert homes(guest) == {".copied.new"}
    told = json.loads(wsctl(guest, "survey"))
    assert next(one["state"] for one in told["containers"] if one["name"] == "full") == "paused"
    wsctl(guest, f"home copy full copied {OTHER} {32 * MIB}")
    assert homes(guest) == {"copied", ".copied.cloned"}
    assert state(guest, "full") == "running"
    wsctl(guest, "home remove copied")


_HELD = f"""
import os, sys
sys.path.append(open("/usr/lib/rockpool/wsctl").read().split('"')[1])
from rockpool.guest import copies, trees
trees.copy = lambda source, target: (os.mkdir(target), os.kill(os.getpid(), 9))
if not os.fork():
    copies.copy("full", "copied", {OTHER}, {32 * MIB})
assert os.wait()[1] == 9
"""


def test_a_deleted_home_leaves_no_limit_and_a_kept_one_comes_back(guest: Guest) -> None:
    wsctl(guest, f"home create gone {OTHER} {4 * MIB}", "home keep gone")
    (kept,) = guest.run("ls", f"{DISK}/kept").split()
    wsctl(guest, f"home restore {kept} back {OTHER} {8 * MIB}")
    assert json.loads(wsctl(guest, "survey"))["homes"]["back"] == {"user": OTHER, "disk": 8 * MIB, "cloned": True}
    assert str(OTHER) in limits(guest)
    wsctl(guest, "home remove back")
    assert str(OTHER) not in limits(guest)


def limits(guest: Guest) -> str:
    """Return what each user may hold and holds; what belongs to nobody is left out."""
    told = guest.run("xfs_quota", "-x", "-c", "report -p -N", DISK)
    return "\n".join(line for line in told.splitlines() if not line.startswith("#0 "))


def ask(guest: Guest, line: str) -> str:
    """Ask the quota service as the user that it serves."""
    script = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect('/run/rockpool/quota/quota.sock');"
        " s.sendall(sys.argv[1].encode() + b'\\n'); print(s.recv(999).decode())"
    )
    return guest.run(*OWNER, "python3", "-c", script, line).strip()


def test_the_quota_service_cannot_be_steered_elsewhere(guest: Guest) -> None:
    before = limits(guest)
    plant = 'cd "$1/homes"; ln -s full linked; mkdir plain'
    guest.run(*OWNER, "sh", "-euc", plant, "sh", DISK)
    box(guest, "twin", label="full")
    refusals = {
        "limit full 4096": "2 containers are labelled as full",
        "limit linked 4096": "Not a directory",
        "limit plain 4096": "nobody who runs a workspace",
        "limit ful 4096": "No such file",
        "limit ../../etc 4096": "not a verb",
        "limit /etc 4096": "not a verb",
        "mark /etc 5001": "not a verb",
    }
    told = {line: ask(guest, line) for line in refusals}
    drop(guest, "twin")
    assert {line: reason for line, reason in refusals.items() if reason not in told[line]} == {}, told
    assert limits(guest) == before
    guest.run(*OWNER, "sh", "-euc", 'cd "$1/homes"; rm linked; rmdir plain', "sh", DISK)
    assert ask(guest, f"limit full {32 * MIB}") == "ok"


def test_nobody_else_asks_the_quota_service(guest: Guest) -> None:
    for user in ("caddy", "rockpool-worker", "rockpool-api", "nobody"):
        argv = ("setpriv", f"--reuid={user}", "--clear-groups", "ls", "/run/rockpool/quota")
        with pytest.raises(StepFailed, match="Permission denied"):
            guest.run(*argv)


def test_everything_that_a_workspace_had_is_gone_with_it(guest: Guest) -> None:
    drop(guest, "full")
    wsctl(guest, "route remove full.ide", "home remove full")
    assert str(USER) not in limits(guest)
    assert any("full" not in user_unit(guest, "list-units", "--all", "--plain", "*full*") for _ in until(60, 0.2))
