"""Small shell scripts that run on a host, kept as files so that shellcheck reads them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from pyinfra.api.command import PyinfraCommand, QuoteString, StringCommand

from rockpool.secret import Secret

Commands = Generator[PyinfraCommand, None, None]
"""What the body of an operation is."""

_HERE = Path(__file__).resolve().parent
_CODE = {
    path.stem: "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
    for directory in (_HERE / "scripts", _HERE.parent / "operations" / "scripts")
    for path in sorted(directory.glob("*.sh"))
}


def code(name: str) -> str:
    """Return the text of the script `name` as it travels: without its comments, which are for its reader."""
    return _CODE[name]


def script(name: str, *arguments: str, stdin: str | Secret | None = None) -> StringCommand:
    """Return the command that runs a script of ours with these arguments, whatever characters they hold."""
    return argv("sh", "-c", code(name), name, *arguments, stdin=stdin)


def argv(*words: str, stdin: str | Secret | None = None) -> StringCommand:
    """Return the command with these words, each quoted. `stdin` is never printed."""
    text = stdin.reveal() if isinstance(stdin, Secret) else stdin
    quoted = [QuoteString(word) for word in words]
    return StringCommand(*quoted) if text is None else StringCommand(*quoted, _stdin=text)
