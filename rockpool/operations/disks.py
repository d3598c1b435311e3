"""Disks of ours: made once, mounted always, and never mistaken for somebody else's."""

from __future__ import annotations

import hashlib
import re

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.errors import HostNotReady, Refused, RockpoolError
from rockpool.facts.disks import Disk, DiskState
from rockpool.facts.script import Commands, argv, script
from rockpool.operations.refuse import refuse

_MAKING = "rp-making"
"""The label of a file system of ours that is not finished."""

_UNIT = """\
[Unit]
Description={label} on {mountpoint}
{check}
[Mount]
What={what}
Where={mountpoint}
Type={fstype}
Options={options}

[Install]
WantedBy=local-fs.target
"""


@operation()
def filesystem(serial: str, *, fstype: str, label: str, mountpoint: str, options: str) -> Commands:
    """A virtio disk with this serial that carries a file system, mounted now and at each boot.

    + fstype: ext4 or xfs
    + label: of the file system, 12 characters at most; a disk with this label is ours
    + options: of the mount, with commas

    A blank disk is formatted. Anything else than ours is refused, and so is a machine without the disk. A boot without
    the disk goes on without the mount.
    """
    yield from _wanted(f"/dev/disk/by-id/virtio-{serial}", 0, fstype, label, mountpoint, options)


@operation()
def image(path: str, *, size: int, fstype: str, label: str, mountpoint: str, options: str) -> Commands:
    """The same in a sparse file of `size` bytes, for a machine that has no disk to give. It grows, never shrinks."""
    yield from _wanted(path, size, fstype, label, mountpoint, f"loop,{options}")


def unit_name(mountpoint: str) -> str:
    """Return the name that systemd gives to the mount unit of a mount point, as `systemd-escape --path` does."""
    escaped = re.sub(r"[^A-Za-z0-9:_./]", lambda match: f"\\x{ord(match[0]):02x}", mountpoint.strip("/"))
    return escaped.replace("/", "-") + ".mount"


def _wanted(source: str, size: int, fstype: str, label: str, mountpoint: str, options: str) -> Commands:
    file = f"/etc/systemd/system/{unit_name(mountpoint)}"
    current = host.get_fact(Disk, source=source, mountpoint=mountpoint, unit=file)
    fault = _fault(current, source=source, size=size, fstype=fstype, label=label, mountpoint=mountpoint)
    if fault:
        yield refuse(fault)
        return
    text = _text(source, size, fstype, label, mountpoint, options)
    pending = False
    for command in (
        *_made(current, source, size, fstype, label, mountpoint),
        *_mounted(current, file, text, mounted=f"{fstype} {label}", options=options),
    ):
        pending = True
        yield command
    if not pending:
        host.noop(f"{mountpoint} is mounted from {source}")


def _fault(
    current: DiskState, *, source: str, size: int, fstype: str, label: str, mountpoint: str
) -> RockpoolError | None:
    if not (current.there or size):
        return HostNotReady(
            f"cannot mount {mountpoint}",
            why=f"this machine has no disk {source}",
            fix="give it one with that serial, or set `disks` for this machine in group_data to None",
        )
    if current.holds and current.label != _MAKING and (current.holds, current.label) != (fstype, label):
        named = f" labelled {current.label!r}" if current.label else ""
        return Refused(
            f"cannot use {source} for {mountpoint}",
            why=f"it holds {current.holds}{named}, which is not ours",
            fix=f"keep what you need of it, then clear it by `wipefs -a {source}` and deploy again",
        )
    if current.mounted and current.mounted != f"{fstype} {label}":
        return Refused(
            f"cannot mount {source} at {mountpoint}",
            why=f"{current.mounted} is mounted there",
            fix=f"unmount it (`umount {mountpoint}`) and remove what mounts it at boot, then deploy again",
        )
    return None


def _made(current: DiskState, source: str, size: int, fstype: str, label: str, mountpoint: str) -> Commands:
    if current.bytes < size:
        yield script("grow_image", source, str(size), *([mountpoint] if current.mounted else []))
    if current.blank or not current.there or current.label == _MAKING:
        yield script("make_filesystem", source, fstype, label)


def _mounted(current: DiskState, file: str, text: str, *, mounted: str, options: str) -> Commands:
    unit = file.rpartition("/")[2]
    stale = current.unit != hashlib.sha256(text.encode()).hexdigest()
    if stale:
        yield script("write", file, "644", "root", "root", str(len(text)), stdin=text)
        yield argv("systemctl", "daemon-reload")
    if not current.enabled:
        yield argv("systemctl", "enable", unit)
    if current.mounted != mounted:
        yield argv("systemctl", "start", unit)
    elif not set(options.split(",")) - {"loop"} <= set(current.options):
        yield argv("systemctl", "restart", unit)


def _text(source: str, size: int, fstype: str, label: str, mountpoint: str, options: str) -> str:
    device = unit_name(source).removesuffix(".mount")
    check = f"Wants=systemd-fsck@{device}.service\nAfter=systemd-fsck@{device}.service\n"
    return _UNIT.format(
        what=source,
        check="" if size or fstype == "xfs" else check,
        fstype=fstype,
        label=label,
        mountpoint=mountpoint,
        options=options,
    )
