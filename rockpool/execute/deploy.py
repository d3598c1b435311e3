"""The deploy as a process of its own: pyinfra patches the process it runs in, and ours stays as it is."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import rockpool
from rockpool.errors import StepFailed
from rockpool.execute import home, progress
from rockpool.execute.pyinfra_words import Begins, Ends, Says, read

ROOT = Path(rockpool.__file__).resolve().parent.parent
"""Where the inventories and deploys lie."""

TELL_AFTER = 15
"""Seconds after which a long operation says that it is still at work."""

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a deploy ended: pyinfra's exit code, its JSON, what its last operation said, and where all of that is kept.

    `begin` is in seconds since the epoch.
    """

    code: int
    stdout: str
    said: tuple[str, ...]
    log: Path
    begin: float
    seconds: float


def run(*arguments: str, tell: Tell, inventory: str = "inventories/local.py") -> Run:
    """Run the deploy of the root VM and tell its progress. It goes on to its end even when `tell` is slow."""
    argv = (sys.executable, "-m", "pyinfra", "--json", *arguments, inventory, "deploys/root_vm.py")
    log, begin = home.home() / "deploy.log", time.time()
    with tempfile.TemporaryFile("w+") as stdout, log.open("w") as file:
        with subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True, errors="replace"
        ) as process:
            try:
                said = _tell_all(process.stderr, file, tell)
            except BaseException:
                process.terminate()
                raise
        stdout.seek(0)
        seconds = time.time() - begin
        return Run(code=process.returncode, stdout=stdout.read(), said=said, log=log, begin=begin, seconds=seconds)


def refuse_failure(done: Run) -> None:
    """Raise StepFailed, in the words of what failed, unless the deploy ended well."""
    if done.code:
        why = "\n".join(done.said[-15:] or _tail(done.log)) or f"pyinfra exited {done.code}"
        raise StepFailed("the deploy failed", why=why, fix=f"mend that and run it again; {done.log} has everything")


def _tail(log: Path) -> list[str]:
    """Return the end of what was said, for a fault of pyinfra's or ours that no host told."""
    return [line for line in log.read_text().splitlines() if line.strip() and not line.startswith("-->")][-5:]


def traffic(done: Run) -> dict[str, dict[str, int]]:
    """Return what a run spoke with each machine: connections, round trips, facts answered without one."""
    found = sorted((home.home() / "hosts").glob("*/traffic.json"))
    during = (path for path in found if path.stat().st_mtime >= done.begin)
    return {path.parent.name: dict(json.loads(path.read_text())) for path in during}


def _tell_all(stderr: IO[str] | None, log: IO[str], tell: Tell) -> tuple[str, ...]:
    """Tell what is happening until the process closes its stderr; return what the last operation's hosts said."""
    account = _Account(tell)
    for line in _lines(stderr):
        if line is None:
            account.still()
            continue
        log.write(line)
        log.flush()
        account.take(line)
    account.done()
    return tuple(account.said)


def _lines(stderr: IO[str] | None) -> Iterator[str | None]:
    """Yield the lines, and None for every while in which nothing came."""
    arrived: queue.Queue[str | None] = queue.Queue()

    def pump() -> None:
        for line in stderr or ():
            arrived.put(line)
        arrived.put(None)

    threading.Thread(target=pump, daemon=True).start()
    while True:
        try:
            line = arrived.get(timeout=TELL_AFTER)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line


class _Account:
    """Keeps account of the operation at work: its name, its beginning, whether it changed anything."""

    def __init__(self, tell: Tell) -> None:
        self.said: list[str] = []
        self._tell = tell
        self._name = ""
        self._begin = 0.0
        self._changed = self._ended = False

    def take(self, line: str) -> None:
        event = read(line)
        if isinstance(event, Begins):
            self.done()
            self._name, self._begin, self._changed, self._ended = event.name, time.monotonic(), False, False
            self.said.clear()
        elif isinstance(event, Ends):
            self._ended = True
            self._changed = self._changed or event.changed
        elif isinstance(event, Says):
            self.said.append(event.text)
            if self._name:
                self._tell(f"    {event.text}")

    def still(self) -> None:
        if self._name:
            known = progress.last(self._name)
            hint = f", {progress.text(known)} last time" if known else ""
            self._tell(f"  {self._name}: {progress.text(time.monotonic() - self._begin)} so far{hint}")

    def done(self) -> None:
        if not self._name:
            return
        seconds = time.monotonic() - self._begin
        end = ("changed" if self._changed else "as wanted") if self._ended else "failed"
        self._tell(f"  {self._name}: {end}" + (f" in {progress.text(seconds)}" if seconds >= 1 else ""))
        if self._ended and seconds >= 1:
            progress.remember(self._name, seconds)
        self._name = ""
