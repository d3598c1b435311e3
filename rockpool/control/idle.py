"""When nobody uses a workspace any more. Pure: from samples to a verdict.

An open connection, a heartbeat of the editor and work of the processors each count as use, so a build without a browser
is use as well. What cannot be told counts as use. Times are seconds of a clock that nobody sets.
"""

from __future__ import annotations

from dataclasses import dataclass

BUSY = 0.05
"""Processors: less is what an editor without anybody takes."""

GAP = 90.0
"""Seconds between two samples after which nobody can say what happened in between."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What was seen at a moment.

    `connections` to its routes, `cpu` the processor seconds since its start: None when nobody can say. `heartbeat` is
    the editor's last, in any unit; None when it has none. `carried` is the processor seconds of what carries requests
    to its ports: it goes up with those that come and go between two samples.
    """

    at: float
    connections: int | None = 0
    heartbeat: int | None = None
    cpu: float | None = None
    carried: float = 0


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A workspace that is watched: the last sample, and when it was last used."""

    last: Sample
    used_at: float


def watch(before: Watch | None, now: Sample) -> Watch:
    """Return what is known after one more sample."""
    if before is None or _is_used(before.last, now):
        return Watch(last=now, used_at=now.at)
    return Watch(last=now, used_at=before.used_at)


def is_idle(known: Watch, timeout: float) -> bool:
    """Say whether it was not used for so long that it may be stopped."""
    return known.last.at - known.used_at >= timeout


def _is_used(before: Sample, now: Sample) -> bool:
    seconds = now.at - before.at
    if not 0 < seconds <= GAP or now.cpu is None or before.cpu is None:
        return True
    if now.connections != 0 or now.heartbeat != before.heartbeat or now.carried > before.carried:
        return True
    worked = (now.cpu - before.cpu) / seconds
    return not 0 <= worked < BUSY
