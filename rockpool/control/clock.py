"""Times as the control plane keeps them: whole milliseconds since 1970, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """Return this moment."""
    return time.time_ns() // 1_000_000


def iso(at: int) -> str:
    """Return a time as the API says it: ISO 8601 in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
