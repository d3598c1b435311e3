"""Copying files into a workspace and out of it, as a tar stream from or to its own `tar`."""

from __future__ import annotations

import posixpath
import shlex
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rockpool.errors import NotFound, Refused, StepFailed
from rockpool.execute import unpacking
from rockpool.execute.workspaces import enter
from rockpool.step import Argv

Tell = Callable[[str], None]
Enter = Callable[[str, Argv], Argv]
"""Returns the command that runs an argv in a workspace."""


def send(source: Path, name: str, target: str, enter: Enter = enter) -> None:
    """Copy a file or directory of this host to `target` in a workspace: into it when it is a directory, else as it.

    A relative target begins at the home. Raises NotFound, StepFailed.
    """
    if not source.exists():
        raise NotFound(f"there is no {source}")
    target = plain(target)
    asked = subprocess.run(enter(name, ("test", "-d", target)), stdin=subprocess.DEVNULL, check=False)
    directory, called = (target, source.resolve().name) if asked.returncode == 0 else split(target)
    with _running(enter(name, ("tar", "-x", "-f", "-", "-C", directory)), stdin=subprocess.PIPE) as child:
        assert child.stdin  # noqa: S101  # it was asked for
        # When tar ends before its time, it says why.
        with suppress(BrokenPipeError), child.stdin, tarfile.open(fileobj=child.stdin, mode="w|") as archive:
            archive.add(source.resolve(), arcname=called, filter=_nobodys)


def fetch(name: str, source: str, target: Path, tell: Tell, enter: Enter = enter) -> None:
    """Copy a file or directory of a workspace to `target` on this host: into it when it is a directory, else as it.

    Nothing is seen at the target before all is there; a directory is never replaced. What is neither file, directory
    nor link is left out and told. Raises NotFound, Refused, StepFailed.
    """
    directory, base = split(plain(source))
    final = target / (name if base == "." else base) if target.is_dir() else target
    if not final.parent.is_dir():
        raise NotFound(f"there is no {final.parent}")
    if final.is_dir():
        raise Refused(f"cannot copy to {final}", why="it is a directory", fix="remove it, or name another target")
    with tempfile.TemporaryDirectory(prefix=".rockpool-", dir=final.parent) as part:
        packed = enter(name, ("tar", "-c", "-f", "-", "-C", directory, base))
        with (
            _running(packed, stdout=subprocess.PIPE) as child,
            tarfile.open(fileobj=child.stdout, mode="r|") as archive,
        ):
            unpacking.unpack(archive, Path(part) / "all", tell)
        (Path(part) / "all" / base).rename(final)


def plain(path: str) -> str:
    """Return a path that no program takes for an option; the empty one is the home."""
    path = posixpath.normpath(path or ".")
    return f"./{path}" if path.startswith("-") else path


def split(path: str) -> tuple[str, str]:
    """Return a directory and a name in it; for a path that ends in no name, the path and `.`."""
    directory, base = posixpath.split(path)
    if base in ("", ".", ".."):
        return path, "."
    return directory or ".", base if not base.startswith("-") else f"./{base}"


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Say nothing about who owns it here: inside, it belongs to the workspace."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


@contextmanager
def _running(
    argv: Argv, *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command beside the block. Raises StepFailed when it fails, with the end of what it said."""
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=told) as child:
            fault: tarfile.TarError | None = None
            try:
                yield child
            except tarfile.TarError as error:
                fault = error  # a stream that broke off: the command knows why
            except BaseException:
                child.kill()
                raise
        if child.returncode or fault:
            raise StepFailed(f"{shlex.join(argv)} exited {child.returncode}", why=_end(told) or str(fault)) from fault


def _end(told: IO[bytes]) -> str:
    told.seek(0)
    return "\n".join(told.read().decode(errors="replace").strip().splitlines()[-5:])
