"""Sizes and times as people write them."""

from __future__ import annotations

import re

MIB = 1024**2
GIB = 1024**3

_SIZE = re.compile(r"([1-9][0-9]*)([mgt])")
_UNITS = {"m": MIB, "g": GIB, "t": 1024 * GIB}


def parse_size(text: str) -> int:
    """Return the bytes of a size such as `512m`, `8g` or `1t` (powers of 1024). Raises ValueError."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"must be a whole number with m, g or t behind it, such as 512m or 8g, not {text!r}")
    return int(match[1]) * _UNITS[match[2]]


def format_size(size: int) -> str:
    """Return the shortest text that `parse_size` reads as `size` bytes (a multiple of 1 MiB)."""
    for unit in ("t", "g", "m"):
        if size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    raise ValueError(f"{size} bytes are not a whole number of MiB")


def round_size(size: int) -> str:
    """Return about how much `size` bytes are, to be read by people."""
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{size // MIB} MiB"


_DURATION = re.compile(r"([1-9][0-9]*)([smhd])")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def parse_duration(text: str) -> int:
    """Return the seconds of a time such as `90s`, `30m`, `8h` or `2d`. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(f"must be a whole number with s, m, h or d behind it, such as 30m or 8h, not {text!r}")
    return int(match[1]) * _SECONDS[match[2]]


def format_duration(seconds: int) -> str:
    """Return the shortest text that `parse_duration` reads as `seconds` (1 or more)."""
    unit = next(unit for unit, length in _SECONDS.items() if seconds % length == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"
