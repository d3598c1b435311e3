"""Random walks through what people, kills and reboots do to workspaces: from anywhere, the next whole plan leads there.

The same walk on real machines is `tests/e2e/test_walk.py`.
"""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from rockpool import plan
from rockpool.runtimes.podman import Podman
from rockpool.spec import Workspace
from rockpool.step import Steps
from tests.bed.workspaces import World

NAMES = ("alpha", "beta-2", "gamma", "delta")
STEPS = 200
WISHES = {"present": plan.present, "stopped": plan.stopped, "absent": plan.absent}


class Walk:
    """Wishes about a few workspaces, and the world that they are carried out in."""

    def __init__(self, seed: int) -> None:
        self.random, self.world = Random(seed), World()
        self.wishes = {name: ("absent", Workspace(name=name)) for name in NAMES}

    def steps(self, name: str) -> Steps:
        told = self.world.survey()
        wish, spec = self.wishes[name]
        runtime = Podman().surveyed(told)
        return WISHES[wish](spec, runtime.parse(told).get(name), runtime)

    def go(self) -> None:
        """Wish for something and begin it; now and then the machine loses power or somebody stops a container."""
        name = self.random.choice(NAMES)
        spec = self.wishes[name][1] if self.random.random() < 0.5 else self._spec(name)
        self.wishes[name] = (self.random.choices(("present", "stopped", "absent"), (5, 2, 2))[0], self._known(spec))
        acts = self.random.choice((0, 1, 2, 3, 4, 5, 6, 8, 1000, 1000, 1000))
        self.world.carry_out(self.steps(name), acts)
        if self.random.random() < 0.05:
            self.world.reboot()
        self._meddle(self.random.choice(NAMES))

    def _spec(self, name: str) -> Workspace:
        pick = self.random.choice
        source = pick(("", "", *(f"kept/{kept}" for kept in self.world.kept), *self._copies(name)))
        data: dict[str, Any] = {
            "name": name,
            "image": pick(("workspace", "workspace", "quay.io/team/tool:1")),
            "memory": pick(("4g", "8g")),
            "disk": pick(("16g", "32g")),
            "env": pick(({}, {}, {"MODE": "a"})),
            "ports": [{"port": port} for port in self.random.sample((3000, 5173, 9000), pick((0, 1, 2)))],
            "repository": pick(("", "https://git.example/tool")),
            "home": source if name not in self.world.homes else "",
        }
        return Workspace.parse(data)

    def _copies(self, name: str) -> list[str]:
        return [f"copy/{other}" for other in self.world.homes if other != name]

    def _meddle(self, name: str) -> None:
        container = self.world.containers.get(name)
        event = self.random.choice(("end", "pause", "rm", "half an rm", "restart", *[""] * 10))
        if event == "rm":
            self.world.containers.pop(name, None)
        elif container and container["state"] == "running" and event in ("end", "pause"):
            container["state"] = {"end": "exited", "pause": "paused"}[event]
        elif container and event == "half an rm":
            container["state"] = "removing"
        elif container and event == "restart":
            container["restart"] = "no"

    def arrive(self) -> None:
        """Carry every wish out whole."""
        for name, (wish, spec) in self.wishes.items():
            self.wishes[name] = (wish, self._known(spec))
            self.world.carry_out(self.steps(name))

    def _known(self, spec: Workspace) -> Workspace:
        """Return a spec whose home can be had: the one that it names may be gone by now, and then a new one will do."""
        known = spec.home.partition("/")[2] in {*self.world.homes, *self.world.kept}
        return spec if known else replace(spec, home="")


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_ends_where_nothing_is_left_to_do(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.go()
    walk.arrive()
    assert {name: plan.explain(walk.steps(name)) for name in NAMES} == dict.fromkeys(NAMES, "nothing to do")
    assert_nothing_is_orphaned(walk)


def assert_nothing_is_orphaned(walk: Walk) -> None:
    """Hold that what is there is what was wished for, and not a route more."""
    world, wanted = walk.world, {name: spec for name, (wish, spec) in walk.wishes.items() if wish != "absent"}
    assert set(world.containers) == set(world.homes) == set(wanted)
    ports = {name: {f"{name}.{port.port}" for port in spec.ports} for name, spec in wanted.items()}
    running = [name for name in wanted if walk.wishes[name][0] == "present"]
    assert world.opened == {f"{name}.ide" for name in running}.union(*(ports[name] for name in running))
    assert world.registered <= set().union(*ports.values())
    users = [home["user"] for home in (*world.homes.values(), *world.kept.values())]
    assert len(users) == len(set(users))


def test_a_walk_meets_every_kind_of_wish_and_home() -> None:
    walk = Walk(0)
    met = set()
    for _ in range(STEPS):
        walk.go()
        met |= {(wish, spec.home.partition("/")[0]) for wish, spec in walk.wishes.values()}
    assert met >= {("present", "copy"), ("present", "kept"), ("stopped", ""), ("absent", "")}
