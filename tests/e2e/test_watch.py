"""The development loop on a real machine: what is saved on the host runs there, and the release again afterwards."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rockpool.execute.machine.until import until
from tests.bed import source as sources
from tests.bed.note import Note
from tests.bed.site import Site, rockpool
from tests.bed.source import Loop, Source

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(3600)]

SOCKET = "/run/rockpool/api/api.sock"
UNITS = ("rockpool-api", "rockpool-worker")
SAVES = 20
SECONDS = 300
"""How long one restart may take: an emulated and busy machine takes half a minute."""


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return sources.copied(tmp_path / "source")


@contextmanager
def watching(source: Source) -> Iterator[Loop]:
    argv = list(rockpool("dev", "watch"))
    argv.insert(1, "-P")  # the copy's program, and not this directory's
    with sources.watching(tuple(argv), source, source.place / "loop.log") as loop:
        yield loop


def test_what_is_saved_runs_and_the_release_again_afterwards(
    own_site: Site, source: Source, record_property: Note
) -> None:
    release = runs(own_site)
    with watching(source) as loop:
        loop.await_line("the whole source: runs", SECONDS)
        assert runs(own_site) == dict.fromkeys(UNITS, "/mnt/rockpool")

        begin = time.monotonic()
        source.says(" 10")
        loop.await_line("app.py: runs", SECONDS)
        assert health(own_site) == "ok 10\n"
        record_property("saved and running in the machine, seconds", round(time.monotonic() - begin, 1))

        for number in range(11, 11 + SAVES):
            source.says(f" {number}")
        await_health(own_site, f"ok {10 + SAVES}\n")
        source.breaks()
        loop.await_line("does not start", SECONDS)
        restarts = sum(": runs" in line for line in loop.lines[: loop.seen]) - 2
        record_property(f"restarts for {SAVES} rapid saves", restarts)
        source.mends()
        loop.await_line("app.py: runs", SECONDS)
        assert health(own_site) == f"ok {10 + SAVES}\n"

        loop.process.send_signal(signal.SIGINT)
        assert loop.process.wait(SECONDS) == 0, loop.lines
    assert (runs(own_site), health(own_site)) == (release, "ok\n")
    done = own_site.rockpool("host", "drift")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_loop_that_is_killed_leaves_nothing_either(own_site: Site, source: Source) -> None:
    release = runs(own_site)
    with watching(source) as loop:
        loop.await_line("the whole source: runs", SECONDS)
        loop.process.kill()
    assert any(runs(own_site) == release for _ in until(SECONDS, 1)), runs(own_site)
    assert own_site.guest.sh("ls -d /run/systemd/system/rockpool-*.service.d/90-source.conf 2>/dev/null || :") == ""
    await_health(own_site, "ok\n")


def runs(site: Site) -> dict[str, str]:
    """Return from where the process of each unit runs; empty while there is none."""
    script = (
        'pid=$(systemctl show --value -p MainPID "$1"); '
        "[ \"$pid\" = 0 ] || tr '\\0' '\\n' < /proc/$pid/environ | sed -n 's/^PYTHONPATH=//p'"
    )
    return {unit: site.guest.sh(script, unit).strip() for unit in UNITS}


def health(site: Site) -> str:
    return site.guest.run("curl", "-sS", "--max-time", "120", "--unix-socket", SOCKET, "http://d/healthz", seconds=150)


def await_health(site: Site, wanted: str) -> None:
    assert any(health(site) == wanted for _ in until(SECONDS, 1)), health(site)
