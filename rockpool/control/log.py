"""Logs of the control plane: one JSON object a line on stderr, which the journal keeps.

A line holds names and ids, never a value that a user gave in `env`, a body, a query or a header.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

FIELDS = ("request", "workspace", "generation", "user", "method", "path", "status", "ms")
"""What a line may say besides its message: given as `extra`."""


class Lines(logging.Formatter):
    """Writes a record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        line |= {field: getattr(record, field) for field in FIELDS if getattr(record, field, None) not in (None, "")}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def setup(level: int = logging.INFO) -> None:
    """Have every logger of this process write so."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
