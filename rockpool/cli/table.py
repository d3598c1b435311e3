"""What people read and what programs read. Nothing here does anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from rockpool.client.answers import plain


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return aligned columns under a header, two blanks between them."""
    lines = [[plain(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return one aligned line for each pair whose value is not empty."""
    told = [(key, plain(value)) for key, value in rows if value]
    width = max((len(key) for key, _ in told), default=0)
    return "\n".join(f"{key.ljust(width)}  {value}" for key, value in told)


def data(value: object) -> str:
    """Return JSON for programs."""
    return json.dumps(value, indent=1, ensure_ascii=False)
