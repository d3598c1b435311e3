"""Steps: what a plan consists of. Plain data; `rockpool.execute` and the pyinfra operations carry it out."""

from __future__ import annotations

from dataclasses import dataclass

from rockpool.secret import Secret

Argv = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Run a command to its end.

    `stdin` is text for the command, or None for no input. `seconds` is the deadline. With `required=False` a non-zero
    exit is told and passed over. `why` is one line in the user's words: it is the log, the event and the progress.
    `fix` is what the user can do when it fails.
    """

    argv: Argv
    why: str
    stdin: str | Secret | None = None
    seconds: float = 60
    required: bool = True
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Write:
    """Put a file in place atomically, with `mode` as in chmod (0o600, …)."""

    path: str
    content: str | Secret
    why: str
    mode: int = 0o644


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Repeat a command until it exits 0, `seconds` at most."""

    argv: Argv
    why: str
    seconds: float = 60


Step = Run | Write | Wait
Steps = tuple[Step, ...]


def explain(steps: Steps) -> str:
    """Say a plan in people's words, one line a step; the empty plan says so."""
    if not steps:
        return "nothing to do"
    return "\n".join(step.why for step in steps)
