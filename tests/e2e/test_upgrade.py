"""Deploying again touches nobody's IDE, and a backup brings everything to another machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rockpool.control import migrate
from tests.bed import site as sites
from tests.bed import small
from tests.bed.api import GONE, Api, api
from tests.bed.clients import clients
from tests.bed.door import await_status, basic
from tests.bed.note import Note
from tests.bed.site import Site
from tests.e2e.test_connections import echoing, unharmed

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(5400)]

PATIENCE = 1800


@pytest.fixture
def control(own_site: Site) -> Iterator[Api]:
    with api(own_site) as found:
        yield found


def test_an_upgrade_and_the_way_back_drop_nobody(
    control: Api, a_migration_more: Callable[[], Path], record_property: Note
) -> None:
    site = control.site
    url = echoing(control, "demo")
    small.load(site.guest)
    with clients([url] * 20, f"{site.ide}/workspace/demo/healthz", basic(site.password)) as counts:
        begun, older, schema = counts.echoes, release(site), revision(site)
        migration = a_migration_more()
        up(site)
        assert release(site) != older, "another source is another release"
        assert revision(site) == migration.stem > schema, "and it has another schema"
        assert columns(site) >= {"colour"}
        lives(control, "newer")

        migration.unlink()
        up(site)
        assert release(site) == older, "the older release runs again"
        assert (revision(site), columns(site) >= {"colour"}) == (migration.stem, True), "on the newer schema"
        lives(control, "older")
        assert control.told("demo")["status"] == "running"

        up(site, "nothing had to be changed")
        unharmed(counts, 20, begun)
        record_property(
            "20 WebSockets: echoes, answers, dropped", (counts.echoes - begun, counts.answers, counts.dropped)
        )


@pytest.fixture
def a_migration_more() -> Iterator[Callable[[], Path]]:
    """Have one more additive migration in this source once it is called; its name is its revision."""
    versions = Path(migrate.__file__).parent / "migrations/versions"
    head = migrate.revisions()[-1]
    path = versions / f"{int(head) + 1:04}.py"

    def write() -> Path:
        path.write_text(MIGRATION.format(revision=path.stem, down=head))
        return path

    yield write
    path.unlink(missing_ok=True)


MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{revision}", "{down}"
def upgrade():
    op.add_column("workspaces", sa.Column("colour", sa.Text(), server_default=sa.text("'red'"), nullable=False))
    op.create_table("colours", sa.Column("name", sa.Text(), primary_key=True))
"""


def lives(control: Api, name: str) -> None:
    """Lead a workspace from its creation through all it can be to its end."""
    control.create(name, image=small.NAME, memory="128m", cpus=1)
    control.wait(name, "running")
    control.act(name, "stop")
    control.wait(name, "stopped")
    control.act(name, "start")
    control.wait(name, "running")
    assert control.ask("DELETE", f"workspaces/{name}?purge=true").status_code == 202
    control.wait(name, GONE)


def revision(site: Site) -> str:
    return asked(site, "SELECT version_num FROM alembic_version")[0]


def columns(site: Site) -> set[str]:
    return set(asked(site, "SELECT name FROM pragma_table_info('workspaces')"))


def asked(site: Site, query: str) -> list[str]:
    """Ask the database of the control plane."""
    script = "import sqlite3, sys; [print(row[0]) for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])]"
    return site.guest.run("python3", "-c", script, "/var/lib/rockpool/control/control.db", query).split()


def release(site: Site) -> str:
    """Return which release the API's process runs."""
    script = "tr '\\0' '\\n' < /proc/$(systemctl show --value -p MainPID rockpool-api)/environ | grep ^PYTHONPATH"
    return site.guest.sh(script)


def up(site: Site, says: str = "") -> None:
    done = site.rockpool("up", seconds=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert says in done.stderr, done.stderr


@dataclass(frozen=True, kw_only=True)
class Left:
    """What somebody had on the first machine: the backup, and what the API told of each workspace."""

    backup: Path
    told: dict[str, dict[str, Any]]


FILE = "/home/coder/file"
SAME = ("ports", "memory", "image", "createdAt", "env")


def test_a_backup_restored_on_a_fresh_machine_brings_all_back(deployed: str, tmp_path: Path) -> None:
    with sites.site(deployed) as first, api(first) as control:
        left = made_and_backed_up(control, tmp_path / "all.tar")
    with sites.site(deployed) as fresh, api(fresh) as control:
        assert control.told("kept")["status"] == GONE, "it knows nothing of it"
        small.load(fresh.guest)  # images are no part of a backup
        done = fresh.rockpool("control", "restore", str(left.backup), seconds=PATIENCE)
        assert done.returncode == 0, done.stderr
        for name, told in left.told.items():
            control.wait(name, "running", seconds=PATIENCE)
            again = control.told(name)
            assert {key: again[key] for key in SAME} == {key: told[key] for key in SAME}
            assert urlsplit(again["url"]).path == urlsplit(told["url"]).path
            guest = fresh.guest
            script = f"stat -c %a {FILE}; echo here >> {FILE}; cat {FILE}"  # its owner may still write
            told_inside = guest.run(*guest.podman("exec", f"ws-{name}", "sh", "-c", script))
            assert told_inside == f"600\nprecious to {name}\nhere\n"
            await_status(200, f"{again['url']}healthz", basic(fresh.password), seconds=300)


def made_and_backed_up(control: Api, to: Path) -> Left:
    """Have `demo` and another workspace with a file each, and an archive of them on this host."""
    guest = control.site.guest
    small.load(guest)
    control.create("kept", image=small.NAME, memory="128m", cpus=1, ports=[{"port": 5173, "label": "web"}])
    for name in ("kept", "demo"):
        control.wait(name, "running")
        script = f'umask 077; echo "precious to $1" > {FILE}'
        guest.run(*guest.podman("exec", f"ws-{name}", "sh", "-c", script, "sh", name))
    told = {name: control.told(name) for name in ("kept", "demo")}
    made = control.site.rockpool("control", "backup", f"--to={to}")
    assert made.returncode == 0, made.stderr
    assert to.stat().st_mode & 0o777 == 0o600
    return Left(backup=to, told=told)
