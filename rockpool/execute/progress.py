"""Long work says what is happening, and how long it took last time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rockpool.execute import files
from rockpool.execute.home import home


@contextmanager
def stage(title: str, key: str = "") -> Iterator[None]:
    """Announce a stage on stderr and remember its duration under `key`, or its title, when it ends well."""
    known = last(key or title)
    hint = "" if known is None else f" (took {text(known)} last time)"
    print(f"  {title}{hint} …", file=sys.stderr, flush=True)
    begin = time.monotonic()
    yield
    seconds = time.monotonic() - begin
    print(f"  {title}: done in {text(seconds)}", file=sys.stderr, flush=True)
    remember(key or title, seconds)


def last(title: str) -> float | None:
    """Return how many seconds something took last time, or None."""
    return _durations().get(title)


def remember(title: str, seconds: float) -> None:
    """Keep how long something took."""
    durations = {**_durations(), title: round(seconds, 1)}
    files.write(home() / "durations.json", json.dumps(durations, indent=1, sort_keys=True))


def _durations() -> dict[str, float]:
    try:
        return dict(json.loads((home() / "durations.json").read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def text(seconds: float) -> str:
    """Say a duration as people do."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
