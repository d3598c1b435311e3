"""The three disks of a machine. They are sparse, they grow, they never shrink.

`qemu-img` runs as the account that QEMU runs as, never as root: a disk is something that a guest has written to.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import Damaged, Refused, RockpoolError, StepFailed
from rockpool.execute import process
from rockpool.execute.machine.account import Account
from rockpool.execute.machine.directory import BOOT_FILES, KEPT_DISKS, Directory
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import MIB, Machine, format_size
from rockpool.step import Argv

_SOURCES = dict(zip(BOOT_FILES, ("disk.raw", "vmlinuz", "initrd.img"), strict=True))


@dataclass(frozen=True, kw_only=True)
class Image:
    """A finished image: its name, its content hash and its directory."""

    name: str
    key: str
    path: Path


def lay_system(machine: Directory, account: Account, spec: Machine, image: Image) -> None:
    """Lay a fresh system disk over an image; the previous one is lost. Raises Damaged, Refused before it is.

    Killed anywhere, the machine has no system disk, and the next call makes it.
    """
    _check_image(image, spec)
    (machine.path / "system.qcow2").unlink(missing_ok=True)
    for file, source in _SOURCES.items():
        _link(image.path / source, machine.path / file)
    machine.write_json("image.json", {"name": image.name, "key": image.key})
    _make(machine, account, "system", spec.system, ("-b", "base.raw", "-F", "raw"))


def lacks_system(machine: Directory) -> bool:
    """Say whether the system disk or anything that it needs below it is missing: then it is laid anew."""
    return not {"system.qcow2", "image.json", *BOOT_FILES}.isdisjoint(machine.missing)


def make_kept(machine: Directory, account: Account, spec: Machine) -> None:
    """Make the state and workspaces disks where they are missing. Raises Damaged when they were there before."""
    gone = [disk for disk in KEPT_DISKS if not (machine.path / f"{disk}.qcow2").is_file()]
    if gone and (machine.path / "spec.json").is_file():
        raise Damaged(
            f"machine {machine.name!r} has lost a disk: {', '.join(gone)}",
            why=f"its file in {machine.path} is gone, and an empty one would hide that",
            fix="put the file back, or destroy the machine and create it anew (invoke vm.destroy, make up)",
        )
    for disk in gone:
        _make(machine, account, disk, getattr(spec, disk), ())


def grow(machine: Directory, account: Account, spec: Machine) -> None:
    """Grow each disk to what the spec says; the guest grows its file systems at its next boot."""
    for disk in DISKS:
        wanted = getattr(spec, disk)
        if virtual_size(machine, account, disk) < wanted:
            _qemu_img(machine, account, "resize", "-q", "-f", "qcow2", f"{disk}.qcow2", str(wanted))


def virtual_size(machine: Directory, account: Account, disk: str) -> int:
    """Return the size in bytes that the guest sees. Raises Damaged when the file is no disk."""
    try:
        told = _qemu_img(machine, account, "info", "-U", "--output=json", "-f", "qcow2", f"{disk}.qcow2")
    except StepFailed as error:
        raise Damaged(
            f"the {disk} disk of machine {machine.name!r} cannot be read",
            why=error.why,
            fix="invoke vm.rebuild makes a new system disk" if disk == "system" else "restore it from a backup",
        ) from error
    return int(json.loads(told)["virtual-size"])


def _check_image(image: Image, spec: Machine) -> None:
    absent = [name for name in _SOURCES.values() if not (image.path / name).is_file()]
    if absent:
        raise Damaged(
            f"image {image.name} ({image.key}) is damaged",
            why=f"{', '.join(absent)} missing in {image.path}",
            fix=f"delete {image.path} and build it again: invoke image.build {image.name}",
        )
    size = (image.path / "disk.raw").stat().st_size
    if spec.system < size:
        least = format_size(-(-size // MIB) * MIB)
        raise Refused(
            f"a system disk of {format_size(spec.system)} is too small for image {image.name}",
            why=f"the image has {least}",
            fix=f"set system to {least} or more",
        )


def _link(source: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    try:
        os.link(source, draft)
    except OSError as error:
        raise RockpoolError(
            f"cannot link {source} into {target.parent}",
            why=str(error),
            fix="keep images and machines of one ROCKPOOL_HOME on one file system",
        ) from error
    draft.rename(target)


def _make(machine: Directory, account: Account, disk: str, size: int, base: Argv) -> None:
    draft = machine.path / f".{disk}.qcow2.new"
    draft.unlink(missing_ok=True)
    _qemu_img(machine, account, "create", "-q", "-f", "qcow2", *base, draft.name, str(size))
    draft.rename(machine.path / f"{disk}.qcow2")


def _qemu_img(machine: Directory, account: Account, *arguments: str) -> str:
    return process.run((*account.prefix, "qemu-img", *arguments), cwd=machine.path, seconds=120)
