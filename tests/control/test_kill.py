"""A worker that is killed at any boundary of any plan: the next one ends in the same place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from rockpool.control import workspaces
from rockpool.spec import Workspace
from tests.control.world import BY, Stubs, assert_true, wish


@pytest.fixture
def stubs(state: Path) -> Iterator[Stubs]:
    world = Stubs(state)
    yield world
    world.store.close()


def create(session: Session) -> object:
    return workspaces.create(session, Workspace(name="demo", runtime="stub"), BY)


ACTS: dict[str, Callable[[Session], object]] = {
    "create": create,
    "stop": lambda session: workspaces.stop(session, "demo", BY),
    "start": lambda session: workspaces.start(session, "demo", BY),
    "restart": lambda session: workspaces.restart(session, "demo", BY),
    "clone": lambda session: workspaces.clone(session, "demo", "copy", BY),
    "delete": lambda session: workspaces.delete(session, "demo", BY),
}
BEFORE = {"create": [], "stop": ["create"], "start": ["create", "stop"]}


@pytest.mark.proof
@pytest.mark.parametrize("act", ACTS)
def test_killed_at_every_boundary(stubs: Stubs, act: str) -> None:
    kills = 0
    for kill_at in range(1, 100):
        for before in BEFORE.get(act, ["create"]):
            wish(stubs.store, ACTS[before])
            assert stubs.run()
        wish(stubs.store, ACTS[act])
        survived = stubs.run(kill_at)
        assert stubs.run()
        assert_true(stubs)
        if survived:
            break
        kills += 1
        for name in stubs.found().there:
            wish(stubs.store, lambda session, name=name: workspaces.delete(session, name, BY))  # type: ignore[misc]
        assert stubs.run()
    assert kills >= 6
