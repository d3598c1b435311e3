"""Jobs that run side by side, each waiting for those whose result it asks for."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

Part = Callable[[str], Path]
"""Waits for another job and returns its result; raises what made that one fail."""


def run(jobs: Mapping[str, Callable[[Part], Path]]) -> dict[str, Path]:
    """Run all jobs and return their results. The first failure (or Ctrl-C) ends the others, then it is raised."""
    futures: dict[str, Future[Path]] = {name: Future() for name in jobs}
    done: SimpleQueue[str] = SimpleQueue()

    def part(name: str) -> Path:
        return futures[name].result()

    def carry_out(name: str) -> None:
        try:
            futures[name].set_result(jobs[name](part))
        except BaseException as error:
            futures[name].set_exception(error)
        done.put(name)

    # Daemons: should this process be killed, nothing waits for them, and their commands end with it (`tree.ALONE`).
    threads = [Thread(target=carry_out, args=(name,), name=f"image-{name}", daemon=True) for name in jobs]
    for thread in threads:
        thread.start()
    try:
        return {name: part(name) for name in (done.get() for _ in jobs)}
    except BaseException:
        for thread in threads:
            _end(thread)
        raise


def _end(thread: Thread) -> None:
    """Kill the commands that a thread waits for, so that it fails, cleans up and ends."""
    children = Path(f"/proc/self/task/{thread.native_id}/children")
    while thread.is_alive():
        with suppress(FileNotFoundError, ProcessLookupError):
            for pid in children.read_text().split():
                os.kill(int(pid), signal.SIGKILL)
        thread.join(0.1)
