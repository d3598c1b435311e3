"""From a save until what was saved runs, on this very machine: the path of the development loop with a local shell."""

from __future__ import annotations

import json
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rockpool.control.migrate import migrate
from rockpool.execute.machine.until import until
from rockpool.execute.watch import UNITS
from tests.bed import source as sources
from tests.bed.note import Note
from tests.bed.services import Services, manager

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

ROUNDS = 10
SECONDS = 3.0

WATCH = """
import sys
from rockpool.execute import watch
argv = watch.remote(sys.argv[1], sys.argv[2])
watch.follow_by(argv, watch.changes(), lambda line: print(line, file=sys.stderr, flush=True))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rp") as directory:  # short: a socket's path may have 107 bytes
        yield Path(directory)


@pytest.fixture
def services(place: Path) -> Iterator[Services]:
    settings = {"state": place, "socket": place / "api.sock", "runtime": "stub", "stub": place / "stub"}
    told = {"queue": "memory", **{key: str(value) for key, value in settings.items()}}
    (place / "control.json").write_text(json.dumps(told))
    (place / "stub").mkdir()
    migrate(place)
    api, worker = ("rockpool.web", "rockpool.control.worker")
    found = Services(
        commands={
            unit: (sys.executable, "-P", "-m", module) for unit, module in zip(UNITS, (api, worker), strict=True)
        },
        units=place / "units",
        release=str(Path(sources.__file__).parents[2]),
        env={"ROCKPOOL_CONTROL": str(place / "control.json"), "PYTHONDONTWRITEBYTECODE": "1"},
        place=place,
    )
    with manager(found) as managed:
        yield managed


def test_what_is_saved_runs_within_seconds(services: Services, record_property: Note) -> None:
    place = services.place
    source = sources.copied(place / "source")
    argv = (sys.executable, "-P", "-c", WATCH, str(place / "mnt"), str(services.units))
    taken = []
    with sources.watching(argv, source, place / "loop.log", PATH=services.path) as loop:
        loop.await_line("the whole source: runs", 60)
        for number in range(10, 10 + ROUNDS):
            begin = time.monotonic()
            source.says(f" {number}")
            await_answer(place / "api.sock", f"ok {number}\n")
            loop.await_line(": runs", 60)
            taken.append(round(time.monotonic() - begin, 2))
    median = statistics.median(taken)
    record_property("seconds from saved to running, API and worker natively", f"median {median} of {taken}")
    assert median < SECONDS


def await_answer(path: Path, wanted: str) -> None:
    for _ in until(60, 0.01):
        with suppress(OSError):  # it is being restarted
            if asked(path).endswith(f"\r\n\r\n{wanted}"):
                return
    pytest.fail(f"the API does not answer {wanted!r}")


def asked(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(20)
        asking.connect(str(path))
        asking.sendall(b"GET /healthz HTTP/1.0\r\nHost: api\r\n\r\n")
        with asking.makefile("r", newline="") as answer:
            return answer.read()
