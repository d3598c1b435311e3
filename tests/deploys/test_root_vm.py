"""The whole deploy as a plan: nothing exists, nothing may be made."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rockpool.execute.deploy import ROOT


def plan(inventory: str, home: Path) -> list[dict]:
    argv = (sys.executable, "-m", "pyinfra", "--dry", "--json", inventory, "deploys/root_vm.py")
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ROCKPOOL_HOME": str(home)}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["plan"]


@pytest.fixture(scope="module", params=["local", "mac"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict], Path]:
    """Return the plan by an inventory, and the home in which it was asked for."""
    home = tmp_path_factory.mktemp("home")
    return plan(f"inventories/{request.param}.py", home), home


def test_the_whole_plan_shows_and_nothing_is_made(made):
    rows, home = made
    assert len({host for row in rows for host in row["hosts_with_change"]}) == 2
    assert list(home.rglob("*")) == []


def test_everything_on_the_host_comes_before_everything_in_the_machine(made):
    parts = [row["names"][0].split(" | ")[0] for row in made[0]]
    barrier = parts.index("Barrier")
    assert parts[0] == "Lock"
    assert set(parts[1:barrier]) == {"Hypervisor"}
    assert parts[barrier + 1] == "Base"
    assert not {"Lock", "Hypervisor", "Barrier"} & set(parts[barrier + 1 :])


def test_every_operation_has_a_name_of_its_own(made):
    names = [row["names"] for row in made[0]]
    assert all(len(name) == 1 for name in names)
    assert len({name[0] for name in names}) == len(names)


def test_the_inventory_by_ssh_asks_which_host(tmp_path: Path):
    argv = (sys.executable, "-m", "pyinfra", "--dry", "inventories/ssh.py", "deploys/root_vm.py")
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ROCKPOOL_HOME": str(tmp_path)}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ROCKPOOL_HOST=root@nas.example" in done.stderr
