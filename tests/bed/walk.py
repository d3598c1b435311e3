"""A random walk through what people, kills and accidents do to workspaces. Standard library and core only: it also runs
inside a machine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol

from rockpool import plan
from rockpool.runtimes.podman import Podman
from rockpool.spec import Workspace
from rockpool.step import Steps

NAMES = ("alpha", "beta-2", "gamma", "delta")
WISHES = {"present": plan.present, "stopped": plan.stopped, "absent": plan.absent}
ACCIDENTS = ("end", "pause", "rm", "half an rm", "restart", "reboot")
WHOLE = 1000
"""More acts than any plan has."""

_QUIET = 12
"""How many times more often nothing happens than one accident."""


class Place(Protocol):
    """Where a walk takes place."""

    def survey(self) -> str:
        """Return what `wsctl survey` prints."""
        ...

    def carry_out(self, steps: Steps, acts: int) -> None:
        """Do what steps say, up to so many acts: then whoever does it is killed."""
        ...

    def accident(self, what: str, name: str) -> None:
        """Let something happen to a workspace, if it can."""
        ...


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """The end of a walk: what was wished, and what is still left to do, by name."""

    wishes: dict[str, tuple[str, Workspace]]
    left: dict[str, str]
    told: dict[str, Any]


class Walk:
    """Wishes about a few workspaces, and the place that they are carried out in."""

    def __init__(self, place: Place, seed: int, images: Iterable[str]) -> None:
        self.random, self.place, self.images = Random(seed), place, tuple(images)
        self.wishes = {name: ("absent", Workspace(name=name)) for name in NAMES}

    def go(self) -> None:
        """Wish for something and begin it, to the end or not; now and then there is an accident."""
        name = self.random.choice(NAMES)
        spec = self.wishes[name][1] if self.random.random() < 0.5 else self._spec(name)
        self.wishes[name] = (self.random.choices(("present", "stopped", "absent"), (5, 2, 2))[0], self._known(spec))
        acts = self.random.choice((0, 1, 2, 3, 4, 5, 6, 8, *[WHOLE] * 3))
        self.place.carry_out(self._steps(name), acts)
        accident = self.random.choice((*ACCIDENTS, *[""] * _QUIET))
        if accident:
            self.place.accident(accident, self.random.choice(NAMES))

    def arrive(self, attempts: int = 1) -> Arrived:
        """Carry every wish out whole, in so many attempts."""
        for name, (wish, spec) in self.wishes.items():
            self.wishes[name] = (wish, self._known(spec))
            for _ in range(attempts):
                if steps := self._steps(name):
                    self.place.carry_out(steps, WHOLE)
        left = {name: plan.explain(self._steps(name)) for name in NAMES}
        return Arrived(wishes=self.wishes, left=left, told=json.loads(self.place.survey()))

    def _steps(self, name: str) -> Steps:
        told = self.place.survey()
        wish, spec = self.wishes[name]
        runtime = Podman().surveyed(told)
        return WISHES[wish](spec, runtime.parse(told).get(name), runtime)

    def _spec(self, name: str) -> Workspace:
        pick, told = self.random.choice, json.loads(self.place.survey())
        copies = [f"copy/{other}" for other in sorted(told["homes"]) if other != name]
        data: dict[str, Any] = {
            "name": name,
            "image": pick(self.images),
            "memory": pick(("256m", "512m")),
            "disk": pick(("512m", "1g")),
            "env": pick(({}, {}, {"MODE": "a"})),
            "ports": [{"port": port} for port in self.random.sample((3000, 5173, 9000), pick((0, 1, 2)))],
            "repository": pick(("", "https://git.invalid/tool")),
            "home": pick(("", "", *(f"kept/{kept}" for kept in sorted(told["kept"])), *copies)),
        }
        return Workspace.parse(data)

    def _known(self, spec: Workspace) -> Workspace:
        """Return a spec whose home can be had: the one that it names may be gone by now, and then a new one will do."""
        told = json.loads(self.place.survey())
        return spec if spec.home.partition("/")[2] in {*told["homes"], *told["kept"]} else replace(spec, home="")


def orphans(arrived: Arrived) -> list[str]:
    """Say everything that is there and should not be, or the other way round."""
    wanted = {name: spec for name, (wish, spec) in arrived.wishes.items() if wish != "absent"}
    running = [name for name in wanted if arrived.wishes[name][0] == "present"]
    ports = {name: {f"{name}.{port.port}" for port in spec.ports} for name, spec in wanted.items()}
    told = arrived.told
    containers = {container["name"] for container in told["containers"]}
    users = [home["user"] for home in (*told["homes"].values(), *told["kept"].values())]
    opened = {f"{name}.ide" for name in running}.union(*(ports[name] for name in running))
    faults = {
        "containers": containers & {*NAMES} == {*wanted},
        "homes": {*told["homes"]} & {*NAMES} == {*wanted},
        "routes": {route for route in told["routes"] if route.rpartition(".")[0] in NAMES} == opened,
        "ports": {*told["ports"]} <= set[str]().union(*ports.values()),
        "users": len(users) == len({*users}),
    }
    return [what for what, right in faults.items() if not right]
