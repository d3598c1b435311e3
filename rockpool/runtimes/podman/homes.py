"""Homes, quotas and routes of workspaces as verbs of wsctl."""

from __future__ import annotations

from collections.abc import Iterable

from rockpool import names
from rockpool.current import WorkspaceCurrent
from rockpool.spec import Workspace
from rockpool.step import Run

ANSWER_SECONDS = 190
"""How long a workspace may take to answer: a little more than wsctl itself waits."""

_COPY_SECONDS = 600  # a reflink copy of 1 GiB in 20,000 files took 17 s


def verbs(*said: str, why: str, seconds: float = 120, fix: str = "") -> Run:
    """Return a step that says verbs in turn, on one connection."""
    return Run(argv=(names.WSCTL, *said), why=why, seconds=seconds, fix=fix)


def make(spec: Workspace, user: int) -> Run:
    """Return the step that makes a home that is not there yet: new, from one that was kept, or copied."""
    what, _, source = spec.home.partition("/")
    end = f"{spec.name} {user} {spec.disk}"
    if what == "copy":
        return verbs(
            f"home copy {source} {end}", why=f"copy the home of {source} to {spec.name}", seconds=_COPY_SECONDS
        )
    if what == "kept":
        why = f"give {spec.name} the home that was set aside as {source}"
        return verbs(f"home restore {source} {end}", why=why, seconds=_COPY_SECONDS)
    return verbs(f"home create {end}", why=f"make the home of {spec.name}")


def limit(spec: Workspace) -> str:
    """Return the verb that limits home and layer together."""
    return f"quota {spec.name} {spec.disk}"


def opened(spec: Workspace) -> tuple[str, ...]:
    """Return the verbs that open every route of a workspace."""
    ports = (names.IDE_PORT_NAME, *(str(port.port) for port in spec.ports))
    return tuple(f"route start {names.route(spec.name, port)}" for port in ports)


def closed(spec: Workspace, routes: Iterable[str]) -> tuple[str, ...]:
    """Return the verbs that close routes; what is registered stays so."""
    return tuple(f"route stop {names.route(spec.name, port)}" for port in sorted(routes))


def missing(spec: Workspace, current: WorkspaceCurrent) -> tuple[str, ...]:
    """Return the verbs that open what is wanted and closed, or not registered."""
    there = {*map(str, current.ports), names.IDE_PORT_NAME} & current.routes
    return tuple(verb for verb in opened(spec) if verb.rpartition(".")[2] not in there)


def unwanted(spec: Workspace, current: WorkspaceCurrent | None) -> tuple[str, ...]:
    """Return the verbs that forget ports that nobody wants any more."""
    return _forgotten(spec, (known(current) if current else set()) - {port.port for port in spec.ports})


def removed(spec: Workspace, current: WorkspaceCurrent) -> tuple[str, ...]:
    """Return the verbs after which no route is left and the home is set aside."""
    gone = (f"route remove {names.route(spec.name, names.IDE_PORT_NAME)}", *_forgotten(spec, known(current)))
    return (*gone, f"home keep {spec.name}") if current.home else gone


def known(current: WorkspaceCurrent) -> set[int]:
    """Return the numbers of ports that are registered or open."""
    return set(current.ports) | {int(route) for route in current.routes if route.isdigit()}


def _forgotten(spec: Workspace, ports: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"route remove {names.route(spec.name, str(port))}" for port in sorted(ports))
