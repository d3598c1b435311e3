"""What becomes of an installation when its machine is killed, restarted, rebuilt, shut down or made larger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rockpool.errors import RockpoolError
from rockpool.execute import deploy, settings
from rockpool.execute.machine.directory import directory
from rockpool.execute.machine.until import until
from tests.bed import saved
from tests.bed.door import await_status, basic
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]

UNITS = ("caddy.service", "caddy.socket", "elasticmq.service", "rockpool-firewall.service", "user@900.service")
USER_UNITS = ("podman.socket", "rockpool-wsctl.socket", "rockpool-routes.service", "rockpool-route@demo.ide.socket")
PATIENCE = 1200
"""Seconds until everything is back: Java alone takes minutes on an emulated and busy machine."""


@pytest.fixture
def marked(own_site: Site) -> Site:
    """An installation whose workspace has a file in its home and one in its layer."""
    guest = own_site.guest
    guest.run(*guest.workspace, "sh", "-euc", "echo home > ~/kept; echo layer | sudo tee /opt/kept; sync")
    return own_site


def is_whole(site: Site) -> None:
    """Wait until the workspace answers; then its files are there, all runs, and a deploy finds nothing to do."""
    await_status(200, f"{site.ide}/workspace/demo/healthz", basic(site.password), seconds=PATIENCE)
    guest = site.guest
    assert guest.run(*guest.workspace, "cat", "/home/coder/kept", "/opt/kept") == "home\nlayer\n"
    # It returns once everything that starts at boot has started.
    assert guest.sh("systemctl is-system-running --wait || systemctl --failed", seconds=PATIENCE) == "running\n"
    assert set(guest.run("systemctl", "is-active", *UNITS).split()) == {"active"}
    ours = ("systemctl", "--user", "--machine=rockpool-ws@", "is-active", *USER_UNITS)
    assert set(guest.run(*ours).split()) == {"active"}
    again = site.rockpool("up", seconds=PATIENCE)
    assert again.returncode == 0, again.stderr
    assert "nothing had to be changed" in again.stderr, again.stderr


def test_a_killed_machine_comes_back_by_itself(marked: Site) -> None:
    marked.kill()
    marked.start()
    assert was_cut_off(marked), "a kill can be told from an end"
    is_whole(marked)


def test_an_acknowledged_message_survives_its_queue(own_site: Site) -> None:
    argv = (sys.executable, "-m", "pytest", "-q", "tests/machines/test_queue_survives.py")
    env = {**os.environ, "ROCKPOOL_MACHINE": own_site.name}
    done = subprocess.run(argv, cwd=deploy.ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.proof
def test_a_machine_that_restarts_comes_back_by_itself(marked: Site) -> None:
    before = boot(marked)
    marked.guest.run("systemd-run", "--quiet", "systemctl", "reboot")
    assert before
    assert any(boot(marked) not in ("", before) for _ in until(PATIENCE, 1)), "it does not restart"
    is_whole(marked)
    ended_well(journal(marked))


@pytest.mark.proof
def test_a_rebuilt_machine_keeps_state_and_homes(marked: Site) -> None:
    sent = queue(marked, "SendMessage", "MessageBody=kept")
    assert "<MessageId>" in sent
    marked.guest.run("touch", "/etc/gone")
    done = marked.rockpool("vm", "rebuild")
    assert done.returncode == 0, done.stderr
    done = marked.rockpool("up", seconds=2 * PATIENCE)
    assert done.returncode == 0, done.stderr
    assert marked.guest.sh("ls /etc/gone 2>/dev/null || echo gone") == "gone\n"
    is_whole(marked)
    assert "<Body>kept</Body>" in queue(marked, "ReceiveMessage")


@pytest.mark.proof
def test_down_leaves_no_process_and_ends_everything_in_order(marked: Site) -> None:
    uuid = directory(marked.name).uuid
    done = marked.rockpool("down")
    assert (done.returncode, done.stdout) == (0, f"{marked.name}: shut down\n"), done.stderr
    assert [pid for pid, command in processes().items() if uuid in command] == []
    marked.start()
    assert not was_cut_off(marked)
    ended_well(journal(marked))
    is_whole(marked)


@pytest.mark.proof
def test_a_grown_disk_is_grown_inside(marked: Site) -> None:
    before = sizes(marked)
    grown = {disk: f"{int(str(saved.SPEC[disk])[:-1]) + 1}g" for disk in before}
    doors = {door: urlsplit(getattr(marked, door)).port for door in settings.PORTS}
    saved.choose(machine={**saved.SPEC, **grown}, ports=doors)
    done = marked.rockpool("up", seconds=PATIENCE)
    assert done.returncode == 0, done.stderr
    after = sizes(marked)
    assert {disk: after[disk] - before[disk] > 0.9 * 1024**3 for disk in before} == dict.fromkeys(before, True)
    is_whole(marked)


def sizes(site: Site) -> dict[str, int]:
    """Return the bytes of each disk's file system."""
    places = {"system": "/", "state": "/var/lib/rockpool", "workspaces": "/var/lib/rockpool-ws"}
    told = site.guest.run("df", "--output=size", "--block-size=1", *places.values()).split()[1:]
    return dict(zip(places, map(int, told), strict=True))


def boot(site: Site) -> str:
    """Return the id of the boot, empty while the machine does not answer."""
    try:
        return site.guest.run("cat", "/proc/sys/kernel/random/boot_id", seconds=30).strip()
    except RockpoolError:
        return ""


def queue(site: Site, action: str, *arguments: str) -> str:
    words = [word for argument in arguments for word in ("--data", argument)]
    url = "http://127.0.0.1:9324/000000000000/workspaces-dead"
    return site.guest.run("curl", "-fsS", "--max-time", "60", "--data", f"Action={action}", *words, url)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the journal: when in microseconds since the boot, of which unit, and what."""

    when: int
    unit: str
    text: str


def journal(site: Site, boot: str = "-1") -> list[Row]:
    """Return the journal of a boot."""
    fields = "UNIT,USER_UNIT,MESSAGE,PODMAN_EVENT"
    told = site.guest.run("journalctl", "--boot", boot, "--output=json", f"--output-fields={fields}", seconds=300)
    return list(_rows(told))


def _rows(told: str) -> Iterator[Row]:
    for line in told.splitlines():
        row: dict[str, Any] = json.loads(line)
        text = f"{row.get('PODMAN_EVENT', '')} {row.get('MESSAGE', '')}"
        yield Row(when=int(row["__MONOTONIC_TIMESTAMP"]), unit=row.get("UNIT") or row.get("USER_UNIT") or "", text=text)


def was_cut_off(site: Site) -> bool:
    """Say whether the journal found at this boot that the one before had no end."""
    return any("uncleanly shut down" in row.text for row in journal(site, boot="0"))


def ended_well(rows: list[Row]) -> None:
    """Workspaces have ended before their disk went, the queue ended by itself, and the journal was closed last."""
    tail = "\n".join(f"{row.when} {row.unit} {row.text}" for row in rows[-150:])
    assert "Journal stopped" in rows[-1].text, tail
    died = last(rows, "", "died ")
    unmounted = last(rows, "var-lib-rockpool\\x2dws.mount", "Unmounted")
    stopped = last(rows, "elasticmq.service", "Deactivated successfully")
    assert 0 < died < unmounted, tail
    assert 0 < stopped < last(rows, "var-lib-rockpool.mount", "Unmounted"), tail


def last(rows: list[Row], unit: str, text: str) -> int:
    """Return when a unit last said so, 0 if never. No unit means any."""
    return max((row.when for row in rows if unit in ("", row.unit) and text in row.text), default=0)


def processes() -> dict[int, str]:
    """Return the command line of every process of this host."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
    return found
