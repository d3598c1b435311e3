"""Two deploys at once: the second changes nothing."""

import subprocess
import sys
from pathlib import Path

from rockpool.execute import lock
from rockpool.execute.deploy import ROOT

DEPLOY = """
from pyinfra.operations import server
from deploys.parts.lock import lock
lock()
server.shell(name="Change", commands=["touch {mark}"])
"""


def deploy(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "deploy.py").write_text(DEPLOY.format(mark=tmp_path / "mark"))
    (tmp_path / "inventory.py").write_text('hosts = [("@local", {"machine": {"name": "root"}})]\n')
    argv = (sys.executable, "-m", "pyinfra", *options, str(tmp_path / "inventory.py"), str(tmp_path / "deploy.py"))
    env = {"PATH": "/usr/bin:/bin", "ROCKPOOL_HOME": str(tmp_path)}
    return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_the_second_deploy_is_refused_before_it_changes_anything(tmp_path: Path):
    (tmp_path / "locks").mkdir()
    with lock.hold(tmp_path / "locks/deploy-root", "deploy to root"):
        done = deploy(tmp_path, "-y")
    assert done.returncode == 1
    assert "cannot deploy to root now" in done.stderr
    assert "fix: wait" in done.stderr
    assert not (tmp_path / "mark").exists()


def test_a_plan_locks_nothing_and_needs_no_lock(tmp_path: Path):
    (tmp_path / "locks").mkdir()
    with lock.hold(tmp_path / "locks/deploy-root", "deploy to root"):
        assert deploy(tmp_path, "--dry").returncode == 0


def test_the_lock_is_free_after_a_deploy(tmp_path: Path):
    assert deploy(tmp_path, "-y").returncode == 0
    assert (tmp_path / "mark").exists()
    with lock.hold(tmp_path / "locks/deploy-root", "deploy to root"):
        pass
