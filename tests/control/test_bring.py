"""One row at a time, in this process: what is written on the way, and what comes of faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from rockpool.control import bring, workspaces
from rockpool.control.bring import Bring
from rockpool.control.lease import Held, Leases
from rockpool.control.look import Look
from rockpool.control.states import Status
from rockpool.control.tables import HomeRow, WorkspaceRow
from rockpool.errors import DeadlinePassed, StepFailed
from rockpool.execute.child import Gone
from rockpool.execute.hand import Hand, never
from rockpool.spec import Workspace
from rockpool.step import Step, Steps
from tests.control.world import ACTS, BY, Stubs, assert_true, texts, wish

SPEC = Workspace(name="demo", env=(("TOKEN", "geheimnis"), ("MODE", "a")))


class Told(Hand):
    """Carries out, unless a fault is set; calls `meanwhile` before the first step."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: BaseException | None = None
        self.meanwhile: Callable[[], object] = never
        self.done: list[str] = []

    def carry_out(self, steps: Steps, tell: Callable[[Step, str], None], *, stop: Callable[[], bool]) -> bool:  # type: ignore[override]
        self.meanwhile()
        self.meanwhile = never
        for step in steps:
            tell(step, step.why)
            tell(step, "10 % of geheimnis")
        if self.fault and steps:
            raise self.fault
        self.done += [step.why for step in steps]
        return super().carry_out(steps, lambda *_: None, stop=stop)


class Scene:
    """A worker's parts around a stub world."""

    def __init__(self, stubs: Stubs) -> None:
        self.stubs, self.store, self.hand = stubs, stubs.store, Told()
        self.leases = Leases(self.store, starting=3)
        self.stopping = False
        look = Look(stubs.settings, self.store, self.hand.ask)
        self.bring = Bring(leases=self.leases, look=look, hand=self.hand, stop=lambda: self.stopping)

    def claim(self, *suspects: str) -> Held:
        held = self.leases.claim(suspects)
        assert held
        return held

    def once(self) -> WorkspaceRow:
        self.bring(self.claim())
        return self.row()

    def row(self) -> WorkspaceRow:
        with self.store.reading() as session:
            return session.scalars(select(WorkspaceRow)).one()

    def wish(self, act: str) -> None:
        wish(self.store, lambda session: ACTS[act](session, "workspace"))

    def due(self) -> None:
        """Let the time of the next try come."""
        with self.store.writing() as session:
            session.scalars(select(WorkspaceRow)).one().retry_at = 0


@pytest.fixture
def scene(state: Path) -> Iterator[Scene]:
    stubs = Stubs(state)
    wish(stubs.store, lambda session: workspaces.create(session, SPEC, BY))
    yield Scene(stubs)
    stubs.store.close()


def test_a_restart_is_a_stop_and_a_start_once(scene: Scene) -> None:
    scene.once()
    scene.hand.done.clear()
    scene.wish("restart")
    row = scene.once()
    assert scene.hand.done == ["stop workspace demo", "start workspace demo"]
    assert (row.status, row.observed_generation) == (Status.RUNNING, 2)
    assert scene.leases.claim() is None
    assert_true(scene.stubs)


def test_a_fault_is_told_without_secrets_and_tried_again_ever_later(scene: Scene) -> None:
    scene.hand.fault = StepFailed("cannot make it", why="no room for geheimnis", fix="make room")
    waits = []
    for _ in range(5):
        row = scene.once()
        waits.append(row.retry_at - row.updated_at)
        assert scene.leases.claim() is None  # nobody tries before its time
        scene.due()
    assert row.status == Status.ERROR
    assert row.reason == "cannot make it: no room for <secret>. To mend it: make room"
    assert waits[4] > 100_000
    assert (row.attempts, row.lease_holder, row.observed_generation) == (5, "", 0)
    scene.hand.fault = None
    row = scene.once()
    assert (row.status, row.reason, row.attempts) == (Status.RUNNING, "", 0)


def test_what_does_not_answer_in_time_is_an_error_at_once_and_told_once(scene: Scene) -> None:
    scene.hand.fault = DeadlinePassed("gave up")
    for _ in range(3):
        assert scene.once().status == Status.ERROR
        scene.due()
    assert texts(scene.store, "error") == ["gave up"]


def test_a_fault_of_ours_is_told_and_holds_nothing_up(scene: Scene) -> None:
    scene.hand.fault = ZeroDivisionError("oh")
    row = scene.once()
    assert row.reason == "a fault in Rockpool itself: ZeroDivisionError('oh')"
    assert row.lease_holder == ""


def test_a_spec_that_cannot_be_read_is_told(scene: Scene) -> None:
    with scene.store.writing() as session:
        row = session.scalars(select(WorkspaceRow)).one()
        row.spec = {**row.spec, "cpus": 0}
    row = scene.once()
    assert row.status == Status.ERROR
    assert "cpus" in row.reason


def test_a_new_wish_is_tried_at_once_and_forgets_what_failed(scene: Scene) -> None:
    scene.hand.fault = DeadlinePassed("gave up")
    scene.once()
    scene.hand.fault = None
    scene.wish("start")
    assert scene.once().status == Status.RUNNING


def test_a_wish_that_comes_meanwhile_is_carried_out_by_the_same_holder(scene: Scene) -> None:
    scene.hand.meanwhile = lambda: scene.wish("stop")
    row = scene.once()
    assert (row.status, row.generation, row.observed_generation) == (Status.STOPPED, 2, 2)
    assert texts(scene.store, "state") == ["stopped"]
    assert_true(scene.stubs)


def test_a_delete_that_comes_during_a_create_deletes(scene: Scene) -> None:
    scene.hand.meanwhile = lambda: scene.wish("delete")
    scene.bring(scene.claim())
    assert_true(scene.stubs)
    assert scene.stubs.found().there == {}
    assert texts(scene.store, "state") == ["deleted"]
    (kept,) = scene.stubs.found().runtime.kept
    assert kept.startswith("demo.")
    with scene.store.reading() as session:
        assert session.scalars(select(HomeRow.id)).all() == [kept]


def test_a_delete_that_fails_and_a_newer_purge(scene: Scene) -> None:
    scene.once()
    with scene.store.writing() as session:
        session.scalars(select(WorkspaceRow)).one().created_at -= 2000  # the stub tells the time in seconds
    scene.wish("delete")
    scene.hand.meanwhile = lambda: scene.wish("purge")
    scene.bring(scene.claim())
    assert scene.stubs.found().runtime.kept == ()


def test_a_stale_holder_cannot_commit(scene: Scene) -> None:
    other = Scene(scene.stubs)

    def overtake() -> None:
        with scene.store.writing() as session:
            session.scalars(select(WorkspaceRow)).one().lease_until = 1
        scene.wish("stop")
        assert other.once().status == Status.STOPPED

    scene.hand.meanwhile = overtake
    row = scene.once()
    assert (row.status, row.observed_generation) == (Status.STOPPED, 2)


def test_an_end_that_is_asked_for_leaves_the_row_as_it_is(scene: Scene) -> None:
    scene.stopping = True
    row = scene.once()
    assert (row.lease_holder, row.attempts, row.observed_generation) == ("", 0, 0)


def test_a_step_that_is_ended_leaves_the_row_as_it_is(scene: Scene) -> None:
    scene.hand.fault = Gone()
    row = scene.once()
    assert (row.lease_holder, row.attempts, row.reason) == ("", 0, "")


def test_events_say_steps_and_some_of_their_progress_and_no_secret(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.once()
    assert texts(scene.store, "step") == ["create workspace demo from image workspace"]
    monkeypatch.setattr(bring, "PROGRESS_SECONDS", 0)
    scene.wish("stop")
    scene.once()
    assert texts(scene.store, "step")[1:] == ["stop workspace demo", "10 % of <secret>"]


def test_a_kept_home_is_no_home_of_ours_if_it_is_older(scene: Scene) -> None:
    row = scene.row()
    at = row.created_at * 1_000_000
    assert bring._is_of(f"demo.{at}", row)
    assert not bring._is_of(f"demo.{at - 1_000_000}", row)
    assert not bring._is_of(f"other.{at}", row)
    with scene.store.reading() as session:
        assert session.scalars(select(HomeRow)).all() == []
