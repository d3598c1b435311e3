"""Random walks through a world in memory: from anywhere, the next whole plan leads to what is wished.

The same walk on real machines is `tests/e2e/test_walk.py`.
"""

import pytest

from tests.bed.walk import NAMES, Walk, orphans
from tests.bed.workspaces import World

STEPS = 200
IMAGES = ("workspace", "workspace", "quay.io/team/tool:1")


@pytest.mark.parametrize("seed", range(5))
def test_a_walk_ends_where_nothing_is_left_to_do(seed: int) -> None:
    walk = Walk(World(), seed, IMAGES)
    for _ in range(STEPS):
        walk.go()
    arrived = walk.arrive()
    assert arrived.left == dict.fromkeys(NAMES, "nothing to do")
    assert orphans(arrived) == []


def test_a_walk_meets_every_kind_of_wish_and_home() -> None:
    walk, met = Walk(World(), 0, IMAGES), set()
    for _ in range(STEPS):
        walk.go()
        met |= {(wish, spec.home.partition("/")[0]) for wish, spec in walk.wishes.values()}
    assert met >= {("present", "copy"), ("present", "kept"), ("stopped", ""), ("absent", "")}


def test_what_is_left_over_shows() -> None:
    world = World()
    world.opened.add("gamma.ide")
    world.registered.add("gamma.3000")
    world.homes["delta"] = {"user": 5001, "disk": 0, "cloned": False}
    arrived = Walk(world, 0, IMAGES).arrive()
    assert orphans(arrived) == []
    world.opened.add("gamma.ide")
    world.registered.add("gamma.3000")
    world.homes["delta"] = {"user": 5001, "disk": 0, "cloned": False}
    arrived.told.update(homes=world.homes, routes=["gamma.ide"], ports=["gamma.3000"])
    assert orphans(arrived) == ["homes", "routes", "ports", "users"]
