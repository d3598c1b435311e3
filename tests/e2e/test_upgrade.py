"""Deploying again touches nobody's IDE, and a backup brings everything to another machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rockpool.execute import backup
from tests.bed import small
from tests.bed.api import GONE, Api, api
from tests.bed.clients import clients
from tests.bed.door import basic
from tests.bed.site import Site
from tests.e2e.test_connections import echoing, unharmed

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(5400)]

PATIENCE = 1800


@pytest.fixture
def control(own_site: Site) -> Iterator[Api]:
    with api(own_site) as found:
        yield found


def test_an_upgrade_and_the_way_back_drop_nobody(control: Api, tmp_path: Path) -> None:
    site, mark = control.site, Path(backup.__file__).parents[1] / "control/_upgrade_of_a_test.py"
    url = echoing(control, "demo")
    with clients([url] * 20, f"{site.ide}/workspace/demo/healthz", basic(site.password)) as counts:
        begun = counts.echoes
        before = release(site)
        mark.write_text("")
        try:
            up(site)
            assert release(site) != before, "another source is another release"
            assert control.told("demo")["status"] == "running"
        finally:
            mark.unlink()
        up(site)
        assert release(site) == before, "the older release runs again"
        up(site, "nothing had to be changed")
        unharmed(counts, 20, begun)


def release(site: Site) -> str:
    """Return which release the API's process runs."""
    script = "tr '\\0' '\\n' < /proc/$(systemctl show --value -p MainPID rockpool-api)/environ | grep ^PYTHONPATH"
    return site.guest.sh(script)


def up(site: Site, says: str = "") -> None:
    done = site.rockpool("up", seconds=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert says in done.stderr, done.stderr


def test_a_backup_restored_on_a_machine_that_knows_nothing_brings_all_back(control: Api, tmp_path: Path) -> None:
    site = control.site
    small.load(site.guest)
    control.create("kept", image=small.NAME, memory="128m", cpus=1, ports=[{"port": 5173, "label": "web"}])
    control.wait("kept", "running")
    guest = site.guest
    guest.run(
        *guest.podman("exec", "ws-kept", "sh", "-c", "echo precious > /home/coder/file; chmod 600 /home/coder/file")
    )
    told = control.told("kept")
    made = site.rockpool("control", "backup", f"--to={tmp_path / 'all.tar'}")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "all.tar").stat().st_mode & 0o777 == 0o600

    # As good as fresh: no workspace, no home, no row, no other backup.
    for name in ("kept", "demo"):
        assert control.ask("DELETE", f"workspaces/{name}?purge=true").status_code == 202
    for name in ("kept", "demo"):
        control.wait(name, GONE)
    guest.sh(
        "rm -rf /var/lib/rockpool-ws/backups /var/lib/rockpool-ws/kept/*; ! ls -A /var/lib/rockpool-ws/homes | grep ."
    )

    done = site.rockpool("control", "restore", str(tmp_path / "all.tar"), seconds=PATIENCE)
    assert done.returncode == 0, done.stderr
    for name in ("kept", "demo"):
        control.wait(name, "running", seconds=PATIENCE)
    again = control.told("kept")
    assert {key: again[key] for key in ("ports", "memory", "image", "url", "createdAt")} == {
        key: told[key] for key in ("ports", "memory", "image", "url", "createdAt")
    }
    assert guest.run(*guest.podman("exec", "ws-kept", "cat", "/home/coder/file")) == "precious\n"
    assert control.http.get(f"{site.ide}/workspace/kept/").status_code == 200
