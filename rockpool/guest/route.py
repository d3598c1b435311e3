"""`ws-route NAME.PORT`: leads the socket that systemd hands over to one port inside one workspace's container.

It runs as the user that owns the containers, pins the container's first process, has the manager end this unit with the
container, checks whose network it is about to join, joins it, drops every privilege and becomes
systemd-socket-proxyd. When the container ends, so does the proxy, and the next connection finds the next container.
"""

from __future__ import annotations

import fcntl
import os
import select
import stat
import sys

from rockpool.guest import namespace, places, podman
from rockpool.guest.bus import Units

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing this takes longer than all the rest
    from typing import NoReturn

PROXY = "/usr/lib/systemd/systemd-socket-proxyd"


class Refusal(Exception):
    """Why a route does not lead there."""


def main(argv: list[str]) -> NoReturn:
    """Check the name, pin the process, tie this unit to it, look at its network, join it, become the proxy."""
    text = argv[1] if len(argv) == 2 else ""
    try:
        name, port = instance(text)
        container, pidfd = pinned(name)
        number = int(container["Labels"]["rockpool.port"]) if port == places.IDE else int(port)
        tie(text, container["Id"])
        enter(container["Pid"], pidfd)
    except (Refusal, OSError, KeyError, ValueError) as error:
        print(f"ws-route: no way to {text!r}: {error}", file=sys.stderr)
        sys.exit(1)
    become_proxy(number)


def instance(text: str) -> tuple[str, str]:
    """Return the name and the port of `NAME.PORT`. A numbered port must have been registered."""
    if not places.is_route(text):
        raise Refusal("it is not NAME.ide or NAME.PORT")
    name, _, port = text.partition(".")
    if port != places.IDE and not _is_file(f"{places.PORTS}/{text}"):
        raise Refusal(f"port {port} of {name} is not registered")
    return name, port


def _is_file(path: str) -> bool:
    return os.path.lexists(path) and stat.S_ISREG(os.lstat(path).st_mode)


def pinned(name: str) -> tuple[podman.Container, int]:
    """Return the one running container of a workspace and a pidfd that pins its first process.

    Asking before and after pinning makes sure that the pidfd belongs to the container and not to a process that came
    by its number later.
    """
    before = running(name)
    pidfd = os.pidfd_open(before["Pid"])
    after = running(name)
    if (before["Id"], before["Pid"]) != (after["Id"], after["Pid"]):
        raise Refusal(f"the container of {name} changed meanwhile")
    return after, pidfd


def running(name: str) -> podman.Container:
    """Return the one container of the workspace, which runs."""
    container = podman.only(name)
    if container is None or container["State"] not in ("running", "paused") or container["Pid"] < 2:
        raise Refusal(f"no running container of {name}")
    return container


def tie(text: str, container: str) -> None:
    """Have the manager end this unit when the container's own unit ends. It is one already for each container."""
    name = text.replace("-", "_")  # in the name of a slice, a hyphen is a level
    Units().tie(f"tie.{name}.{container[:16]}", f"rockpool-route@{text}.service", f"libpod-{container}.scope")


def enter(pid: int, pidfd: int) -> None:
    """Join the network of a pinned process, if it is a container's of ours.

    What belongs to a number is only sure as long as the pinned process lives: so look first, see that it lives, join
    then. When it ends after that, what is joined is an empty network.
    """
    namespace.join()
    network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    refuse_foreign(network)
    if not alive(pidfd):
        raise Refusal("the container ended meanwhile")
    os.setns(network, os.CLONE_NEWNET)  # type: ignore[attr-defined]  # Python 3.12


def refuse_foreign(network: int) -> None:
    """Refuse a network that is not one of our containers'.

    The owner is the check that matters: the machine's own network belongs to root, and one that a container has made
    for itself to a subordinate id. Seen from inside, the owner of the containers is 0 and root is nobody.
    """
    if os.path.samestat(os.stat("/proc/self/ns/net"), os.fstat(network)):
        raise Refusal("the container uses the machine's own network")
    owner = namespace.owner(fcntl.ioctl(network, namespace.NS_GET_USERNS))
    if owner != 0:
        raise Refusal(f"the container's network belongs to its user {owner}")


def alive(pidfd: int) -> bool:
    """Say whether the pinned process still runs."""
    return not select.select([pidfd], [], [], 0)[0]


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
