"""Reading plain data: typed values, and every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rockpool.errors import Fault, InputError
from rockpool.spec.units import format_duration, format_size, parse_duration, parse_size


class Reader:
    """Takes typed values out of a mapping and collects what is wrong with them."""

    def __init__(self, data: Mapping[str, Any], spec: type[Any]) -> None:
        self._data = data
        self._faults = [
            Fault(
                field=str(unknown),
                message=f"is not known; known are {', '.join(f.name for f in fields(spec))}",
            )
            for unknown in sorted(set(data) - {f.name for f in fields(spec)})
        ]

    def fault(self, field: str, message: str) -> None:
        """Note one wrong value."""
        self._faults.append(Fault(field=field, message=message))

    def finish(self, subject: str) -> None:
        """Raise InputError with every fault, if there is any."""
        if self._faults:
            raise InputError(subject, sorted(self._faults))

    def text(self, field: str, default: str) -> str:
        """Return a text."""
        value = self._data.get(field, default)
        if isinstance(value, str):
            return value
        self.fault(field, f"must be a text, not {value!r}")
        return default

    def flag(self, field: str, default: bool) -> bool:  # a default is a value here, not a switch
        """Return true or false."""
        value = self._data.get(field, default)
        if isinstance(value, bool):
            return value
        self.fault(field, f"must be true or false, not {value!r}")
        return default

    def number(self, field: str, default: int, least: int, most: int) -> int:
        """Return a whole number within both ends."""
        return self.number_of(field, self._data.get(field, default), default, least, most)

    def number_of(self, field: str, value: object, default: int, least: int, most: int) -> int:
        """Check a value that was found elsewhere, such as in a list."""
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(field, f"must be a whole number from {least} to {most}, not {value!r}")
        return default

    def size(self, field: str, default: int, least: int, most: int) -> int:
        """Return the bytes of a size."""
        value = self._data.get(field, format_size(default))
        try:
            size = parse_size(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.fault(field, str(error))
            return default
        if not least <= size <= most:
            self.fault(field, f"must be from {format_size(least)} to {format_size(most)}, not {value}")
            return default
        return size

    def duration(self, field: str, default: int, least: int, most: int) -> int:
        """Return the seconds of a time; the empty text is 0, which means never."""
        value = self._data.get(field, format_duration(default) if default else "")
        if value == "":
            return 0
        try:
            seconds = parse_duration(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.fault(field, str(error))
            return default
        if not least <= seconds <= most:
            self.fault(field, f"must be from {format_duration(least)} to {format_duration(most)}, not {value}")
            return default
        return seconds

    def texts(self, field: str) -> tuple[tuple[str, str], ...]:
        """Return a mapping of texts to texts as sorted pairs."""
        value = self._data.get(field, {})
        if isinstance(value, Mapping) and all(isinstance(text, str) for item in value.items() for text in item):
            return tuple(sorted(value.items()))
        self.fault(field, "must be a mapping of texts to texts")
        return ()

    def items(self, field: str, known: tuple[str, ...]) -> tuple[tuple[str, Mapping[str, Any]], ...] | None:
        """Return a list of mappings, each with its place such as `ports[0]`; None when there is none to read."""
        value = self._data.get(field)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in value):
            self.fault(field, f"must be a list of mappings with {' and '.join(known)}")
            return None
        placed = tuple((f"{field}[{index}]", item) for index, item in enumerate(value))
        for place, item in placed:
            for unknown in sorted(set(item) - set(known)):
                self.fault(f"{place}.{unknown}", f"is not known; known are {', '.join(known)}")
        return placed
