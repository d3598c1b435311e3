"""What a sweep finds: rows that disagree, things without a row, homes that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from rockpool.control import adopt, record, workspaces
from rockpool.control.look import Found, Look
from rockpool.control.record import Image
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.sweep import Sweep
from rockpool.control.tables import ComponentRow, HomeRow, ImageRow, WorkspaceRow
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import StepFailed
from rockpool.execute.hand import Hand
from rockpool.runtimes.base import Change
from rockpool.runtimes.stub import Stub
from rockpool.spec import Workspace
from rockpool.step import Run
from tests.control.world import BY, Stubs, texts, wish


@pytest.fixture
def stubs(state: Path) -> Iterator[Stubs]:
    world = Stubs(state)
    yield world
    world.store.close()


def sweep(stubs: Stubs) -> set[str]:
    return Sweep(store=stubs.store, look=Look(stubs.settings, stubs.store, Hand().ask), runtime="stub")()


def component(store: Store, name: str) -> ComponentRow:
    with store.reading() as session:
        found = session.get(ComponentRow, name)
    assert found
    return found


def rows(store: Store) -> dict[str, WorkspaceRow]:
    with store.reading() as session:
        return {row.name: row for row in session.scalars(select(WorkspaceRow))}


def make(stubs: Stubs, name: str) -> None:
    wish(stubs.store, lambda session: workspaces.create(session, Workspace(name=name, runtime="stub"), BY))
    assert stubs.pass_through()


def test_only_rows_that_disagree_are_suspected(stubs: Stubs) -> None:
    for name in ("good", "lost", "off"):
        make(stubs, name)
    assert sweep(stubs) == set()
    stubs.forget("lost")
    path = stubs.settings.stub / "off.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "state": "stopped"}) + "\n")
    assert sweep(stubs) == {"lost", "off"}
    assert stubs.pass_through()
    assert {name: row.status for name, row in rows(stubs.store).items()} == {
        "good": Status.RUNNING,
        "lost": Status.ERROR,
        "off": Status.RUNNING,
    }
    assert sweep(stubs) == set()  # the one in error waits for its time


def test_a_new_database_adopts_what_is_ours_on_or_off(stubs: Stubs, tmp_path: Path) -> None:
    make(stubs, "runs")
    make(stubs, "rests")
    wish(stubs.store, lambda session: workspaces.stop(session, "rests", BY))
    assert stubs.pass_through()
    with stubs.store.writing() as session:
        for row in session.scalars(select(WorkspaceRow)):
            session.delete(row)
        for seen in session.scalars(select(ComponentRow)):
            session.delete(seen)
    assert stubs.pass_through()
    found = rows(stubs.store)
    assert {name: (row.desired, row.status, row.made) for name, row in found.items()} == {
        "runs": (Desired.RUNNING, Status.RUNNING, True),
        "rests": (Desired.STOPPED, Status.STOPPED, True),
    }
    assert texts(stubs.store, "note", "runs") == ["found as running and adopted, its environment unknown"]


def test_later_a_thing_without_a_row_is_reported_and_never_touched(stubs: Stubs) -> None:
    make(stubs, "demo")
    sweep(stubs)
    with stubs.store.writing() as session:
        session.delete(session.scalars(select(WorkspaceRow)).one())
    assert stubs.pass_through()
    assert rows(stubs.store) == {}
    told = component(stubs.store, "workspaces")
    assert (told.state, told.detail) == ("degraded", "running of workspace demo, which nobody has wished for")
    assert set(stubs.found().there) == {"demo"}


FOREIGN = WorkspaceCurrent(state=State.STOPPED, foreign="container ws-x without our labels")
MADE_OTHERWISE = WorkspaceCurrent(state=State.STOPPED, home=True, spec=Workspace(name="env"), made_as="other")
HOME = WorkspaceCurrent(state=State.INCOMPLETE, home=True)
ROUTES = WorkspaceCurrent(state=State.INCOMPLETE, routes=frozenset({"ide"}))


class Picky(Stub):
    """Makes another container for another environment, as Podman does."""

    def change(self, spec: Workspace, current: WorkspaceCurrent) -> Change:  # noqa: ARG002  # the Protocol's
        return Change(steps=(Run(argv=("x",), why="x"),), anew=True) if current.made_as == "other" else Change()


def test_what_is_foreign_or_not_to_be_known_is_not_adopted(store: Store) -> None:
    there = {"x-x": FOREIGN, "env": MADE_OTHERWISE, "home": HOME, "routes": ROUTES, "api": HOME}
    adopt.strangers(store, Found(at=0, runtime=Picky(directory="/x"), there=there))
    assert set(rows(store)) == {"home"}
    detail = component(store, "workspaces").detail
    assert FOREIGN.foreign in detail
    assert all(f"workspace {name}," in detail for name in ("env", "routes", "api"))


def test_a_survey_that_fails_is_told_as_a_part_that_is_down(stubs: Stubs) -> None:
    def fail(_: Run) -> str:
        raise StepFailed("Podman is away")

    with pytest.raises(StepFailed):
        Sweep(store=stubs.store, look=Look(stubs.settings, stubs.store, fail), runtime="stub")()
    assert (component(stubs.store, "stub").state, component(stubs.store, "stub").detail) == ("down", "Podman is away")
    assert component(stubs.store, "worker").state == "ok"


def test_kept_homes_are_listed_until_they_are_gone(store: Store) -> None:
    kept = "demo.1795258200000000000"
    record.homes(store, [kept], 1795258200000)
    with store.writing() as session:
        home = session.scalars(select(HomeRow)).one()
        assert (home.id, home.workspace, home.kept_at) == (kept, "demo", 1795258200000)
        assert home.purge_at - home.kept_at == 7 * 86_400_000
        home.purge = True
    record.homes(store, [kept], 1795258201000)  # the wish stays
    assert record.unwanted_homes(store) == [kept]
    record.homes(store, [], 1795258200000)  # seen before it was kept
    assert record.unwanted_homes(store) == [kept]
    record.homes(store, [], 1795258202000)
    assert record.unwanted_homes(store) == []


def test_images_are_the_ones_that_are_there(store: Store) -> None:
    old, new = (Image(name=name, digest="d", size=1, created_at=2) for name in ("old", "new"))
    record.images(store, [old, new])
    record.images(store, [new])
    with store.reading() as session:
        assert [image.name for image in session.scalars(select(ImageRow))] == ["new"]
