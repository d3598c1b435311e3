"""A worker on a real machine, killed at every step boundary of each act: the next one ends in the same place."""

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

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(14_400)]

SOURCE = Path(__file__).parents[2]
PLACE = "/run/kill"
ACTS = ("create", "start", "stop", "clone", "delete")
AS_WORKER = """
. /etc/rockpool/control.env
python=$(systemctl show --property=ExecStart --value rockpool-worker.service | sed -n 's/.*path=\\([^ ;]*\\).*/\\1/p')
cd "$1"; shift
exec systemd-run --quiet --pipe --wait --collect --uid=rockpool-worker --gid=rockpool-worker \\
  --property=SupplementaryGroups='rockpool-control caddy' --property=UMask=0007 --property=WorkingDirectory="$PWD" \\
  --property=RuntimeDirectory=rockpool-worker --setenv=HOME=/run/rockpool-worker \\
  --setenv=XDG_RUNTIME_DIR=/run/rockpool-worker --setenv=PYTHONPATH="$PYTHONPATH:$PWD" \\
  --setenv=ROCKPOOL_CONTROL="$ROCKPOOL_CONTROL" \\
  "$python" -P -m tests.control.world "$@"
"""


@pytest.fixture
def guest(vm: Guest) -> Guest:
    """A machine with a small image and without its worker, whose place the test takes."""
    small.load(vm)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(SOURCE / "tests/control/world.py", "tests/control/world.py")
    unpack = ("sh", "-euc", 'mkdir -p "$1" && tar -xz -C "$1"', "sh", PLACE)
    subprocess.run((*vm.ssh, shlex.join(unpack)), input=packed.getvalue(), check=True, timeout=120)
    vm.run("systemctl", "stop", "rockpool-worker.service")
    return vm


def test_a_worker_killed_at_every_step_is_followed_by_another(guest: Guest, record_property: Note) -> None:
    argv = (*guest.ssh, shlex.join(("sh", "-euc", AS_WORKER, "sh", PLACE, small.NAME, *ACTS)))
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=sys.__stderr__, text=True, timeout=14_000, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for row in told:
        record_property(f"{row['act']}, step boundaries killed at", row["boundaries"])
    assert [row["act"] for row in told] == [*ACTS]
    assert min(row["boundaries"] for row in told) >= 3
    left = "ls /run/rockpool/routes /var/lib/rockpool-ws/homes /var/lib/rockpool-ws/ports"
    assert not {"demo", "copy"} & {word.split(".")[0] for word in guest.sh(left).split()}
