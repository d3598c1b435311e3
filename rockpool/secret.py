"""A value that must not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Secret:
    """Holds a secret text. Printing, formatting or comparing logs never shows it; `reveal()` does.

    A secret reaches a command by stdin or by a file of mode 0600, never by argv or environment.
    """

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the secret itself, for the one place that needs it."""
        return self._text

    def __str__(self) -> str:
        return "<secret>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
