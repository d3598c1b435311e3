"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Iterator

PAUSE = 0.05


def until(seconds: float, pause: float = PAUSE) -> Iterator[float]:
    """Yield the seconds that are left, again and again with a pause between, until the deadline has passed."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        yield left
        time.sleep(pause)
