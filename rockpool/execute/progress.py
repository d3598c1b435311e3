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
def stage(title: str) -> Iterator[None]:
    """Announce a stage on stderr and remember its duration under its title when it ends well."""
    known = _durations().get(title)
    hint = "" if known is None else f" (took {_text(known)} last time)"
    print(f"  {title}{hint} …", file=sys.stderr, flush=True)
    begin = time.monotonic()
    yield
    seconds = time.monotonic() - begin
    print(f"  {title}: done in {_text(seconds)}", file=sys.stderr, flush=True)
    files.write(
        home() / "durations.json",
        json.dumps({**_durations(), title: round(seconds, 1)}, indent=1, sort_keys=True),
    )


def _durations() -> dict[str, float]:
    try:
        return dict(json.loads((home() / "durations.json").read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def _text(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
