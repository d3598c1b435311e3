"""Podman's own: where its images come from."""

from __future__ import annotations

import hashlib

from pyinfra.api.command import StringCommand
from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.podman import Stores, StoresState
from rockpool.facts.script import Commands, argv, script
from rockpool.operations.disks import unit_name

_MOUNT = """\
# An image store that came with a package. Read-only: on a writable one the workspaces' user could rewrite the image.
[Unit]
Description=Image store {key}
Before=user@{uid}.service
RequiresMountsFor={directory}

[Mount]
What={directory}/{key}.squashfs
Where={mountpoint}
Type=squashfs
Options=loop,ro,nosuid,nodev

[Install]
WantedBy=multi-user.target
"""

_STORAGE = """\
# Newest store first: `latest` is found there. Older ones stay, because containers lie on their layers.
[storage]
driver = "overlay"
runroot = "/run/user/{uid}/containers"
graphroot = "{home}/containers"

[storage.options]
additionalimagestores = [{stores}]
"""


@operation()
def stores(directory: str, *, mountpoints: str, user: str, uid: int, home: str) -> Commands:
    """Every image store that a package brought: mounted read-only, and known to Podman of `user`, newest first.

    + directory: where packages put `KEY.squashfs`
    + mountpoints: the directory below which each is mounted by its key
    + uid: the user's number
    + home: the user's home, which is also where its containers lie

    A mount whose package is gone is taken away.
    """
    conf = f"{home}/.config/containers/storage.conf"
    current = host.get_fact(Stores, directory=directory, mountpoints=mountpoints, conf=conf)
    pending = False
    for command in (
        *_dropped(current, mountpoints),
        *_mounted(current, directory, mountpoints, uid),
        *_told(current, conf, mountpoints, user=user, uid=uid, home=home),
    ):
        pending = True
        yield command
    if not pending:
        host.noop(f"{len(current.stores)} image stores are in use")


def _dropped(current: StoresState, mountpoints: str) -> Commands:
    for key in sorted(set(current.units) - set(current.stores)):
        unit = unit_name(f"{mountpoints}/{key}")
        yield argv("systemctl", "disable", "--now", unit)
        yield argv("rm", "-f", f"/etc/systemd/system/{unit}")


def _mounted(current: StoresState, directory: str, mountpoints: str, uid: int) -> Commands:
    for key in current.stores:
        mountpoint = f"{mountpoints}/{key}"
        unit = unit_name(mountpoint)
        text = _MOUNT.format(key=key, directory=directory, mountpoint=mountpoint, uid=uid)
        stale = current.units.get(key) != _sha256(text)
        if stale:
            yield _write(f"/etc/systemd/system/{unit}", text)
            yield argv("systemctl", "daemon-reload")
        if key not in current.enabled:
            yield argv("systemctl", "enable", unit)
        if key not in current.mounted:
            yield argv("systemctl", "start", unit)


def _told(current: StoresState, conf: str, mountpoints: str, *, user: str, uid: int, home: str) -> Commands:
    listed = ", ".join(f'"{mountpoints}/{key}"' for key in current.stores)
    text = _STORAGE.format(uid=uid, home=home, stores=listed)
    if current.conf != _sha256(text):
        yield _write(conf, text)
        # Podman's service may have read the old file; it is started again by the next request.
        yield script("user_systemctl", user, "try-restart", "podman.service")


def _write(path: str, text: str) -> StringCommand:
    return script("write", path, "644", "root", "root", str(len(text.encode())), stdin=text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
