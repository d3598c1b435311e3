"""Steps of a plan as pyinfra commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyinfra.api.command import QuoteString, StringCommand

from rockpool.facts.script import code
from rockpool.secret import Secret
from rockpool.step import Argv, Run, Step, Steps, Wait, Write

_GRACE = 30


def commands(steps: Steps) -> Iterator[StringCommand]:
    """Yield one command a step. Stdin, secrets included, goes by pyinfra's stdin and is never shown."""
    for step in steps:
        yield _command(step)


def _command(step: Step) -> StringCommand:
    if isinstance(step, Wait):
        return _of(_script("wait_until", str(round(step.seconds)), step.why, *step.argv), seconds=step.seconds + _GRACE)
    if isinstance(step, Write):
        content = _reveal(step.content) or ""
        argv = _script("write_file", step.path, str(len(content.encode())), f"{step.mode:o}")
        return _of(argv, stdin=content, seconds=60)
    return _run(step)


def _run(step: Run) -> StringCommand:
    stdin = _reveal(step.stdin)
    exact = not stdin or stdin.endswith("\n")
    argv = step.argv if exact else _script("exact_stdin", str(len((stdin or "").encode())), *step.argv)
    argv = argv if step.required else _script("may_fail", step.why, *argv)
    return _of(argv, stdin=stdin, seconds=step.seconds)


def _script(name: str, *arguments: str) -> Argv:
    return ("sh", "-c", code(name), name, *arguments)


def _of(argv: Argv, *, seconds: float, stdin: str | None = None, **more: Any) -> StringCommand:
    if stdin:
        more["_stdin"] = stdin
    return StringCommand(*(QuoteString(word) for word in argv), _timeout=round(seconds), **more)


def _reveal(text: str | Secret | None) -> str | None:
    return text.reveal() if isinstance(text, Secret) else text
