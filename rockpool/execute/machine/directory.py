"""The directory of a machine: what lies where, whose it is, and how far it has come.

`uuid` is made first and marks the directory as ours; `spec.json` is written last and says that the machine is whole.
`system.qcow2` exists only beside the very `base.raw` that it is laid over: whoever swaps the base removes it first.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rockpool import names
from rockpool.errors import Damaged, Fault, InputError, NotFound, Refused
from rockpool.execute import files, home
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import Machine

BOOT_FILES = ("base.raw", "vmlinuz", "initrd.img")
KEPT_DISKS = ("state", "workspaces")


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The directory of one machine, there or not."""

    name: str
    path: Path

    @property
    def exists(self) -> bool:
        """Whether anything of that name is there, ours or not."""
        return os.path.lexists(self.path)

    @property
    def foreign(self) -> str:
        """Say whose it is when it was made by something else; empty when it is ours or absent."""
        if not self.exists or (not self.path.is_symlink() and (self.path / "uuid").is_file()):
            return ""
        return f"{self.path} holds no machine of Rockpool"

    @property
    def missing(self) -> tuple[str, ...]:
        """The files that a whole machine has and this one lacks."""
        disks = [f"{disk}.qcow2" for disk in DISKS]
        needed = ("spec.json", "image.json", *BOOT_FILES, *disks, "id_ed25519", "host_ed25519")
        return tuple(file for file in needed if not (self.path / file).is_file())

    @property
    def uuid(self) -> str:
        """The machine's identity, in QEMU's command line and in the guest."""
        return (self.path / "uuid").read_text().strip()

    @property
    def image_key(self) -> str:
        """The content hash of the image below its system disk; empty when there is none yet."""
        return str(self.json("image.json").get("key", ""))

    @property
    def spec(self) -> Machine | None:
        """What it was made for; None while it was never whole."""
        data = self.json("spec.json")
        return Machine.parse(data) if data else None

    def json(self, file: str) -> dict[str, Any]:
        """Read a file of ours; an absent one is empty. Raises Damaged."""
        try:
            return dict(json.loads((self.path / file).read_text()))
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError) as error:
            raise Damaged(
                f"cannot read {self.path / file}", why=str(error), fix=f"restore it or delete {self.path}"
            ) from error

    def write_json(self, file: str, data: dict[str, Any]) -> None:
        """Write a file of ours, whole or not at all."""
        files.write(self.path / file, json.dumps(data, indent=1, sort_keys=True) + "\n")

    def make(self) -> None:
        """Make the directory with its mark in one rename, unless it is there. Raises Refused when it is not ours."""
        self.refuse_foreign()
        if self.exists:
            return
        home.make(home.machines())
        fresh = self._beside("new")
        fresh.mkdir(mode=0o700)
        files.write(fresh / "uuid", f"{uuid.uuid4()}\n")
        fresh.rename(self.path)

    def remove(self) -> None:
        """Delete it: out of sight in one rename, then file by file."""
        gone = self._beside("gone")
        if self.exists:
            self.path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def refuse_foreign(self) -> None:
        """Raise Refused when something else made it."""
        if self.foreign:
            raise Refused(
                f"cannot touch machine {self.name!r}",
                why=f"something of that name exists and is not ours: {self.foreign}",
                fix="remove it by the tool that made it, or choose another name",
            )

    def _beside(self, ending: str) -> Path:
        path = self.path.parent / f".{self.name}.{ending}"
        shutil.rmtree(path, ignore_errors=True)  # left by a killed process; the machine's lock is held here
        return path


def directory(name: str) -> Directory:
    """Return the directory that a machine of this name has or would have. Raises InputError for an impossible name."""
    if not names.MACHINE_NAME.fullmatch(name):
        rule = "must be 2 to 32 of a-z, 0-9 and single hyphens, first a letter, last a letter or digit"
        raise InputError(f"machine {name!r}", [Fault(field="name", message=f"{rule}, not {name!r}")])
    return Directory(name=name, path=home.machines() / name)


def existing(name: str) -> Directory:
    """Return the directory of a machine of ours. Raises NotFound, Refused when something else made it."""
    found = directory(name)
    if not found.exists:
        raise NotFound(f"there is no machine {name!r}", fix="make up, or rockpool machine create")
    found.refuse_foreign()
    return found


def whole(name: str) -> tuple[Directory, Machine]:
    """Return a machine that lacks nothing, with its spec. Raises NotFound, Refused, and Damaged naming what is gone."""
    found = existing(name)
    spec = found.spec
    if spec is None or found.missing:
        raise Damaged(
            f"machine {name!r} is half made",
            why=f"it lacks {', '.join(found.missing)}",
            fix="make up (or rockpool machine create with its spec) completes it",
        )
    return found, spec


def all_directories() -> list[Directory]:
    """Return every machine's directory, by name; hidden ones are work that a killed process left."""
    found = sorted(path for path in home.machines().glob("*") if names.MACHINE_NAME.fullmatch(path.name))
    return [Directory(name=path.name, path=path) for path in found]
