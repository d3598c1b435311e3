"""One look serves all who ask before it begins, and is never older than the question."""

from __future__ import annotations

import threading
from pathlib import Path

from rockpool.control.look import Look
from rockpool.control.numbers import Numbers
from rockpool.control.store import Store
from rockpool.control.tables import SurveyRow
from rockpool.current import State, WorkspaceCurrent
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub
from rockpool.spec import Workspace
from rockpool.step import Run
from tests.control.world import Stubs


class Slow:
    """A survey that waits to be let go."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.count = 0

    def __call__(self, _: Run) -> str:
        self.count += 1
        self.begun.release()
        assert self.go.acquire(timeout=20)
        return ""


def test_who_asks_during_a_look_shares_the_next(state: Path, store: Store) -> None:
    slow = Slow()
    look = Look(Stubs(state).settings, store, slow)
    first = threading.Thread(target=look)
    first.start()
    assert slow.begun.acquire(timeout=20)
    others = [threading.Thread(target=look) for _ in range(5)]
    for other in others:
        other.start()
    slow.go.release(10)
    for thread in (first, *others):
        thread.join(20)
        assert not thread.is_alive()
    assert 2 <= slow.count <= 3  # one may have come too late to share
    look()
    assert slow.count >= 3


def test_what_a_survey_said_is_kept_for_the_api(state: Path, store: Store) -> None:
    Look(Stubs(state).settings, store, lambda _: '{"kept": "demo.1795258200000000000"}\n')()
    with store.reading() as session:
        kept = session.get(SurveyRow, "stub")
    assert kept
    assert "demo" in kept.stdout


def test_two_that_are_made_at_once_get_numbers_of_their_own() -> None:
    numbers, runtime = Numbers(), Podman(users={"old": 5001})
    one, two = Workspace(name="one"), Workspace(name="two")
    users = [numbers.promise(runtime, spec, None) for spec in (one, two, one)]
    assert [knowing.user(spec, None) for knowing, spec in zip(users, (one, two, one), strict=True)] == [
        5002,
        5003,
        5002,
    ]  # type: ignore[union-attr]
    numbers.forget("one")
    again = numbers.promise(runtime, Workspace(name="three"), None)
    assert isinstance(again, Podman)
    assert again.user(Workspace(name="three"), None) == 5002


def test_one_that_has_a_number_keeps_it() -> None:
    runtime, there = Podman(users={"one": 5007}), WorkspaceCurrent(state=State.STOPPED, home=True, user=5007)
    assert Numbers().promise(runtime, Workspace(name="one"), there) is runtime
    stub = Stub(directory="/x")
    assert Numbers().promise(stub, Workspace(name="one"), None) is stub
