"""A copy of this source that a test may change, as somebody does who works on it, and the loop that watches it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import rockpool
from rockpool.execute.machine.until import until
from rockpool.step import Argv

_PACKAGE = Path(rockpool.__file__).resolve().parent
_SAYS = ("rockpool/control/api/app.py", 'return "ok', '\\n"')
"""The file that says what /healthz answers, and what stands there around what it may say besides."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A copy of the package below `place`."""

    place: Path

    def says(self, text: str) -> None:
        """Save a file by which /healthz answers `ok` and this; equally long texts are equally long files."""
        _, before, after = _SAYS
        head, _, tail = self._file.read_text().partition(before)
        self._save(head + before + text + after + tail.partition(after)[2])

    def breaks(self) -> None:
        """Save something that is no Python."""
        self._save(self._file.read_text() + "\ndef\n")

    def mends(self) -> None:
        """Take that back."""
        self._save(self._file.read_text().removesuffix("\ndef\n"))

    @property
    def _file(self) -> Path:
        return self.place / _SAYS[0]

    def _save(self, text: str) -> None:
        """Replace the file at once, as editors do: half a file would be told not to start, until the next save."""
        new = self.place / "new"
        new.write_text(text)
        new.rename(self._file)


def copied(place: Path) -> Source:
    """Copy the package there."""
    shutil.copytree(_PACKAGE, place / "rockpool", ignore=shutil.ignore_patterns("__pycache__"))
    return Source(place=place)


@dataclass(kw_only=True)
class Loop:
    """A process that watches, and the lines that it has said."""

    process: subprocess.Popen[str]
    log: Path
    seen: int = field(default=0)

    @property
    def lines(self) -> list[str]:
        """Return all that it has said."""
        return self.log.read_text().splitlines()

    def await_line(self, text: str, seconds: float) -> str:
        """Wait for a line with this text that was not waited for before."""
        for _ in until(seconds, 0.05):
            for number, line in enumerate(self.lines[self.seen :], self.seen + 1):
                if text in line:
                    self.seen = number
                    return line
            assert self.process.poll() is None, self.lines
        raise AssertionError(f"it has not said {text!r}: {self.lines}")


@contextmanager
def watching(argv: Argv, source: Source, log: Path, **env: str) -> Iterator[Loop]:
    """Have a program of that source watch it for the block."""
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(source.place), **env}
    with log.open("w") as file, subprocess.Popen(argv, env=environment, stderr=file, text=True) as process:
        try:
            yield Loop(process=process, log=log)
        finally:
            process.kill()
