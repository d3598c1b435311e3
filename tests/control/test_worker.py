"""Whole workers as real processes: in turn, two at once, hints doubled and lost, ended in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from rockpool.control import queue, workspaces
from rockpool.control.queue import Hint
from rockpool.control.sqs import Sqs
from rockpool.control.tables import ComponentRow, EventRow, WorkspaceRow
from rockpool.execute.machine.until import until
from rockpool.spec import Workspace
from tests.control.world import BY, Stubs, assert_true, is_settled, texts, wish


@pytest.fixture
def stubs(state: Path) -> Iterator[Stubs]:
    world = Stubs(state)
    yield world
    world.store.close()


def create(stubs: Stubs, name: str) -> None:
    spec = Workspace(name=name, runtime="stub", env=(("TOKEN", "geheimnis"),))
    wish(stubs.store, lambda session: workspaces.create(session, spec, BY))


@contextmanager
def workers(stubs: Stubs, number: int = 1) -> Iterator[list[Any]]:
    """Workers that go on until the block ends."""
    processes = [stubs.start(forever=True) for _ in range(number)]
    yield processes
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(15)
        assert process.exitcode == 0


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    for _ in until(seconds):
        if condition():
            return
    pytest.fail(f"not within {seconds:g} s")


def test_fifty_names_in_turn_by_two_workers(stubs: Stubs) -> None:
    for number in range(50):
        create(stubs, f"many-{number}")
    with workers(stubs, 2):
        wait_until(lambda: is_settled(stubs.store))
    assert_true(stubs)
    with stubs.store.reading() as session:
        steps = session.execute(
            select(EventRow.workspace, func.count()).where(EventRow.kind == "step").group_by(EventRow.workspace)
        ).all()
    assert {count for _, count in steps} == {1}  # nobody did twice what the other had done


def test_a_workspace_removed_by_hand_is_an_error_and_never_an_empty_home(stubs: Stubs) -> None:
    create(stubs, "demo")
    assert stubs.run()
    stubs.forget("demo")
    with workers(stubs):
        wait_until(lambda: texts(stubs.store, "error") != [])
    (told,) = texts(stubs.store, "error")
    assert "lost its home" in told
    assert "To mend it" in told
    assert stubs.found().there == {}


def test_steps_are_events_and_no_secret_is_in_any(stubs: Stubs) -> None:
    create(stubs, "demo")
    assert stubs.run()
    assert texts(stubs.store, "step") == ["create workspace demo from image workspace"]
    assert texts(stubs.store, "state") == ["running"]
    with stubs.store.reading() as session:
        assert not [event for event in session.scalars(select(EventRow)) if "geheimnis" in event.text]


def test_it_ends_in_time_and_says_that_it_was_there(stubs: Stubs) -> None:
    with workers(stubs) as (process,):
        wait_until(lambda: component(stubs, "worker") == "ok")
        begin = time.monotonic()
        process.terminate()
        process.join(10)
        assert process.exitcode == 0
        assert time.monotonic() - begin < 10


def component(stubs: Stubs, name: str) -> str:
    with stubs.store.reading() as session:
        row = session.get(ComponentRow, name)
        return row.state if row else ""


def test_hints_may_be_doubled_late_and_poison(stubs: Stubs, elasticmq: str) -> None:
    stubs = Stubs(stubs.settings.state, queue=elasticmq)
    hints = Sqs(elasticmq)
    for body in ("poison", "{}"):
        hints._client.send_message(QueueUrl=hints._queue("workspaces"), MessageBody=body)
    for number in range(10):
        create(stubs, f"many-{number}")
    for generation in (1, 1, 2, 0):
        for number in range(10):
            assert hints.send(Hint(name=f"many-{number}", generation=generation))
    with workers(stubs):
        wait_until(lambda: is_settled(stubs.store))
        wait_until(lambda: poison(hints) == ["poison", "{}"])
        wait_until(lambda: hints.receive(2) == [])
    assert_true(stubs)
    assert poison(hints) == ["poison", "{}"]
    assert component(stubs, "queue") == "ok"
    hints.redrive()
    for received in hints.receive(1):
        hints.delete(received)


def poison(hints: Sqs) -> list[str]:
    """Return the dead letters that are no hints. A hint that nobody took in time is among them on a busy machine."""
    return sorted(letter.body for letter in hints.dead() if queue.parse(letter.body) is None)


def test_a_queue_that_is_away_delays_nothing_but_hints(stubs: Stubs) -> None:
    stubs = Stubs(stubs.settings.state, queue="http://127.0.0.1:1")
    create(stubs, "demo")
    with workers(stubs):
        wait_until(lambda: is_settled(stubs.store) and component(stubs, "queue") == "down")
    assert_true(stubs)


def test_a_killed_workers_row_is_free_at_once(stubs: Stubs) -> None:
    create(stubs, "demo")
    with stubs.store.writing() as session:
        row = session.scalar(select(WorkspaceRow))
        assert row
        row.lease_holder, row.lease_until = "999999999.1.x", row.created_at + 10**9
    assert stubs.run()
    assert_true(stubs)
