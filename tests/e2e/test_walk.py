"""A seeded random walk on a real machine: kills and accidents at any moment, and at the end nothing is left to do.

The walk runs inside the machine, where the worker does, and carries out plans as the worker does.
"""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.bed import small
from tests.bed.guest import Guest
from tests.bed.note import Note
from tests.bed.walk import NAMES

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(7200)]

SOURCE = Path(__file__).parents[2]
PARTS = ("rockpool", "tests/bed/walk.py", "tests/bed/inside.py")
PLACE = "/run/walk"
SEED, STEPS = 2, 200


@pytest.fixture
def guest(vm: Guest) -> Guest:
    """A machine with a small image under two names, and what walks."""
    small.load(vm)
    vm.run(*vm.podman("tag", small.REFERENCE, "localhost/rockpool/other:latest"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for part in PARTS:
            archive.add(SOURCE / part, part, filter=lambda member: None if "__pycache__" in member.name else member)
    unpack = ("sh", "-euc", 'mkdir -p "$1" && tar -xz -C "$1"', "sh", PLACE)
    subprocess.run((*vm.ssh, shlex.join(unpack)), input=packed.getvalue(), check=True, timeout=120)
    return vm


def test_a_walk_on_a_machine_ends_where_nothing_is_left_to_do(guest: Guest, record_property: Note) -> None:
    walk = ("python3", "-m", "tests.bed.inside", str(SEED), str(STEPS), small.NAME, small.NAME, "other")
    argv = (*guest.ssh, shlex.join(("env", "-C", PLACE, f"PYTHONPATH={PLACE}", *walk)))
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=sys.__stderr__, text=True, timeout=7000, check=True)
    told = json.loads(done.stdout)
    record_property("told", json.dumps(told))
    assert told["left"] == dict.fromkeys(NAMES, "nothing to do")
    assert told["orphans"] == []
    assert min(told["kills"], told["accidents"]) >= STEPS / 20
    sockets = guest.sh("ls /run/rockpool/routes").split()
    units = guest.run(
        *("systemctl", "--user", "--machine=rockpool-ws@", "list-units", "--plain", "--no-legend"),
        *("--state=listening,running", "rockpool-route@*.socket"),
    )
    opened = {line.split()[0].removeprefix("rockpool-route@").removesuffix(".socket") for line in units.splitlines()}
    assert {*sockets} == opened | {f"{route}.sock" for route in opened}
