"""The development loop: what changes in this source runs in the root VM, until the loop ends."""

from __future__ import annotations

import io
import shlex
import subprocess
import tarfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import IO

import rockpool
from rockpool.errors import StepFailed
from rockpool.execute import machine
from rockpool.step import Argv

PACKAGE = Path(rockpool.__file__).resolve().parent
UNITS = ("rockpool-api.service", "rockpool-worker.service")

_UNDONE_SECONDS = 600
_SOURCE = "/mnt/rockpool"
_RUNTIME_UNITS = "/run/systemd/system"
_SCRIPT = (files("rockpool.execute") / "scripts" / "follow_source.sh").read_text()


def changes() -> Iterator[set[str]]:
    """Yield the changed paths of this source, those that come together at once, beginning with nothing changed."""
    from watchfiles import watch  # only this loop needs it

    watched = watch(PACKAGE, debounce=200, rust_timeout=500, yield_on_timeout=True)
    yield {path for _, path in next(watched)}  # it watches already when this is pushed, so nothing is missed
    yield from ({path for _, path in found} for found in watched if found)


def follow(name: str, batches: Iterable[set[str]], tell: Callable[[str], None]) -> None:
    """Push the source into machine `name` at each batch of changes, and restart what runs from it."""
    found, _ = machine.whole(name)
    follow_by(machine.ssh_command(found, shlex.join(remote(_SOURCE, _RUNTIME_UNITS))), batches, tell)


def remote(source: str, runtime_units: str) -> Argv:
    """Return what runs in the machine: it undoes everything when its stdin ends."""
    return ("sh", "-c", _SCRIPT, "follow_source", source, runtime_units, *UNITS)


def follow_by(argv: Argv, batches: Iterable[set[str]], tell: Callable[[str], None]) -> None:
    """Push by a command that leads to the machine. Raises StepFailed when it ends before the batches do."""
    with _connection(argv) as (to, answers):
        for batch in batches:
            begin = time.monotonic()
            content = archive()
            to.write(b"%d\n" % len(content) + content)
            to.flush()
            answer = answers.readline().decode().strip()
            if not answer:
                raise StepFailed("cannot push the source", why="the connection to the machine ended")
            tell(f"  {_what(batch)}: {answer}, {time.monotonic() - begin:.1f} s")


def archive() -> bytes:
    """Return this source as a tar archive, without what Python makes of it and with what it asks its version of.

    The times of its files say what is in them: bytecode that was made of another content is never taken for this one's,
    though two saves came in one second.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(PACKAGE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = path.read_bytes()
                entry = tarfile.TarInfo(f"rockpool/{path.relative_to(PACKAGE)}")
                entry.size, entry.mtime = len(content), zlib.crc32(content)
                tar.addfile(entry, io.BytesIO(content))
        metadata = f"Metadata-Version: 2.1\nName: rockpool\nVersion: {version('rockpool')}\n".encode()
        entry = tarfile.TarInfo(f"rockpool-{version('rockpool')}.dist-info/METADATA")
        entry.size = len(metadata)
        tar.addfile(entry, io.BytesIO(metadata))
    return buffer.getvalue()


def _what(batch: set[str]) -> str:
    names = sorted(Path(path).name for path in batch)
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "") if names else "the whole source"


@contextmanager
def _connection(argv: Argv) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    # Ctrl-C ends this program only: the connection ends when all is undone.
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("Popen gave no pipes")
        try:
            yield process.stdin, process.stdout
        except BrokenPipeError as error:
            raise StepFailed("cannot push the source", why="the connection to the machine ended") from error
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()  # that undoes it
            _await_end(process)


def _await_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_UNDONE_SECONDS)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise StepFailed(
            "cannot tell whether the release runs again", why="the machine does not answer", fix="deploy again"
        ) from error
