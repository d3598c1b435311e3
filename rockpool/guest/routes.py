"""Routes: opened, closed, waited for, and opened again after a boot. A file beside its socket says that one is open."""

from __future__ import annotations

import os
import select
import stat
import time

from rockpool.guest import places
from rockpool.guest.bus import Units
from rockpool.guest.failure import Failure
from rockpool.guest.homes import touch, unlink
from rockpool.guest.http import ask

ANSWERS_WITHIN = 180.0
"""Seconds until an application has to serve HTTP behind its route. The caller's own deadline is shorter or equal."""

_units: list[Units] = []


def units() -> Units:
    """Return the connection to the manager that all verbs of this process share."""
    if not _units:
        _units.append(Units())
    return _units[0]


def start(*routes: str) -> None:
    """Register ports and open their routes."""
    for route in routes:
        if not route.endswith(f".{places.IDE}"):
            touch(f"{places.PORTS}/{route}")
    listening = _listening()
    # What was removed by hand has left a service or a unit behind that would refuse the new socket.
    if gone := [route for route in routes if route not in listening or not _has_socket(route)]:
        _close(*gone)
    units().start(*(f"rockpool-route@{route}.socket" for route in routes))
    for route in routes:
        touch(f"{places.ROUTES}/{route}")


def stop(route: str) -> None:
    """Close a route and end its connections. A port stays registered."""
    unlink(f"{places.ROUTES}/{route}")
    _close(route)


def remove(route: str) -> None:
    """Close a route and forget its port."""
    stop(route)
    unlink(f"{places.PORTS}/{route}")


def wait(route: str) -> None:
    """Return as soon as something serves HTTP behind a route. Any answer but a server's fault counts."""
    deadline = time.monotonic() + ANSWERS_WITHIN
    told = "nothing answered"
    while time.monotonic() < deadline:
        try:
            status = ask(f"{places.ROUTES}/{route}.sock", "/healthz", whole=False)[0]
            if status < 500:
                return
            told = f"it answers {status}"
        except OSError as error:
            told = str(error)
        if caller_left(0.1):
            break
    raise Failure(f"nothing serves HTTP behind route {route} after {ANSWERS_WITHIN:g} s: {told}")


def caller_left(seconds: float) -> bool:
    """Pause that long, or until the connection on stdin is gone."""
    poll = select.poll()
    poll.register(0, 0)  # a hang-up is told without being asked for
    return bool(poll.poll(seconds * 1000))


def opened() -> list[str]:
    """Return the routes that are open."""
    return sorted(route for route in _listening() if _is_marked(route))


def registered() -> list[str]:
    """Return the ports that are registered, as NAME.N."""
    return sorted(entry for entry in os.listdir(places.PORTS) if places.is_route(entry))


def restore(names: list[str]) -> None:
    """Clear what a killed manager has left of its routes, then open all that these workspaces have."""
    listening = set(_listening())
    for entry in os.listdir(places.ROUTES):
        if entry.removesuffix(".sock") not in listening:
            os.unlink(f"{places.ROUTES}/{entry}")
    wanted = {f"{name}.{places.IDE}" for name in names}
    wanted |= {port for port in registered() if port.partition(".")[0] in names}
    if wanted:
        start(*sorted(wanted))


def _listening() -> list[str]:
    found = units().listening("rockpool-route@*.socket")
    return [unit.removeprefix("rockpool-route@").removesuffix(".socket") for unit in found]


def _close(*routes: str) -> None:
    units().stop(*(f"rockpool-route@{route}.{kind}" for route in routes for kind in ("socket", "service")))


def _is_marked(route: str) -> bool:
    """Say whether a route has both of its files."""
    marker = f"{places.ROUTES}/{route}"
    return os.path.lexists(marker) and stat.S_ISREG(os.lstat(marker).st_mode) and _has_socket(route)


def _has_socket(route: str) -> bool:
    path = f"{places.ROUTES}/{route}.sock"
    return os.path.lexists(path) and stat.S_ISSOCK(os.lstat(path).st_mode)
