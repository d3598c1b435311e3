"""`queue-run` with a Java that only talks: when systemd hears that the queue is ready, and when everything ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "templates/queue/queue-run"
RESTORED = [
    f"INFO QueueActor - Restored {count} messages in queue {name}" for count, name in ((0, "one"), (7, "one-dead"))
]


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[list[str]], subprocess.Popen[str]]]:
    """Start it with a Java that prints these lines and stays."""
    started: list[subprocess.Popen[str]] = []
    shutil.copy(PROGRAM, tmp_path / "queue-run")
    _script(tmp_path / "queue-check", "exit 0")
    _script(tmp_path / "systemd-notify", f'echo "$*" >> {tmp_path}/notified')
    _script(tmp_path / "java", f'echo "$*" > {tmp_path}/asked; cat {tmp_path}/says; exec sleep 60')

    def start(says: list[str]) -> subprocess.Popen[str]:
        (tmp_path / "says").write_text("".join(f"{line}\n" for line in says))
        argv = [str(tmp_path / "queue-run"), "9324", "queue.conf", f"{tmp_path}/lib", "one", "one-dead"]
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNTIME_DIRECTORY": str(tmp_path)}
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            argv, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def notified(tmp_path: Path, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while not (tmp_path / "notified").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return (tmp_path / "notified").read_text() if (tmp_path / "notified").exists() else ""


def test_ready_when_every_queue_is_restored(run: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    run(["started", *RESTORED])
    assert notified(tmp_path, 10) == "--ready --status=answers on port 9324\n"


def test_not_ready_while_a_queue_is_missing(run: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    process = run([RESTORED[0], RESTORED[0], "ready?"])
    assert process.stdout is not None
    while "ready?" not in process.stdout.readline():
        pass
    assert notified(tmp_path, 0.5) == ""


@pytest.mark.parametrize(
    "says", ["ConnectionSourceStage: Bind failed because of X", "ERROR Failed to restore persisted queues"]
)
def test_it_ends_when_it_would_serve_nothing_or_too_little(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path, says: str
) -> None:
    process = run(["started", says, *RESTORED])
    assert process.wait(10) == -signal.SIGKILL
    assert notified(tmp_path, 0.5) == ""


def test_what_it_says_reaches_the_journal(run: Callable[..., subprocess.Popen[str]]) -> None:
    process = run(["first %s \\n line"])
    assert process.stdout is not None
    assert process.stdout.readline() == "first %s \\n line\n"


def test_java_gets_the_archive_and_the_jars_in_the_order_in_which_the_package_archived_them(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    (tmp_path / "lib").mkdir()
    for file in ("lib/b_1.jar", "lib/a.jar", "lib/B.jar", "classes.jsa"):
        (tmp_path / file).touch()
    run(["started", *RESTORED])
    notified(tmp_path, 10)
    asked = (tmp_path / "asked").read_text()
    assert f"-XX:SharedArchiveFile={tmp_path}/classes.jsa " in asked
    assert f" -cp {tmp_path}/lib/B.jar:{tmp_path}/lib/a.jar:{tmp_path}/lib/b_1.jar org." in asked
