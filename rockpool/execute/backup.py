"""Backups of the control plane's database and of every home, made in the root VM and carried to this host and back."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import NotFound, StepFailed
from rockpool.execute import home, machine, process
from rockpool.step import Argv

_PROGRAM = "/usr/lib/rockpool/backup"
_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Backup:
    """One in the root VM: its id, which is its time in UTC, and how many homes it has."""

    id: str
    homes: int


def make(name: str) -> str:
    """Make one in machine `name` and return its id."""
    return process.run(_inside(name, "make"), seconds=_SECONDS).strip()


def there(name: str) -> list[Backup]:
    """Return those in machine `name`, oldest first."""
    lines = process.run(_inside(name, "list"), seconds=60).splitlines()
    return [Backup(id=line.split()[0], homes=int(line.split()[1])) for line in lines]


def fetch(name: str, backup: str, to: Path | None = None) -> Path:
    """Bring one to this host as a tar archive that its owner alone may read, whole or not at all."""
    path = to or home.make(home.home() / "backups") / f"{backup}.tar"
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            _pipe(_inside(name, "send", backup), stdout=file.fileno())
            os.fsync(file.fileno())
            Path(file.name).rename(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return path


def bring(name: str, path: Path) -> str:
    """Carry an archive into machine `name` and return its id there. Raises NotFound, StepFailed."""
    try:
        with path.open("rb") as file:
            return _pipe(_inside(name, "receive"), stdin=file.fileno()).strip()
    except FileNotFoundError as error:
        raise NotFound(f"no backup {path}", fix="`invoke control.backups` lists those in the root VM") from error


def restore(name: str, backup: str) -> None:
    """Put one back in machine `name`. What is there now is backed up first, and its homes are set aside."""
    process.run(_inside(name, "restore", backup), seconds=_SECONDS)


def _inside(name: str, *arguments: str) -> Argv:
    found, _ = machine.whole(name)
    return machine.ssh_command(found, shlex.join((_PROGRAM, *arguments)))


def _pipe(argv: Argv, *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.PIPE) -> str:
    done = subprocess.run(argv, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=_SECONDS, check=False)
    if done.returncode:
        raise StepFailed("cannot carry the backup", why=done.stderr.decode(errors="replace").strip())
    return (done.stdout or b"").decode()
