"""A worker that is killed at any boundary of any plan: the next one ends in the same place.

Quick: in this process, where a kill is an exception that nobody catches. As a proof: real processes and SIGKILL.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rockpool.control import states, workspaces
from rockpool.control.states import Act, Status
from rockpool.control.tables import WorkspaceRow
from rockpool.spec import Workspace
from tests.control.world import ACTS, BY, Pass, Stubs, assert_true, killed_everywhere, wish


@pytest.fixture
def stubs(state: Path) -> Iterator[Stubs]:
    world = Stubs(state)
    yield world
    world.store.close()


def create(session: Session, name: str = "demo") -> object:
    return workspaces.create(session, Workspace(name=name, runtime="stub"), BY)


@pytest.mark.parametrize("act", ["create", "delete"])
def test_a_pass_that_is_killed_anywhere_ends_in_the_same_place(stubs: Stubs, act: str) -> None:
    assert killed_everywhere(stubs, act, stubs.pass_through) >= 6


@pytest.mark.proof
@pytest.mark.parametrize("act", ACTS)
def test_a_worker_that_is_killed_anywhere_is_followed_by_another(stubs: Stubs, act: str) -> None:
    assert killed_everywhere(stubs, act, stubs.run) >= 6


WORDS = ("one", "two", "three", "four")


def some_act(session: Session, by_chance: random.Random) -> None:
    """Do one thing that the state table allows, or that happens by itself."""
    name = by_chance.choice(WORDS)
    row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.name == name))
    if row is None:
        create(session, name)
        return
    act = by_chance.choice(states.allowed(Status(row.status)))
    match act:
        case Act.CLONE:
            free = [
                word for word in WORDS if session.scalar(select(WorkspaceRow).where(WorkspaceRow.name == word)) is None
            ]
            if free and row.status != Status.CREATING and row.made:
                workspaces.clone(session, name, free[0], BY)
        case Act.CHANGE:
            image = by_chance.choice(("workspace", "other"))
            workspaces.put(session, Workspace(name=name, runtime="stub", image=image), BY)
        case Act.PORTS:
            workspaces.add_port(session, name, by_chance.randint(2000, 2003), "", BY)
        case _:
            getattr(workspaces, act)(session, name, BY)


def walk(stubs: Stubs, seed: int, steps: int, run: Pass) -> None:
    by_chance = random.Random(seed)
    for _ in range(steps):
        wish(stubs.store, lambda session: some_act(session, by_chance))
        if by_chance.random() < 0.5:
            run(by_chance.randint(1, 12))
    assert run(0)
    assert_true(stubs)


@pytest.mark.parametrize("seed", range(2))
def test_a_random_walk_ends_as_wished(stubs: Stubs, seed: int) -> None:
    walk(stubs, seed, 60, stubs.pass_through)


@pytest.mark.proof
def test_a_long_random_walk_ends_as_wished(stubs: Stubs) -> None:
    walk(stubs, 20261121, 300, stubs.run)
