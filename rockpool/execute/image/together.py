"""Jobs that run side by side, each waiting for those whose result it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

Part = Callable[[str], Path]
"""Waits for another job and returns its result; raises what made that one fail."""


def run(jobs: Mapping[str, Callable[[Part], Path]]) -> dict[str, Path]:
    """Run all jobs and return their results. The first failure is raised at once, whatever still runs.

    The threads are daemons, so the end of this process ends them too; their commands end with it (`tree.ALONE`).
    """
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

    for name in jobs:
        Thread(target=carry_out, args=(name,), name=f"image-{name}", daemon=True).start()
    return {name: part(name) for name in (done.get() for _ in jobs)}
