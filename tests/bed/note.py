"""How a test notes a figure that its proof is kept for: pytest's `record_property`, told at the end of a run."""

from collections.abc import Callable

Note = Callable[[str, object], None]
