#!/usr/bin/python3 -IS
"""`ws-route NAME.PORT`: leads the socket that systemd hands over to one port inside one workspace's container.

It runs as the user that owns the containers, checks whose network it is about to join, joins it, drops every privilege
and becomes systemd-socket-proxyd. A second process waits for the container's end and then ends the proxy, so that the
next connection finds the next container.
"""

from __future__ import annotations

import array
import fcntl
import json
import os
import re
import select
import signal
import socket
import sys
from typing import Any, NoReturn

INSTANCE = re.compile(r"([a-z](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9])\.(ide|[1-9][0-9]{3,4})")
API = "/run/rockpool/podman/podman.sock"
PAUSE = "/run/user/{uid}/libpod/tmp/pause.pid"
PORTS = "/var/lib/rockpool-ws/ports"
PROXY = "/usr/lib/systemd/systemd-socket-proxyd"
NS_GET_USERNS = 0xB701
NS_GET_OWNER_UID = 0xB704


def main(argv: list[str]) -> NoReturn:
    """Check the name, pin the process, look at its network, join it, drop every privilege, become the proxy."""
    name, port = instance(argv[1] if len(argv) == 2 else "")
    try:
        container, pidfd = pinned(name)
        watch(pidfd)
        number = int(container["Labels"]["rockpool.port"]) if port == "ide" else int(port)
        join_users()
        namespace = os.open(f"/proc/{container['Pid']}/ns/net", os.O_RDONLY)
        refuse_foreign(namespace)
        if not alive(pidfd):
            refuse(f"the container of {name} ended meanwhile")
        os.setns(namespace, os.CLONE_NEWNET)  # type: ignore[attr-defined]  # Python 3.12
    except (OSError, KeyError, ValueError) as error:
        refuse(f"no way into the network of {name}: {error!r}")
    become_proxy(number)


def refuse(reason: str) -> NoReturn:
    """Say why on stderr, which is the journal, and end."""
    print(f"ws-route: {reason}", file=sys.stderr)
    sys.exit(1)


def instance(text: str) -> tuple[str, str]:
    """Return the name and the port of `NAME.PORT`. A numbered port must have been registered."""
    match = INSTANCE.fullmatch(text)
    if not match:
        refuse(f"{text!r} is not NAME.ide or NAME.PORT")
    if match[2] != "ide" and not os.path.isfile(f"{PORTS}/{text}"):
        refuse(f"port {match[2]} of {match[1]} is not registered")
    return match[1], match[2]


def pinned(name: str) -> tuple[dict[str, Any], int]:
    """Return the one running container of a workspace and a pidfd that pins its first process.

    Asking before and after pinning makes sure that the pidfd belongs to the container and not to a process that came
    by its number later.
    """
    before = running(name)
    pidfd = os.pidfd_open(before["Pid"])
    after = running(name)
    if (before["Id"], before["Pid"]) != (after["Id"], after["Pid"]):
        refuse(f"the container of {name} changed meanwhile")
    return after, pidfd


def running(name: str) -> dict[str, Any]:
    """Return the one running container that carries the workspace's labels."""
    filters = json.dumps({"label": [f"rockpool.workspace={name}"], "status": ["running"]})
    quoted = "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in filters)
    found = json.loads(get(f"/v5.0.0/libpod/containers/json?filters={quoted}"))
    if len(found) != 1:
        refuse(f"{len(found)} running containers of {name}, expected one")
    container: dict[str, Any] = found[0]
    return container


def get(path: str) -> bytes:
    """Ask Podman's API. HTTP/1.0: the answer ends where the connection does."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(100)  # below the start timeout of the unit
        connection.connect(API)
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: d\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise OSError(f"Podman answered {head[:80]!r}")
    return body


def join_users() -> None:
    """Enter the user namespace of rootless Podman, held open by its pause process, above those of all containers.

    Only from there may a process of ours see what a container's processes are in.
    """
    with open(PAUSE.format(uid=os.getuid()), encoding="ascii") as file:
        pause = int(file.read())
    users = os.open(f"/proc/{pause}/ns/user", os.O_RDONLY)
    if owner_of(users) != os.getuid():
        refuse(f"process {pause} is not in a user namespace of ours")
    os.setns(users, os.CLONE_NEWUSER)  # type: ignore[attr-defined]  # Python 3.12


def refuse_foreign(namespace: int) -> None:
    """Refuse a network that is not one of our containers'.

    The owner is the check that matters: the machine's own network belongs to root, and one that a container has made
    for itself to a subordinate id. Seen from inside, the owner of the containers is 0 and root is nobody.
    """
    if os.path.samestat(os.stat("/proc/self/ns/net"), os.fstat(namespace)):
        refuse("the container uses the machine's own network")
    owner = owner_of(fcntl.ioctl(namespace, NS_GET_USERNS))
    if owner != 0:
        refuse(f"the container's network belongs to its user {owner}")


def owner_of(users: int) -> int:
    """Return the owner of a user namespace, as a user number of the namespace that this process is in."""
    owner = array.array("I", [0])
    fcntl.ioctl(users, NS_GET_OWNER_UID, owner)
    return owner[0]


def alive(pidfd: int) -> bool:
    """Say whether the pinned process still runs."""
    return not select.select([pidfd], [], [], 0)[0]


def watch(pidfd: int) -> None:
    """Leave a process behind that ends this one when the container ends."""
    proxy = os.pidfd_open(os.getpid())
    if os.fork():
        os.close(proxy)
        return
    os.closerange(3, min(pidfd, proxy))
    ended = select.select([pidfd, proxy], [], [])[0]
    if proxy not in ended:
        signal.pidfd_send_signal(proxy, signal.SIGTERM)
    os._exit(0)


def become_proxy(port: int) -> NoReturn:
    """Give up every capability for good and become the proxy to the container's loopback."""
    os.execv(  # noqa: S606  # an argv without a shell
        "/usr/bin/setpriv",
        [
            "setpriv",
            "--securebits=+noroot,+noroot_locked",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--ambient-caps=-all",
            "--no-new-privs",
            PROXY,
            "--connections-max=256",
            "--exit-idle-time=10min",
            f"127.0.0.1:{port}",
        ],
    )


if __name__ == "__main__":
    main(sys.argv)
